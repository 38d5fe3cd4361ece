using Npgsql;

namespace FiberLink.EventStore;

/// <summary>The reading half of the log on PostgreSQL.</summary>
internal sealed class PostgresLogReader(NpgsqlDataSource database, EventCatalogue catalogue)
{
    private readonly StreamLoads _loads = new(new(database, catalogue));

    public Task<EventStream> ReadStreamAsync(StreamId stream, CancellationToken ct) =>
        stream.CanBeStored ? _loads.ReadAsync(stream, ct) : Task.FromResult(new EventStream(stream, 0, []));

    public async Task<EventStream> ReadStreamAsync(StreamId stream, StreamRange range, CancellationToken ct)
    {
        range.Checked();
        if (!stream.CanBeStored)
        {
            return new(stream, 0, []);
        }

        await using var command = ReadSql.ReadStream(database, stream, range);
        await using var reader = await command.ExecuteReaderAsync(ct);
        using var rows = new EventRows(reader, catalogue);
        var events = new List<RecordedEvent>();
        var version = 0L;
        while (await reader.ReadAsync(ct))
        {
            version = reader.GetInt64(EventRows.NextColumn);
            if (!reader.IsDBNull(0))
            {
                events.Add(rows.Event(stream));
            }
        }

        return events.Count <= EventStoreLimits.StreamEventsMax
            ? new EventStream(stream, version, events)
            : throw EventStoreLimits.TooLong(stream);
    }

    public async Task<IReadOnlyList<RecordedEvent>> ReadLogAsync(long after, int limit, CancellationToken ct)
    {
        EventStoreLimits.CheckPage(after, limit);
        await using var command = ReadSql.ReadLog(database, after, limit);
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await ReadLogAsync(reader, ct);
    }

    public async Task<LogPage> ReadLogAsync(LogQuery query, int limit, CancellationToken ct)
    {
        EventStoreLimits.CheckPage(query.Checked().After, limit);
        var names = query.Names is { } asked ? catalogue.StoredNames(asked) : null;
        var scan = LogScan.Of(query, limit);
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var batch = new NpgsqlBatch(connection);
        ReadSql.ReadLog(batch, query, names, scan);
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        var head = reader.GetInt64(0);
        await reader.NextResultAsync(ct);
        return scan.Page(await ReadLogAsync(reader, ct), head);
    }

    public async Task<long> ReadHeadAsync(CancellationToken ct)
    {
        await using var command = ReadSql.ReadHead(database);
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    private async Task<IReadOnlyList<RecordedEvent>> ReadLogAsync(NpgsqlDataReader reader, CancellationToken ct)
    {
        using var rows = new EventRows(reader, catalogue);
        var events = new List<RecordedEvent>();
        while (await reader.ReadAsync(ct))
        {
            events.Add(rows.Event());
        }

        return events;
    }
}
