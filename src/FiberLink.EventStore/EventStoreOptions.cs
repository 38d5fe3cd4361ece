namespace FiberLink.EventStore;

/// <summary>How the log on PostgreSQL works. The defaults suit a service; each is a limit.</summary>
public sealed record EventStoreOptions
{
    /// <summary>Changes in one transaction.</summary>
    public int GroupChangesMax { get; init; } = 256;

    /// <summary>Events in one transaction, unless one change has more.</summary>
    public int GroupEventsMax { get; init; } = 2_000;

    /// <summary>Bytes of bodies in one transaction, unless one change has more.</summary>
    public int GroupBytesMax { get; init; } = 4 << 20;

    /// <summary>Changes that wait or are written; whoever comes then waits for room before his change is taken.</summary>
    public int WaitingChangesMax { get; init; } = 4_096;

    /// <summary>
    /// How long the database is asked what became of a group whose answer was lost, before the callers are told that it is unknown.
    /// </summary>
    public TimeSpan SettlePatience { get; init; } = TimeSpan.FromSeconds(15);
}
