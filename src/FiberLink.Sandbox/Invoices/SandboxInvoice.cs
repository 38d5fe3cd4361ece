using FiberLink.HubNode;
using FiberLink.Sandbox.Channels;

namespace FiberLink.Sandbox.Invoices;

/// <summary>One invoice as the node keeps it.</summary>
internal sealed record SandboxInvoice
{
    public required PaymentHash PaymentHash { get; init; }

    public required string Address { get; init; }

    public required UInt128 Amount { get; init; }

    public required FiberCurrency Currency { get; init; }

    /// <summary>In milliseconds since 1970.</summary>
    public required long Timestamp { get; init; }

    /// <summary>One byte for each five-bit group, as the node writes it.</summary>
    public required string Signature { get; init; }

    public string? Description { get; init; }

    /// <summary>In seconds from the timestamp on; null never expires.</summary>
    public ulong? ExpirySeconds { get; init; }

    public string? FallbackAddress { get; init; }

    public required ulong FinalExpiryDelta { get; init; }

    public bool AllowsMultiPart { get; init; }

    public bool AllowsTrampoline { get; init; }

    public string? PaymentSecret { get; init; }

    public UdtScript? UdtScript { get; init; }

    /// <summary>As asked for; null where nothing was asked for, which means ckb_hash.</summary>
    public InvoiceHashAlgorithm? HashAlgorithm { get; init; }

    /// <summary>The node has no preimage, so a payment waits until somebody brings it.</summary>
    public bool IsHold { get; init; }

    /// <summary>Open, Received, Cancelled or Paid. Expired is never stored.</summary>
    public HubInvoiceStatus StoredStatus { get; init; } = HubInvoiceStatus.Open;

    /// <summary>Treated as past its time, whatever the clock says.</summary>
    public bool IsExpiredByControl { get; init; }

    /// <summary>What holds the payment, or held it until it was paid; null before one has arrived, and after one was given back.</summary>
    public SandboxTlc? Tlc { get; init; }

    /// <summary>What the node tells at this moment.</summary>
    public HubInvoiceStatus StatusAt(DateTimeOffset now) =>
        StoredStatus == HubInvoiceStatus.Open && (IsExpiredByControl || IsPastItsTime(now))
            ? HubInvoiceStatus.Expired
            : StoredStatus;

    // Any 64-bit number of seconds is allowed, and the sum must not overflow.
    private bool IsPastItsTime(DateTimeOffset now) =>
        ExpirySeconds is { } seconds && (Int128)now.ToUnixTimeMilliseconds() >= Timestamp + ((Int128)seconds * 1000);
}
