namespace FiberLink.HubNode;

/// <summary>How far an invoice has come, in the node's words.</summary>
public enum HubInvoiceStatus
{
    /// <summary>Nobody has paid yet.</summary>
    Open = 1,

    /// <summary>Cancelled by us. Not final: a payment under way may still make it <see cref="Paid"/>.</summary>
    Cancelled = 2,

    /// <summary>Past its time, computed by the node when asked. Not final either.</summary>
    Expired = 3,

    /// <summary>A payment has arrived and is held; it isn't ours yet.</summary>
    Received = 4,

    /// <summary>The money is ours. The only status to credit on, and it stays.</summary>
    Paid = 5,
}

/// <summary>An invoice to be made by the node.</summary>
/// <param name="Amount">In the asset's smallest unit (shannon for CKB); more than zero, as anything pays an invoice of zero.</param>
/// <param name="Currency">The network; the node refuses another than its own.</param>
/// <param name="Preimage">The caller's secret, so that the payment hash is known beforehand and asking twice makes one invoice.</param>
/// <param name="HashAlgorithm">How the payment hash is made from it.</param>
/// <param name="Expiry">From creation on; whole seconds, at least one.</param>
/// <param name="UdtTypeScript">The token asked for; none for CKB.</param>
/// <param name="Description">Shown by wallets; at most <see cref="DescriptionBytesMax"/> bytes of UTF-8.</param>
public sealed record NewInvoice(
    UInt128 Amount,
    FiberCurrency Currency,
    Preimage Preimage,
    InvoiceHashAlgorithm HashAlgorithm,
    TimeSpan Expiry,
    UdtScript? UdtTypeScript,
    string? Description)
{
    /// <summary>The node's own limit, in bytes of UTF-8.</summary>
    public const int DescriptionBytesMax = 639;
}

/// <summary>An invoice as the node tells of it, untouched: whether it is the one asked for is the caller's to compare.</summary>
/// <param name="PaymentHash">What the node says the hash is.</param>
/// <param name="Invoice">The text to pay.</param>
/// <param name="Amount">In the smallest unit; null when the invoice leaves it open. What was really received the node doesn't tell.</param>
/// <param name="Currency">The network.</param>
/// <param name="UdtScript">The token; null for CKB.</param>
/// <param name="Status">Null where the node doesn't tell, as when it only parses.</param>
/// <param name="HashAlgorithm">How preimage and hash belong together.</param>
/// <param name="CreatedAt">By the node's clock, to the millisecond.</param>
/// <param name="Expiry">From <paramref name="CreatedAt"/> on; null for an invoice that never expires.</param>
public sealed record HubInvoice(
    PaymentHash PaymentHash,
    string Invoice,
    UInt128? Amount,
    FiberCurrency Currency,
    UdtScript? UdtScript,
    HubInvoiceStatus? Status,
    InvoiceHashAlgorithm HashAlgorithm,
    DateTimeOffset CreatedAt,
    TimeSpan? Expiry);
