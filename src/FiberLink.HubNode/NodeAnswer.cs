namespace FiberLink.HubNode;

/// <summary>
/// What came of a call to the node. A failure is a value and not an exception, because every caller must decide what it means for the
/// money: above all <see cref="NodeFailure.NoAnswer"/>, after which nobody knows whether the call took effect.
/// </summary>
public abstract record NodeAnswer<T>
{
    private NodeAnswer()
    {
    }

    /// <summary>The node answered, and the answer could be read whole.</summary>
    public sealed record Ok(T Value) : NodeAnswer<T>;

    /// <summary>There is no value.</summary>
    /// <param name="Failure">Why: decide by this.</param>
    /// <param name="Detail">For people and logs only; it holds no secret. Never decide by it.</param>
    public sealed record Failed(NodeFailure Failure, string Detail) : NodeAnswer<T>;

    internal T? ValueOrDefault() => this is Ok ok ? ok.Value : default;
}

/// <summary>Why a call to the node has no value.</summary>
public enum NodeFailure
{
    /// <summary>Nothing was sent: the node cannot be reached, or our own calls in flight are too many. Nothing has changed.</summary>
    Unreachable = 1,

    /// <summary>Sent, and no usable answer came back (in time). The call may or may not have taken effect: ask before acting.</summary>
    NoAnswer = 2,

    /// <summary>The node wants another token, or doesn't know the method: it gives the same answer to both.</summary>
    Unauthorized = 3,

    /// <summary>The request is wrong in itself; repeating it unchanged is no use. Nothing has changed.</summary>
    InvalidRequest = 4,

    /// <summary>The node has no invoice with this payment hash.</summary>
    InvoiceNotFound = 5,

    /// <summary>The node has an invoice with this payment hash already.</summary>
    InvoiceAlreadyExists = 6,

    /// <summary>The invoice is paid, so it cannot be cancelled.</summary>
    InvoiceAlreadyPaid = 7,

    /// <summary>The invoice is cancelled already. It may still be paid by a payment that was under way.</summary>
    InvoiceAlreadyCancelled = 8,

    /// <summary>The currency asked for is not the one of the node's chain.</summary>
    WrongNetwork = 9,

    /// <summary>The node refused for a reason that we have no name for; the detail has its words.</summary>
    Rejected = 10,

    /// <summary>The node has not answered several calls in a row, and was not asked. Nothing was sent, nothing has changed.</summary>
    CircuitOpen = 11,

    /// <summary>The node is not the one whose public key is expected. Nothing was sent to it but the question who it is.</summary>
    WrongNode = 12,

    /// <summary>The node refuses this method, and is too old to have it. Nothing has changed.</summary>
    NotOffered = 13,

    /// <summary>The node has no payment with this hash. Soon after a call without an answer that is no proof: ask again later.</summary>
    PaymentNotFound = 14,

    /// <summary>The invoice has not been paid yet, so there is nothing to settle.</summary>
    InvoiceStillOpen = 15,

    /// <summary>The invoice is past its time and nothing is held for it, so there is nothing to settle.</summary>
    InvoiceAlreadyExpired = 16,

    /// <summary>The preimage does not belong to the invoice.</summary>
    PreimageMismatch = 17,

    /// <summary>
    /// The node has no such channel: there never was one, its opening was given up, or it is closed. Before its funding is submitted the
    /// node keeps an opening in memory alone, and forgets it when it is started again, or after five minutes.
    /// </summary>
    ChannelNotFound = 18,

    /// <summary>The node has the signed funding of this channel already.</summary>
    FundingAlreadySubmitted = 19,
}
