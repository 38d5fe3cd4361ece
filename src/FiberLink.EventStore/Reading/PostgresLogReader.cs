using Npgsql;

namespace FiberLink.EventStore;

/// <summary>The reading half of the log on PostgreSQL.</summary>
internal sealed class PostgresLogReader(NpgsqlDataSource database, EventCatalogue catalogue)
{
    public async Task<EventStream> ReadStreamAsync(StreamId stream, CancellationToken ct)
    {
        await using var command = database.CreateCommand(ReadSql.Stream);
        command.Parameters.Add(new() { Value = stream.Tenant });
        command.Parameters.Add(new() { Value = stream.Key });
        command.Parameters.Add(new() { Value = EventStoreLimits.StreamEventsMax + 1 });
        var events = await ReadSql.ReadAsync(command, catalogue, ct);
        return events.Count <= EventStoreLimits.StreamEventsMax
            ? new EventStream(stream, events.Count, events)
            : throw new InvalidOperationException($"{stream} has more than {EventStoreLimits.StreamEventsMax} events.");
    }

    public async Task<IReadOnlyList<RecordedEvent>> ReadLogAsync(long after, int limit, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, EventStoreLimits.LogPageMax);
        await using var command = database.CreateCommand(ReadSql.Log);
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = limit });
        return await ReadSql.ReadAsync(command, catalogue, ct);
    }

    public async Task<long> ReadHeadAsync(CancellationToken ct)
    {
        await using var command = database.CreateCommand("select position from event_store.log_head");
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }
}
