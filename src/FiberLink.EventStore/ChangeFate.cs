namespace FiberLink.EventStore;

/// <summary>What became of a change.</summary>
/// <param name="IsCommitted">Whether it is in the log. If not, it never will be.</param>
/// <param name="LastPosition">The position of its last event; null when it has none, or is not in the log.</param>
/// <param name="EventCount">How many events it has in the log.</param>
public sealed record ChangeFate(bool IsCommitted, long? LastPosition, int EventCount)
{
    public static ChangeFate NeverCommitted { get; } = new(false, null, 0);
}
