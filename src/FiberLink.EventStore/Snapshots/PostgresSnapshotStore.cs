using FiberLink.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace FiberLink.EventStore.Snapshots;

/// <summary>Snapshots in the table <c>event_store.snapshots</c>.</summary>
public sealed class PostgresSnapshotStore(NpgsqlDataSource database, EventCatalogue catalogue) : ISnapshotStore
{
    // The snapshot comes first, in the columns of an event, with a position that no event has. Only one whose last event is in the log
    // counts.
    private const string SnapshotAndTail =
        $"""
        with snapshot as materialized (
             select version, position, data, taken_at
               from event_store.snapshots as kept
              where tenant_id = $1 and stream_id = $2 and state = $3 and shape = $4
                and exists (select from event_store.mt_events as event
                             where event.tenant_id = $1 and event.stream_id = $2
                               and event.version = kept.version and event.seq_id = kept.position))
        select -position, version, null::uuid, null::varchar, data, taken_at, null::varchar, null::varchar, null::varchar, null::jsonb
          from snapshot
         union all
        (select {ReadSql.Columns} from event_store.mt_events
          where tenant_id = $1 and stream_id = $2 and version > coalesce((select version from snapshot), 0)
          order by version limit $5)
        """;

    private const string NoWait = "select set_config('synchronous_commit', 'off', true)";

    private const string Keep =
        """
        insert into event_store.snapshots as kept (tenant_id, stream_id, state, shape, version, position, data, taken_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict on constraint pk_snapshots do update
           set shape = excluded.shape, version = excluded.version, position = excluded.position,
               data = excluded.data, taken_at = excluded.taken_at
         where kept.shape <> excluded.shape or kept.version <= excluded.version
        """;

    private const string Drop = "delete from event_store.snapshots where $1::text is null or state = $1";

    private readonly StreamReader _streams = new(database, catalogue);

    public async Task<SnapshotAndTail> ReadAsync(StreamId stream, string state, string shape, CancellationToken ct)
    {
        if (!stream.CanBeStored)
        {
            return new(null, []);
        }

        await using var command = database.Command(
            SnapshotAndTail,
            new() { Value = stream.Tenant },
            new() { Value = stream.Key },
            new() { Value = state },
            new() { Value = shape },
            new() { Value = EventStoreLimits.StreamEventsMax + 1 });
        await using var reader = await command.ExecuteReaderAsync(ct);
        using var rows = new EventRows(reader, catalogue);
        var tail = new List<RecordedEvent>();
        StoredSnapshot? snapshot = null;
        while (await reader.ReadAsync(ct))
        {
            if (reader.GetInt64(0) is <= 0 and var position)
            {
                snapshot = new(state, shape, reader.GetInt64(1), -position, rows.CopyOfBody(), reader.GetFieldValue<DateTimeOffset>(5));
            }
            else
            {
                StreamReader.Add(tail, rows, stream, snapshot?.Version ?? 0);
            }
        }

        return new(snapshot, tail);
    }

    public Task<EventStream> ReadWholeAsync(StreamId stream, CancellationToken ct) =>
        stream.CanBeStored ? _streams.ReadAsync(stream, ct) : Task.FromResult(new EventStream(stream, 0, []));

    public async Task WriteAsync(StreamId stream, StoredSnapshot snapshot, CancellationToken ct)
    {
        // Two statements of one batch are one transaction.
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(NoWait);
        batch.Add(
            Keep,
            new() { Value = stream.Tenant },
            new() { Value = stream.Key },
            new() { Value = snapshot.State },
            new() { Value = snapshot.Shape },
            new() { Value = snapshot.Version },
            new() { Value = snapshot.Position },
            new() { Value = snapshot.Data, NpgsqlDbType = NpgsqlDbType.Jsonb },
            new() { Value = snapshot.TakenAt.ToUniversalTime() });
        await batch.ExecuteNonQueryAsync(ct);
    }

    public async Task<int> DropAsync(string? state, CancellationToken ct)
    {
        await using var command = database.Command(
            Drop, new NpgsqlParameter { Value = (object?)state ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        return await command.ExecuteNonQueryAsync(ct);
    }
}
