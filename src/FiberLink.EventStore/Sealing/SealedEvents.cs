using System.Buffers.Binary;
using FiberLink.Crypto;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Sealing;

/// <summary>An event as it is sealed.</summary>
/// <param name="Position">Its place in the log, from 1; in the tree it is one less.</param>
/// <param name="Form">Its canonical form: UTF-8.</param>
/// <param name="Entry">SHA-256 over the form: what is in the tree.</param>
public sealed record SealedEvent(long Position, ReadOnlyMemory<byte> Form, Bytes32 Entry);

/// <summary>Reads events in the form that they are sealed in.</summary>
public sealed class SealedEvents(NpgsqlDataSource database)
{
    // A version 7 id tells the time it was made at, and so about where in the log it is. The first event of a change names it, and that has
    // an index. Any other is looked for in all of the log.
    private const string NearSql = "select seq_id from event_store.mt_events where seq_id > $1 and seq_id <= $2 and id = $3";

    private const string OfChangeSql =
        "select last_position - event_count + 1 from event_store.changes where id = $1 and event_count > 0 and not is_void";

    private const string OfEventSql = "select seq_id from event_store.mt_events where id = $1 limit 1";

    private const int SearchSecondsMax = 600;
    private const int TimeBits = 48;

    // Between the making of an id and the time that its event carries, and between the clocks of those who append.
    private static readonly TimeSpan Near = TimeSpan.FromSeconds(10);

    /// <summary>The event at a position; null when there is none.</summary>
    /// <exception cref="LogNotWholeException">The event is not the one that was appended.</exception>
    public async Task<SealedEvent?> ReadAsync(long position, CancellationToken ct)
    {
        await using var command = database.Command(SealedRow.At, new NpgsqlParameter { Value = position });
        await using var reader = await command.ExecuteReaderAsync(ct);
        if (!await reader.ReadAsync(ct))
        {
            return null;
        }

        var row = SealedRow.Read(reader);
        return new(row.Position, row.Form().Bytes(row.Version), row.Entry());
    }

    /// <summary>Where the event with an id is; null when there is none, which may take as long as reading the log.</summary>
    public async Task<long?> FindAsync(Guid id, CancellationToken ct)
    {
        if (await FindNearAsync(id, ct) is { } near)
        {
            return near;
        }

        foreach (var sql in new[] { OfChangeSql, OfEventSql })
        {
            await using var command = database.Command(sql, new NpgsqlParameter { Value = id });
            command.CommandTimeout = SearchSecondsMax;
            if (await command.ExecuteScalarAsync(ct) is long position && await IsAsync(position, id, ct))
            {
                return position;
            }
        }

        return null;
    }

    private async Task<long?> FindNearAsync(Guid id, CancellationToken ct)
    {
        var milliseconds = (long)(BinaryPrimitives.ReadUInt64BigEndian(id.ToByteArray(bigEndian: true)) >> (64 - TimeBits));
        if (id.Version != 7 || milliseconds > DateTimeOffset.MaxValue.AddDays(-1).ToUnixTimeMilliseconds())
        {
            return null;
        }

        var made = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        var times = new LogTimes(database);
        await using var command = database.Command(
            NearSql,
            new() { Value = await times.PositionAtAsync(made - Near, ct) },
            new() { Value = await times.PositionAtAsync(made + Near, ct) },
            new() { Value = id });
        return await command.ExecuteScalarAsync(ct) as long?;
    }

    private async Task<bool> IsAsync(long position, Guid id, CancellationToken ct)
    {
        await using var command = database.Command(
            "select 1 from event_store.mt_events where seq_id = $1 and id = $2", new() { Value = position }, new() { Value = id });
        return await command.ExecuteScalarAsync(ct) is not null;
    }
}
