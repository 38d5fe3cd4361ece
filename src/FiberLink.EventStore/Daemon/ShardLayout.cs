using FiberLink.EventStore.Projections;

namespace FiberLink.EventStore.Daemon;

/// <summary>Which shards a consumer is split into, and how another split takes the place of the present one.</summary>
/// <remarks>
/// Positions cannot be carried over from one split to another while the shards stand at different ones. So whoever brings the new
/// split holds the locks of all old shards, brings those that are behind to the position of the foremost, and replaces all in one
/// transaction. While any of them runs elsewhere, the new shards stand by.
/// </remarks>
internal sealed class ShardLayout(ILogConsumer consumer, int count, LogPages pages, TimeProvider time)
{
    /// <summary>All its shards, in order.</summary>
    public IReadOnlyList<ShardName> Shards { get; } = ShardName.AllOf(consumer.Name, count);

    /// <summary>Where a shard stands, whose lock the session holds.</summary>
    /// <exception cref="ProjectionLayoutException">Other shards are in its place, and run or are not whole.</exception>
    /// <exception cref="ProjectionFailedException">An old shard cannot be brought forward.</exception>
    public async Task<long> OpenAsync(DaemonSession session, ShardName shard, CancellationToken ct)
    {
        var kept = await ReadAsync(session, ct);
        if (!IsOurs(kept))
        {
            await ReplaceAsync(session, kept, ct);
            kept = await ReadAsync(session, ct);
        }

        return IsOurs(kept) ? kept[shard] : throw Refusal(kept, "another node is about to change it as well.");
    }

    private async Task ReplaceAsync(DaemonSession session, IReadOnlyDictionary<ShardName, long> kept, CancellationToken ct)
    {
        if (!kept.Keys.ToHashSet().SetEquals(ShardName.AllOf(consumer.Name, kept.Keys.First().Part.Count)))
        {
            throw Refusal(kept, "that is not all of one split; put its rows in mt_event_progression in order by hand.");
        }

        var isFree = await session.WithAllAsync(
            [.. kept.Keys.Select(s => s.Lock)],
            async () =>
            {
                var still = await ReadAsync(session, ct);
                if (kept.Keys.ToHashSet().SetEquals(still.Keys))
                {
                    await ShardProgress.ReplaceAsync(session, consumer.Name, Shards, await LevelAsync(session, still, ct), ct);
                }
            },
            ct);
        if (!isFree)
        {
            throw Refusal(kept, "some of it still runs.");
        }
    }

    /// <returns>The one position at which all stand.</returns>
    private async Task<long> LevelAsync(DaemonSession session, IReadOnlyDictionary<ShardName, long> kept, CancellationToken ct)
    {
        var level = kept.Values.Max();
        foreach (var (shard, position) in kept)
        {
            var writer = new ShardWriter(shard, consumer, pages, time);
            for (var at = position; at < level;)
            {
                var to = await writer.StepAsync(session, at, level, ct);
                at = to > at ? to : throw Refusal(kept, $"the log ends before position {level}, where one of them stands.");
            }
        }

        return level;
    }

    private Task<IReadOnlyDictionary<ShardName, long>> ReadAsync(DaemonSession session, CancellationToken ct) =>
        ShardProgress.OpenAsync(session, consumer.Name, Shards, consumer.Start, ct);

    private bool IsOurs(IReadOnlyDictionary<ShardName, long> kept) => kept.Count == Shards.Count && Shards.All(kept.ContainsKey);

    private ProjectionLayoutException Refusal(IReadOnlyDictionary<ShardName, long> kept, string obstacle) =>
        new(
            consumer.Name,
            string.Join(", ", Shards.Select(s => s.Label)),
            string.Join(", ", kept.Keys.Select(s => s.Label).Order(StringComparer.Ordinal)),
            obstacle);
}
