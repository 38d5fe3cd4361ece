namespace FiberLink.HubNode;

/// <summary>How far an outgoing payment has come, in the node's words.</summary>
public enum HubPaymentStatus
{
    /// <summary>Accepted; the first hop may have it already.</summary>
    Created = 1,

    /// <summary>Under way. A payee may leave it so for days, and there is no cancelling.</summary>
    Inflight = 2,

    /// <summary>The payee has it, and the fee is final.</summary>
    Success = 3,

    /// <summary>It did not come about. Final for a payment of one part; one of several parts may have parts that still arrive.</summary>
    Failed = 4,
}

/// <summary>A payment to be sent.</summary>
/// <param name="Invoice">The text, after it was decoded and checked: a node of version 0.8 can be brought down by a crafted one.</param>
/// <param name="PaymentHash">Decoded from it, and persisted. It must be the invoice's, or nothing is sent.</param>
/// <param name="Amount">In smallest units. It must be the invoice's, where that has one; else it is the payer's to choose.</param>
/// <param name="FeeMax">The most that may be paid on top, in the same units.</param>
/// <param name="Timeout">How long the node may try, in whole seconds. Version 0.8 takes it and does not keep to it.</param>
public sealed record PaymentRequest(string Invoice, PaymentHash PaymentHash, UInt128 Amount, UInt128 FeeMax, TimeSpan Timeout);

/// <summary>A payment as the node tells of it.</summary>
/// <param name="PaymentHash">What it is known by.</param>
/// <param name="Status">How far it has come.</param>
/// <param name="Fee">In smallest units: an estimate until it has succeeded.</param>
/// <param name="CreatedAt">By the node's clock.</param>
/// <param name="LastUpdatedAt">Of its last final change.</param>
/// <param name="Failure">Why it failed; null unless it did.</param>
/// <param name="IsMultiPart">It was sent in parts.</param>
public sealed record HubPayment(
    PaymentHash PaymentHash,
    HubPaymentStatus Status,
    UInt128 Fee,
    DateTimeOffset CreatedAt,
    DateTimeOffset LastUpdatedAt,
    PaymentFailure? Failure,
    bool IsMultiPart);

/// <summary>Payments in the order of their hashes, which is not that of time.</summary>
/// <param name="Payments">One page.</param>
/// <param name="Next">Where the next page begins; null when this was the last.</param>
public sealed record PaymentPage(IReadOnlyList<HubPayment> Payments, PaymentHash? Next);

/// <summary>Which kind of failure a text of the node's means. It advises; what to do follows from the payment's status.</summary>
public enum PaymentFailureKind
{
    /// <summary>No way was found or one broke: once this one is <see cref="HubPaymentStatus.Failed"/>, a later one may succeed.</summary>
    TransientRoute = 1,

    /// <summary>Our channels hold less than is needed.</summary>
    NeedsLiquidity = 2,

    /// <summary>A way exists, but costs more than was allowed.</summary>
    NeedsHigherFee = 3,

    /// <summary>This invoice will never be paid so.</summary>
    PermanentForInvoice = 4,

    /// <summary>No failure: the node has a payment with this hash already.</summary>
    AlreadyExists = 5,

    /// <summary>A text that we don't know.</summary>
    Unknown = 6,
}

/// <param name="Kind">Which kind.</param>
/// <param name="Text">The node's words, shortened; for people and logs.</param>
public sealed record PaymentFailure(PaymentFailureKind Kind, string Text);
