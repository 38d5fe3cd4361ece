namespace FiberLink.HubNode.Invoices;

/// <summary>
/// The invoice that was asked for, or that one is willing to pay. Every invoice is held against one before money moves: a node doesn't
/// check the network it pays on, and says only what the invoice says.
/// </summary>
public sealed record InvoiceExpectation
{
    /// <summary>The network.</summary>
    public required FiberCurrency Currency { get; init; }

    /// <summary>In the asset's smallest unit. Null for any, but one there must be, and more than zero.</summary>
    public required UInt128? Amount { get; init; }

    /// <summary>The token; null for CKB.</summary>
    public required UdtScript? UdtScript { get; init; }

    /// <summary>Null for any.</summary>
    public PaymentHash? PaymentHash { get; init; }

    /// <summary>Null for any.</summary>
    public InvoiceHashAlgorithm? HashAlgorithm { get; init; }

    /// <summary>How long from its making it should be payable; null for any time.</summary>
    public TimeSpan? Expiry { get; init; }

    /// <summary>How long it must still be payable; null where it doesn't matter, as for one that was asked for long ago.</summary>
    public TimeSpan? TimeLeftMin { get; init; }

    /// <summary>Who should be paid; null for anybody.</summary>
    public PublicKey? Payee { get; init; }

    /// <summary>Who must not be paid: the own node, which cannot pay itself.</summary>
    public PublicKey? NotPayee { get; init; }

    /// <summary>
    /// Whether it may be payable in parts. A payee who takes one part and lets the rest fail keeps it, while the payment has failed.
    /// </summary>
    public bool AllowsMpp { get; init; }

    /// <summary>What speaks against an invoice; nothing does when the list is empty.</summary>
    public IReadOnlyList<InvoiceDifference> DifferencesOf(FiberInvoice invoice, DateTimeOffset now) =>
    [
        .. InvoiceDifference.Unless("currency", Currency, invoice.Currency),
        .. DifferencesOfAmount(invoice),
        .. DifferencesOfAsset(invoice.UdtScript),
        .. PaymentHash is { } hash ? InvoiceDifference.Unless("payment_hash", hash, invoice.PaymentHash) : [],
        .. HashAlgorithm is { } algorithm ? InvoiceDifference.Unless("hash_algorithm", algorithm, invoice.HashAlgorithm) : [],
        .. DifferencesOfTime(invoice, now),
        .. DifferencesOfPayee(invoice.Payee),
        .. DifferencesOfFeatures(invoice),
    ];

    /// <summary>
    /// What speaks against what a node answered: its text is read, and has to say what the node says it does, and what was expected.
    /// </summary>
    public IReadOnlyList<InvoiceDifference> DifferencesOf(HubInvoice answer, DateTimeOffset now) =>
        InvoiceCodec.Decode(answer.Invoice) switch
        {
            InvoiceReading.Refused refused => [new("invoice_address", refused.Detail)],
            InvoiceReading.Decoded { Invoice: var invoice } =>
                [.. AnswerAgainstText.DifferencesOf(answer, invoice), .. DifferencesOf(invoice, now)],
            var reading => throw new ArgumentOutOfRangeException(nameof(answer), reading, "No such reading."),
        };

    private IEnumerable<InvoiceDifference> DifferencesOfAmount(FiberInvoice invoice)
    {
        if (invoice.Amount is not { } amount || amount == 0)
        {
            yield return new("amount", $"The invoice names {(invoice.Amount is null ? "no amount" : "zero")}, so anything pays it.");
        }
        else if (Amount is { } expected && amount != expected)
        {
            yield return new("amount", $"The invoice is over {amount}, not {expected}.");
        }
        else if (invoice.UdtScript is null && amount > ulong.MaxValue)
        {
            yield return new("amount", $"The invoice is over {amount} shannon, more than there can be.");
        }
    }

    private IEnumerable<InvoiceDifference> DifferencesOfAsset(UdtScript? script)
    {
        if (script != UdtScript)
        {
            yield return new("udt_script", (UdtScript, script) switch
            {
                (null, _) => "The invoice is over a token, not over CKB.",
                (_, null) => "The invoice is over CKB, not over the token.",
                _ => "The invoice is over another token.",
            });
        }
    }

    private IEnumerable<InvoiceDifference> DifferencesOfTime(FiberInvoice invoice, DateTimeOffset now)
    {
        if (Expiry is { } expiry && invoice.Expiry != expiry)
        {
            yield return new(
                "expiry_time", $"The invoice can be paid {(invoice.Expiry is { } other ? $"for {other}" : "for ever")}, not for {expiry}.");
        }

        if (TimeLeftMin is { } least && invoice.ExpiresAt is { } end && end - now < least)
        {
            yield return new(
                "expiry_time", $"The invoice can be paid until {end:O}; at {now:O} that is {(end <= now ? "past" : $"less than {least}")}.");
        }
    }

    private IEnumerable<InvoiceDifference> DifferencesOfPayee(PublicKey? payee)
    {
        if (payee is null)
        {
            yield return new("payee_public_key", "The invoice names no payee; nodes don't pay the one who signed instead.");
        }
        else if (Payee is { } expected && payee != expected)
        {
            yield return new("payee_public_key", $"The invoice is to pay {payee}, not {expected}.");
        }
        else if (payee == NotPayee)
        {
            yield return new("payee_public_key", "The invoice is to pay the node that would pay it.");
        }
    }

    private IEnumerable<InvoiceDifference> DifferencesOfFeatures(FiberInvoice invoice)
    {
        if (invoice.AllowsMpp && !AllowsMpp)
        {
            yield return new("feature", "The invoice may be paid in parts, which isn't wanted.");
        }

        if (invoice.Features?.DemandsTheUnknown ?? false)
        {
            yield return new("feature", $"The invoice demands a feature that is unknown here, in {invoice.Features}.");
        }
    }
}
