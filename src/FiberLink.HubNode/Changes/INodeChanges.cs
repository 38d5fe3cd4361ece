namespace FiberLink.HubNode.Changes;

/// <summary>
/// What the node says about its changes as they happen. A hint, and never more: the node repeats nothing, loses some, and can fall silent
/// with the connection whole. Whoever hears of a change asks for the invoice or payment itself; whoever hears nothing asks all the same.
/// </summary>
public interface INodeChanges
{
    /// <summary>
    /// Changes and marks, without end: the connection is made and made anew as needed. A slow reader costs the node nothing and us a
    /// bounded amount of memory; what it is too slow for is dropped and marked.
    /// </summary>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="OperationCanceledException">By the caller's wish alone.</exception>
    IAsyncEnumerable<NodeChange> WatchAsync(CancellationToken ct);
}

/// <summary>One thing heard from the node, or about hearing from it.</summary>
public abstract record NodeChange
{
    private NodeChange()
    {
    }

    /// <summary>From here on changes are told. Anything may have been missed before: look at all that is open.</summary>
    public sealed record Connected : NodeChange;

    /// <summary>No changes are told until the next <see cref="Connected"/>.</summary>
    /// <param name="Reason">For people and logs.</param>
    public sealed record Disconnected(string Reason) : NodeChange;

    /// <summary>The node tells nobody (its <c>pubsub</c> module is off), or not us (the token). It is asked again rarely.</summary>
    /// <param name="Reason">For people and logs.</param>
    public sealed record NotOffered(string Reason) : NodeChange;

    /// <summary>Changes came faster than they were taken, and some were dropped: look at all that is open.</summary>
    public sealed record Missed : NodeChange;

    /// <summary>An invoice was made, received, paid or cancelled. Expiry is not told.</summary>
    public sealed record InvoiceChanged(PaymentHash PaymentHash, HubInvoiceStatus Status) : NodeChange;

    /// <summary>An outgoing payment was created, got on or failed.</summary>
    public sealed record PaymentChanged(PaymentHash PaymentHash, HubPaymentStatus Status) : NodeChange;
}
