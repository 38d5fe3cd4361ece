using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace FiberLink.HubNode.Invoices;

/// <summary>What an invoice says, whoever signs it. Two are equal when they say the same in the same order.</summary>
/// <param name="Currency">The network.</param>
/// <param name="Amount">In the asset's smallest unit; null when the payer is to choose.</param>
/// <param name="CreatedAt">To the millisecond, from 1970 on.</param>
/// <param name="PaymentHash">What it is known by.</param>
/// <param name="Attributes">In the order they are written, at most one of each kind.</param>
public sealed record InvoiceContents(
    FiberCurrency Currency,
    UInt128? Amount,
    DateTimeOffset CreatedAt,
    PaymentHash PaymentHash,
    ImmutableArray<InvoiceAttribute> Attributes)
{
    /// <summary>The attribute of a kind; null if there is none.</summary>
    [SuppressMessage("Design", "CA1004", Justification = "The kind is what is asked for.")]
    public T? Find<T>()
        where T : InvoiceAttribute => Attributes.OfType<T>().FirstOrDefault();

    public bool Equals(InvoiceContents? other) =>
        other is not null && Currency == other.Currency && Amount == other.Amount && CreatedAt == other.CreatedAt
        && PaymentHash == other.PaymentHash && Attributes.AsSpan().SequenceEqual(other.Attributes.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Currency, Amount, CreatedAt, PaymentHash, Attributes.Length);
}
