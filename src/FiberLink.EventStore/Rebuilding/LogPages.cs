using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Rebuilding;

/// <summary>Reads the log in pages that are as large as memory allows.</summary>
/// <param name="database">Where the log is.</param>
/// <param name="store">Reads it.</param>
/// <param name="projection">Whom they are read for.</param>
internal sealed class LogPages(NpgsqlDataSource database, IEventStore store, string projection)
{
    /// <summary>How much may be stored, compressed, in one page.</summary>
    private const long PageBytesMax = 16 * 1024 * 1024;

    private const string StoredBytes =
        """
        select coalesce(sum(pg_column_size(data)), 0)::bigint
          from (select data from event_store.mt_events where seq_id > $1 order by seq_id limit $2) as page
        """;

    /// <summary>The events after a position and up to another; at least one unless there is none.</summary>
    /// <exception cref="ProjectionFailedException">The very next event cannot be read.</exception>
    public async Task<IReadOnlyList<RecordedEvent>> ReadAsync(long after, long upTo, CancellationToken ct)
    {
        var limit = await FittingAsync(after, (int)Math.Min(EventStoreLimits.LogPageMax, upTo - after), ct);
        try
        {
            return await store.ReadLogAsync(after, limit, ct);
        }
        catch (UnreadableEventException unread) when (unread.Position > after + 1)
        {
            // As far as can be gone; the next page begins with the event that spoils this one.
            return await store.ReadLogAsync(after, (int)(unread.Position.Value - after - 1), ct);
        }
        catch (UnreadableEventException unread) when (unread.Position is { } at)
        {
            throw new ProjectionFailedException(projection, at, unread);
        }
    }

    private async Task<int> FittingAsync(long after, int limit, CancellationToken ct)
    {
        while (limit > 1)
        {
            await using var ask = database.Command(StoredBytes, new() { Value = after }, new() { Value = limit });
            var bytes = (long)(await ask.ExecuteScalarAsync(ct))!;
            if (bytes <= PageBytesMax)
            {
                break;
            }

            limit = Math.Max(1, (int)Math.Min(limit / 2, limit * PageBytesMax / bytes));
        }

        return limit;
    }
}
