using System.Diagnostics.CodeAnalysis;

namespace FiberLink.HubNode.Invoices;

/// <summary>A part of an invoice, or why it cannot be read.</summary>
internal readonly struct Either<T>
    where T : class
{
    private readonly T? _value;
    private readonly InvoiceReading.Refused? _refusal;

    private Either(T? value, InvoiceReading.Refused? refusal) => (_value, _refusal) = (value, refusal);

    public static implicit operator Either<T>(T value) => new(value, null);

    public static implicit operator Either<T>(InvoiceReading.Refused refusal) => new(null, refusal);

    public bool Is([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out InvoiceReading.Refused? refusal)
    {
        (value, refusal) = (_value, _refusal);
        return value is not null;
    }
}
