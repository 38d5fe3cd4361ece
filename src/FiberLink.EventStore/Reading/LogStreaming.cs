using System.Runtime.CompilerServices;

namespace FiberLink.EventStore;

/// <summary>Reading the log from end to end in bounded memory.</summary>
public static class LogStreaming
{
    private const int PageEventsMax = 1_000;

    /// <summary>
    /// The events that the query asks for, in log order, to the end that the log has when the reader comes there. One page of at most
    /// 1,000 events is in memory at a time, and no statement runs while the caller works on it.
    /// </summary>
    /// <param name="store">The log.</param>
    /// <param name="query">Which events.</param>
    /// <param name="ct">Stops the read.</param>
    /// <exception cref="ArgumentException">The query is none.</exception>
    /// <exception cref="UnreadableEventException">An event cannot be read; all that come before it were given.</exception>
    public static async IAsyncEnumerable<RecordedEvent> StreamLogAsync(
        this IEventStore store, LogQuery query, [EnumeratorCancellation] CancellationToken ct)
    {
        for (var isAtEnd = false; !isAtEnd;)
        {
            var page = await ReadPageAsync(store, query, ct);
            foreach (var @event in page.Events)
            {
                yield return @event;
            }

            query = query with { After = page.Position };
            isAtEnd = page.IsAtEnd;
        }
    }

    private static async Task<LogPage> ReadPageAsync(IEventStore store, LogQuery query, CancellationToken ct)
    {
        try
        {
            return await store.ReadLogAsync(query, PageEventsMax, ct);
        }
        catch (UnreadableEventException unread) when (unread.Position > query.After + 1)
        {
            var before = await store.ReadLogAsync(query with { UpTo = unread.Position - 1 }, PageEventsMax, ct);
            return before with { IsAtEnd = false };
        }
    }
}
