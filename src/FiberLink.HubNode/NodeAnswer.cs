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
}
