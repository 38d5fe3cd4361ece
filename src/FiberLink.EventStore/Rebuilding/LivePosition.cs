using FiberLink.EventStore.Daemon;
using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Rebuilding;

/// <summary>
/// What the live tables show: an inline read model everything up to the log's head, an async one of each part of the streams what
/// the daemon says.
/// </summary>
/// <param name="Head">The log's head.</param>
/// <param name="Parts">Up to where each part of the streams is shown; none when nothing ever was.</param>
internal sealed record LivePosition(long Head, IReadOnlyList<(StreamShard Part, long Position)> Parts)
{
    private const string HeadSql = "select position from event_store.log_head";

    private const string PartsSql =
        $"select name, last_seq_id from event_store.mt_event_progression where {ShardProgress.IsShard}";

    private const string HoldHead = "select from event_store.log_head for update";

    private const string HoldParts =
        $"select from event_store.mt_event_progression where {ShardProgress.IsShard} order by name for update";

    private const string MoveParts =
        $"update event_store.mt_event_progression set last_seq_id = $2, last_updated = now() where {ShardProgress.IsShard}";

    /// <summary>Everything up to here is shown.</summary>
    public long Least => Parts.Count == 0 ? 0 : Parts.Min(p => p.Position);

    /// <summary>Nothing behind this is shown.</summary>
    public long Most => Parts.Count == 0 ? 0 : Parts.Max(p => p.Position);

    /// <summary>Whether the live tables show an event.</summary>
    public bool Shows(RecordedEvent @event) => Parts.Any(p => @event.Position <= p.Position && p.Part.Has(@event.Stream));

    /// <summary>Adds what holds it until the transaction ends: no append, or no page of the daemon, comes between.</summary>
    public static void AddHold(NpgsqlBatch batch, ReadModel model)
    {
        if (model.Lifecycle is ProjectionLifecycle.Inline)
        {
            batch.Add(HoldHead);
            return;
        }

        // A daemon that splits the streams anew would put other rows in the place of those that are held.
        var name = model.Projection.Name;
        ShardProgress.AddLayoutLock(batch, name);
        ShardProgress.AddBegin(batch, name, ShardName.AllOf(name, 1), 0);
        batch.Add(HoldParts, new NpgsqlParameter { Value = name });
    }

    public static async Task<LivePosition> ReadAsync(UnitOfWork work, ReadModel model, CancellationToken ct)
    {
        await using var batch = work.Batch();
        batch.Add(HeadSql);
        if (model.Lifecycle is ProjectionLifecycle.Async)
        {
            batch.Add(PartsSql, new NpgsqlParameter { Value = model.Projection.Name });
        }

        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        var head = reader.GetInt64(0);
        if (model.Lifecycle is ProjectionLifecycle.Inline)
        {
            return new(head, [(StreamShard.All, head)]);
        }

        await reader.NextResultAsync(ct);
        var parts = new List<(StreamShard, long)>();
        while (await reader.ReadAsync(ct))
        {
            parts.Add((ShardName.OfRow(model.Projection.Name, reader.GetString(0))!.Value.Part, reader.GetInt64(1)));
        }

        return new(head, parts);
    }

    /// <summary>Adds the daemon's jump to where the new tables are; it notices that its position moved.</summary>
    public static void AddJump(NpgsqlBatch batch, ReadModel model, long to)
    {
        if (model.Lifecycle is ProjectionLifecycle.Async)
        {
            batch.Add(MoveParts, new() { Value = model.Projection.Name }, new() { Value = to });
        }
    }
}
