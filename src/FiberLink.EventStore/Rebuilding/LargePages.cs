using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Rebuilding;

/// <summary>
/// Reads the log in pages that are as large as memory allows: the more events are written at once, the fewer rows are written twice.
/// </summary>
/// <param name="database">Where the log is.</param>
/// <param name="store">Reads it.</param>
/// <param name="generation">Whom they are read for.</param>
/// <param name="time">Tells when what cannot be read, and is left out, was passed.</param>
internal sealed class LargePages(NpgsqlDataSource database, IEventStore store, Generation generation, TimeProvider time)
{
    /// <summary>How much may be stored, compressed, in one page; one event may be more.</summary>
    private const long PageBytesMax = 16 * 1024 * 1024;

    private const string StoredBytes =
        """
        select coalesce(sum(pg_column_size(data)), 0)::bigint
          from (select data from event_store.mt_events where seq_id > $1 order by seq_id limit $2) as page
        """;

    /// <summary>The events after a position and up to another; at least one unless there is none.</summary>
    /// <param name="after">The position before the first.</param>
    /// <param name="upTo">The position of the last one wanted.</param>
    /// <param name="pageEvents">How many at most.</param>
    /// <param name="ct">Stops it.</param>
    /// <exception cref="ProjectionFailedException">The very next event cannot be read.</exception>
    public async Task<IReadOnlyList<RecordedEvent>> ReadAsync(long after, long upTo, int pageEvents, CancellationToken ct)
    {
        var page = new List<RecordedEvent>();
        var (at, bytesLeft) = (after, PageBytesMax);
        while (at < upTo && page.Count < pageEvents && bytesLeft > 0)
        {
            var wanted = (int)Math.Min(Math.Min(EventStoreLimits.LogPageMax, pageEvents - page.Count), upTo - at);
            var (limit, bytes) = await FittingAsync(at, wanted, bytesLeft, ct);
            try
            {
                page.AddRange(await store.ReadLogAsync(at, limit, ct));
            }
            catch (UnreadableEventException unread) when (unread.Position > after + 1)
            {
                // As far as can be gone; the next page begins with the event that spoils this one.
                var readable = (int)(unread.Position.Value - at - 1);
                return readable == 0 ? page : [.. page, .. await store.ReadLogAsync(at, readable, ct)];
            }
            catch (UnreadableEventException unread) when (unread.Position is { } skipped && generation.Skipped.Contains(skipped))
            {
                return [ProjectionDecisions.Unread(skipped, time.GetUtcNow())];
            }
            catch (UnreadableEventException unread) when (unread.Position is { } spoilt)
            {
                throw new ProjectionFailedException(generation.Projection, spoilt, unread);
            }

            (at, bytesLeft) = (page[^1].Position, bytesLeft - bytes);
        }

        return page;
    }

    private async Task<(int Limit, long Bytes)> FittingAsync(long after, int limit, long bytesMax, CancellationToken ct)
    {
        while (true)
        {
            await using var ask = database.Command(StoredBytes, new() { Value = after }, new() { Value = limit });
            var bytes = (long)(await ask.ExecuteScalarAsync(ct))!;
            if (bytes <= bytesMax || limit == 1)
            {
                return (limit, bytes);
            }

            limit = Math.Max(1, (int)Math.Min(limit / 2, limit * bytesMax / bytes));
        }
    }
}
