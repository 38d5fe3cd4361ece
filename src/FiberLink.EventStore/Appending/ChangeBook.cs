using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore;

/// <summary>What became of changes, by their ids.</summary>
internal sealed class ChangeBook(NpgsqlDataSource database, PostgresLogReader reader)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // Waits for a transaction that is just writing the same id. From here on it is there, or never will be.
    private const string MakeVoid =
        """
        insert into event_store.changes (id, event_count, is_void)
        select c.id, 0, true from unnest($1::uuid[]) as c (id) on conflict on constraint pk_changes do nothing
        """;

    private const string Find = "select id, last_position, event_count, is_void from event_store.changes where id = any($1)";

    /// <inheritdoc cref="IEventStore.SettleAsync"/>
    public async Task<ChangeFate> SettleAsync(Guid changeId, CancellationToken ct)
    {
        if (changeId == Guid.Empty)
        {
            throw new ArgumentException("A change without an id cannot be asked about.", nameof(changeId));
        }

        var known = (await SettleAsync([changeId], ct))[changeId];
        return known.IsVoid ? ChangeFate.NeverCommitted : new(true, known.LastPosition, known.EventCount);
    }

    /// <summary>What became of several changes; final for each.</summary>
    public async Task<IReadOnlyDictionary<Guid, KnownChange>> SettleAsync(Guid[] changeIds, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using (var fence = connection.Command(MakeVoid, new NpgsqlParameter { Value = changeIds }))
        {
            await fence.ExecuteNonQueryAsync(ct);
        }

        await using var find = connection.Command(Find, new NpgsqlParameter { Value = changeIds });
        await using var row = await find.ExecuteReaderAsync(ct);
        var known = new Dictionary<Guid, KnownChange>();
        while (await row.ReadAsync(ct))
        {
            known.Add(row.GetGuid(0), new(row.IsDBNull(1) ? null : row.GetInt64(1), row.GetInt32(2), row.GetBoolean(3)));
        }

        return known;
    }

    /// <summary>As <see cref="SettleAsync(Guid[], CancellationToken)"/>, for as long as patience lasts.</summary>
    /// <returns>Null when the database could not be asked.</returns>
    public async Task<IReadOnlyDictionary<Guid, KnownChange>?> TrySettleAsync(Guid[] changeIds, TimeSpan patience, TimeProvider time)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await SettleAsync(changeIds, CancellationToken.None);
            }
            catch (NpgsqlException) when (time.GetElapsedTime(started) < patience)
            {
                await Task.Delay(Pause, time, CancellationToken.None);
            }
            catch (NpgsqlException)
            {
                return null;
            }
        }
    }

    /// <summary>The answer to a change that is appended again.</summary>
    /// <exception cref="ArgumentException">Another change has that id.</exception>
    public async Task<AppendResult> RepeatAsync(WrittenChange written, KnownChange known, CancellationToken ct)
    {
        var id = written.Change.Id;
        if (known.IsVoid)
        {
            return new AppendResult.Void(id);
        }

        IReadOnlyList<RecordedEvent> events = known.LastPosition is { } last
            ? await reader.ReadLogAsync(last - known.EventCount, known.EventCount, ct)
            : [];
        var asked = written.Appends.SelectMany(a => a.Append.Events).Select(e => e.Id);
        return events.Select(e => e.Id).SequenceEqual(asked)
            ? new AppendResult.Appended(events)
            : throw new ArgumentException($"Another change was appended under the id {id}: its events are others.", nameof(written));
    }
}
