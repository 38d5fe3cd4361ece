namespace FiberLink.EventStore.Projections;

/// <summary>How the daemon works; the defaults suit a service node.</summary>
public sealed record ProjectionDaemonOptions
{
    public const int ShardsMax = 64;

    /// <summary>
    /// How many shards a projection's streams are split over, by its name; 1 for those not named. More than one needs
    /// <see cref="IProjection.IsByStream"/>. All nodes must say the same: a node that says otherwise stands by until no other
    /// node runs the projection, and then brings the old shards to one position and splits anew.
    /// </summary>
    public IReadOnlyDictionary<string, int> Shards { get; init; } = new Dictionary<string, int>();

    /// <summary>How many events are read and shown at once: 1 to 10,000.</summary>
    public int PageEvents { get; init; } = 500;

    /// <summary>How many pages of events are kept in memory for the shards and followers that come to the same place: at least 1.</summary>
    public int PagesKept { get; init; } = 16;

    /// <summary>How often the log is looked at when nobody wakes the daemon.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often the nodes look at each other: what a dead one ran is taken over within this time.</summary>
    public TimeSpan SpreadInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    internal ProjectionDaemonOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(PageEvents, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(PageEvents, EventStoreLimits.LogPageMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(PagesKept, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(PollInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(SpreadInterval, TimeSpan.Zero);
        foreach (var (projection, count) in Shards)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(count, 1, projection);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(count, ShardsMax, projection);
        }

        return this;
    }
}
