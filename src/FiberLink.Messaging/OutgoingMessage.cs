namespace FiberLink.Messaging;

/// <summary>A message that is handled once the change that carries it has committed, and not at all if it has not.</summary>
/// <param name="Id">Made from what the message is about, so that asking twice sends once.</param>
/// <param name="Name">Its stored name, such as <c>issue-invoice.v1</c>.</param>
/// <param name="Tenant">The community.</param>
/// <param name="Body">Strict JSON.</param>
/// <param name="DueAt">Not handled before.</param>
/// <param name="CorrelationId">The request that set everything off.</param>
/// <param name="TraceParent">W3C trace context, so that the handling joins the trace.</param>
public sealed record OutgoingMessage(
    Guid Id, string Name, string Tenant, string Body, DateTimeOffset DueAt, string? CorrelationId, string? TraceParent) : MessageRow
{
    /// <summary>
    /// Messages of the tenant with the same key are handled one after the other, in the order of their commits; null when the order does
    /// not matter. A stream's id, or any text of at most <see cref="KeyLengthMax"/> characters.
    /// </summary>
    public string? OrderingKey { get; init; }

    /// <summary>The longest key: an index must hold it.</summary>
    public const int KeyLengthMax = 255;
}
