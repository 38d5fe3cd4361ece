using FiberLink.EventStore.Daemon;
using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Rebuilding;

/// <summary>What the live tables show: an inline read model everything up to the log's head, an async one what its daemon says.</summary>
internal static class LivePosition
{
    private const string Head = "select position, position, position from event_store.log_head";

    // One row for each part of the streams that the daemon runs apart.
    private const string Begin =
        """
        insert into event_store.mt_event_progression (name, last_seq_id)
        select $1, 0 where not exists (select from event_store.mt_event_progression where starts_with(name, $2))
        on conflict on constraint pk_mt_event_progression do nothing
        """;

    private const string Progress =
        """
        select coalesce(min(last_seq_id), 0), coalesce(max(last_seq_id), 0), (select position from event_store.log_head)
          from event_store.mt_event_progression where starts_with(name, $1)
        """;

    private const string HoldHead = "select from event_store.log_head for update";

    private const string HoldProgress =
        "select from event_store.mt_event_progression where starts_with(name, $1) order by name for update";

    private const string MoveProgress =
        "update event_store.mt_event_progression set last_seq_id = $2, last_updated = now() where starts_with(name, $1)";

    /// <summary>Adds what holds the live position until the transaction ends: no append, or no page of the daemon, comes between.</summary>
    public static void AddHold(NpgsqlBatch batch, ReadModel model)
    {
        if (model.Lifecycle is ProjectionLifecycle.Inline)
        {
            batch.Add(HoldHead);
            return;
        }

        var prefix = Prefix(model);
        batch.Add(Begin, new() { Value = new ShardName(model.Projection.Name, StreamShard.All).Row }, new() { Value = prefix });
        batch.Add(HoldProgress, new NpgsqlParameter { Value = prefix });
    }

    /// <summary>The position up to which everything is shown, that up to which anything is, and the log's head.</summary>
    public static async Task<(long Least, long Most, long Head)> ReadAsync(UnitOfWork work, ReadModel model, CancellationToken ct)
    {
        await using var command = model.Lifecycle is ProjectionLifecycle.Inline
            ? work.Command(Head)
            : work.Command(Progress, new NpgsqlParameter { Value = Prefix(model) });
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }

    /// <summary>Adds the daemon's jump to where the new tables are; it notices that its position moved.</summary>
    public static void AddJump(NpgsqlBatch batch, ReadModel model, long to)
    {
        if (model.Lifecycle is ProjectionLifecycle.Async)
        {
            batch.Add(MoveProgress, new() { Value = Prefix(model) }, new() { Value = to });
        }
    }

    private static string Prefix(ReadModel model) => $"{model.Projection.Name}:";
}
