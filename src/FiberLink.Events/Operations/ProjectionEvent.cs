namespace FiberLink.Events.Operations;

/// <summary>What an operator has decided about an async projection or a subscription.</summary>
public abstract record ProjectionEvent
{
    private ProjectionEvent()
    {
    }

    /// <param name="Projection">Which.</param>
    /// <param name="By">Who.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="PausedAt">When.</param>
    public sealed record Paused(string Projection, string By, string Reason, DateTimeOffset PausedAt) : ProjectionEvent;

    public sealed record Resumed(string Projection, string By, DateTimeOffset ResumedAt) : ProjectionEvent;

    /// <summary>It leaves out an event that it cannot show, for good.</summary>
    /// <param name="Projection">Which.</param>
    /// <param name="Position">The event's.</param>
    /// <param name="EventId">The event.</param>
    /// <param name="By">Who.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="SkippedAt">When.</param>
    public sealed record EventSkipped(
        string Projection, long Position, Guid EventId, string By, string Reason, DateTimeOffset SkippedAt) : ProjectionEvent;

    /// <summary>A subscription's shard is given again what comes after a position.</summary>
    /// <param name="Projection">Which.</param>
    /// <param name="Shard"><c>All</c>, or <c>2of4</c>.</param>
    /// <param name="To">The position.</param>
    /// <param name="By">Who.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="ResetAt">When.</param>
    public sealed record ShardReset(string Projection, string Shard, long To, string By, string Reason, DateTimeOffset ResetAt)
        : ProjectionEvent;
}
