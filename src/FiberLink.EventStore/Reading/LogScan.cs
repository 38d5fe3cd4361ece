namespace FiberLink.EventStore;

/// <summary>How far one page looks, and what it says about it.</summary>
/// <param name="After">Where the page begins.</param>
/// <param name="Last">The last position that it looks at.</param>
/// <param name="UpTo">The last position that the query asks about; null for the end of the log.</param>
/// <param name="Limit">The most events that it holds.</param>
internal readonly record struct LogScan(long After, long Last, long? UpTo, int Limit)
{
    public int PositionsMax => (int)(Last - After);

    public static LogScan Of(LogQuery query, int limit)
    {
        // Positions have no gaps, so without a filter the page ends there.
        var far = query.After + Math.Min(query.IsFiltered ? EventStoreLimits.LogScanMax : limit, long.MaxValue - query.After);
        return new(query.After, Math.Min(far, query.UpTo ?? long.MaxValue), query.UpTo, limit);
    }

    /// <param name="events">Found between the two positions.</param>
    /// <param name="head">The log's head, read no later than the events.</param>
    public LogPage Page(IReadOnlyList<RecordedEvent> events, long head)
    {
        var last = events.Count > 0 ? events[^1].Position : After;
        if (events.Count == Limit)
        {
            return new(events, last, last == UpTo || last == head);
        }

        // Events may have come after the head was read, and were found by the later look.
        var looked = Math.Max(Math.Min(Last, head), last);
        return new(events, looked, looked == UpTo || looked < Last || looked == head);
    }
}
