using System.Globalization;

namespace FiberLink.HubNode.Invoices;

/// <summary>What stands before the last <c>1</c> of an invoice: the network and, in digits, the amount.</summary>
internal sealed record InvoicePrefix(FiberCurrency Currency, UInt128? Amount)
{
    private const int NetworkLength = 4;

    public static Either<InvoicePrefix> Read(string text)
    {
        if (CurrencyOf(text.AsSpan(0, Math.Min(NetworkLength, text.Length))) is not { } currency)
        {
            return new InvoiceReading.Refused(
                InvoiceRefusal.UnknownNetwork, "The text doesn't start with fibb, fibt or fibd, so it is no invoice of a Fiber network.");
        }

        var digits = text.AsSpan(NetworkLength);
        if (digits.IsEmpty)
        {
            return new InvoicePrefix(currency, null);
        }

        if (digits.ContainsAnyExceptInRange('0', '9'))
        {
            return new InvoiceReading.Refused(
                InvoiceRefusal.AmountNotDigits, "The invoice's amount has something else than digits; there are no multipliers.");
        }

        if (digits is ['0', _, ..])
        {
            return new InvoiceReading.Refused(InvoiceRefusal.AmountWithLeadingZeros, "The invoice's amount starts with a zero.");
        }

        return UInt128.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var amount)
            ? new InvoicePrefix(currency, amount)
            : new InvoiceReading.Refused(InvoiceRefusal.AmountTooLarge, "The invoice's amount is 2^128 or more.");
    }

    /// <exception cref="ArgumentOutOfRangeException">There is no such network.</exception>
    public string Write() => string.Create(CultureInfo.InvariantCulture, $"{NameOf(Currency)}{Amount}");

    private static FiberCurrency? CurrencyOf(ReadOnlySpan<char> name) => name switch
    {
        "fibb" => FiberCurrency.Fibb,
        "fibt" => FiberCurrency.Fibt,
        "fibd" => FiberCurrency.Fibd,
        _ => null,
    };

    private static string NameOf(FiberCurrency currency) => currency switch
    {
        FiberCurrency.Fibb => "fibb",
        FiberCurrency.Fibt => "fibt",
        FiberCurrency.Fibd => "fibd",
        _ => throw new ArgumentOutOfRangeException(nameof(currency), currency, "No such network."),
    };
}
