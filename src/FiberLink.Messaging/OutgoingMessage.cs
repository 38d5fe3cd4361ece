namespace FiberLink.Messaging;

/// <summary>A message that is handled once the change that carries it has committed, and not at all if it has not.</summary>
/// <remarks>What is too long for its place is an <see cref="ArgumentException"/> that names the part and its bound.</remarks>
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
    /// <summary>The longest key: an index must hold it.</summary>
    public const int KeyLengthMax = 255;

    /// <summary>The largest body, in bytes of UTF-8. What is larger belongs elsewhere, and its place into the message.</summary>
    public const int BodyBytesMax = 1 << 20;

    public string Name { get; init => field = Bounds.Text(value, Bounds.NameLengthMax, nameof(Name)); } =
        Bounds.Text(Name, Bounds.NameLengthMax, nameof(Name));

    public string Tenant { get; init => field = Bounds.Text(value, Bounds.TenantLengthMax, nameof(Tenant)); } =
        Bounds.Text(Tenant, Bounds.TenantLengthMax, nameof(Tenant));

    public string Body { get; init => field = Bounds.Bytes(value, BodyBytesMax, nameof(Body)); } =
        Bounds.Bytes(Body, BodyBytesMax, nameof(Body));

    public string? CorrelationId
    {
        get;
        init => field = Bounds.TextOrNone(value, Bounds.CorrelationLengthMax, nameof(CorrelationId));
    } = Bounds.TextOrNone(CorrelationId, Bounds.CorrelationLengthMax, nameof(CorrelationId));

    // No message fails for its trace: one that is too long is none that could be joined.
    public string? TraceParent { get; init => field = Kept(value); } = Kept(TraceParent);

    /// <summary>
    /// Messages of the tenant with the same key are handled one after the other, in the order of their commits; null when the order does
    /// not matter. A stream's id, or any text of at most <see cref="KeyLengthMax"/> characters.
    /// </summary>
    public string? OrderingKey { get; init => field = Bounds.TextOrNone(value, KeyLengthMax, nameof(OrderingKey)); }

    /// <summary>
    /// Not handled from then on: it is finished as expired, counted and kept on record for a while. Null when it is always worth handling.
    /// </summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    private static string? Kept(string? traceParent) => traceParent?.Length > Bounds.TraceParentLengthMax ? null : traceParent;
}
