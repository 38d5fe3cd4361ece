namespace FiberLink.HubNode.Invoices;

/// <summary>
/// A whole invoice whose signature holds. There is no other way to one than reading it (<see cref="InvoiceCodec.Decode"/>) or signing it
/// (<see cref="InvoiceKey.Sign"/>). Whether it should be paid, or is the one asked for, is for <see cref="InvoiceExpectation"/>.
/// </summary>
public sealed record FiberInvoice
{
    internal FiberInvoice(InvoiceContents contents, RecoverableSignature signature, PublicKey signer) =>
        (Contents, Signature, Signer) = (contents, signature, signer);

    /// <summary>What was signed.</summary>
    public InvoiceContents Contents { get; }

    public RecoverableSignature Signature { get; }

    /// <summary>Whose signature it is: recovered from it, and the same as <see cref="Payee"/> where the invoice names one.</summary>
    public PublicKey Signer { get; }

    /// <summary>The network.</summary>
    public FiberCurrency Currency => Contents.Currency;

    /// <summary>In the asset's smallest unit; null when the payer is to choose.</summary>
    public UInt128? Amount => Contents.Amount;

    public PaymentHash PaymentHash => Contents.PaymentHash;

    public DateTimeOffset CreatedAt => Contents.CreatedAt;

    public string? Description => Contents.Find<InvoiceAttribute.Description>()?.Text;

    /// <summary>From <see cref="CreatedAt"/> on; null if it never expires. Longer than a duration can hold is the longest one.</summary>
    public TimeSpan? Expiry => Contents.Find<InvoiceAttribute.ExpiryTime>() is { Seconds: var seconds }
        ? seconds <= (ulong)(TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerSecond)
            ? TimeSpan.FromTicks((long)seconds * TimeSpan.TicksPerSecond)
            : TimeSpan.MaxValue
        : null;

    /// <summary>Null if it never expires, or not before the year 10000.</summary>
    public DateTimeOffset? ExpiresAt =>
        Expiry is { } expiry && expiry <= DateTimeOffset.MaxValue - CreatedAt ? CreatedAt + expiry : null;

    /// <summary>How preimage and hash belong together; CKB's hash where nothing is said.</summary>
    public InvoiceHashAlgorithm HashAlgorithm =>
        Contents.Find<InvoiceAttribute.HashAlgorithm>()?.Algorithm ?? InvoiceHashAlgorithm.CkbHash;

    /// <summary>The token; null for CKB.</summary>
    public UdtScript? UdtScript => Contents.Find<InvoiceAttribute.Udt>()?.Script;

    /// <summary>Who is to be paid; null where the invoice leaves it to the signature, which no node pays.</summary>
    public PublicKey? Payee => Contents.Find<InvoiceAttribute.PayeePublicKey>()?.Key;

    /// <summary>How long the last hop's lock must still run when the payment arrives; null if nothing is said.</summary>
    public TimeSpan? FinalExpiryDelta => Contents.Find<InvoiceAttribute.FinalHtlcMinimumExpiryDelta>() is { Milliseconds: var ms }
        ? ms <= (ulong)(TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMillisecond)
            ? TimeSpan.FromTicks((long)ms * TimeSpan.TicksPerMillisecond)
            : TimeSpan.MaxValue
        : null;

    public string? FallbackAddress => Contents.Find<InvoiceAttribute.FallbackAddress>()?.Text;

    /// <summary>What the payee's node can do and wants done; null if nothing is said.</summary>
    public InvoiceFeatures? Features => Contents.Find<InvoiceAttribute.Feature>()?.Features;

    /// <summary>A payment may come in several parts.</summary>
    public bool AllowsMpp => Features?.AllowsMpp ?? false;

    /// <summary>A payer may leave finding the way to nodes on it.</summary>
    public bool AllowsTrampolineRouting => Features?.AllowsTrampolineRouting ?? false;
}
