namespace FiberLink.Events.Withdrawals;

public enum DestinationKind
{
    /// <summary>A cell on CKB.</summary>
    CkbAddress = 1,

    /// <summary>A Fiber invoice.</summary>
    PaymentRequest = 2,

    /// <summary>The Fiber invoice of a tip of this hub: a member of it is credited, and no node pays anything.</summary>
    TipInvoice = 3,
}

/// <summary>Where a withdrawal goes.</summary>
/// <param name="Kind">Over which rail.</param>
/// <param name="Text">The address as it is written in full, or the invoice as it came.</param>
/// <param name="PaymentHash">The invoice's: 0x and 64 lower-case hex digits; null for an address.</param>
/// <param name="ExpiresAt">Until when the invoice can be paid; null for an address, and for an invoice that never expires.</param>
public sealed record Destination(DestinationKind Kind, string Text, string? PaymentHash, DateTimeOffset? ExpiresAt);
