namespace FiberLink.EventStore;

/// <summary>The log: streams of events, in one total order.</summary>
/// <remarks>
/// Held by one contract suite on PostgreSQL and in memory. A reader at position N has seen everything up to N: positions are
/// given in commit order and without gaps.
/// </remarks>
public interface IEventStore
{
    /// <summary>All events of a stream, in order; an empty stream of version 0 when there is none.</summary>
    Task<EventStream> ReadStreamAsync(StreamId stream, CancellationToken ct);

    /// <summary>A part of a stream, or the stream as it was.</summary>
    /// <returns>
    /// Its version as of the point that was asked for, whatever part of the events was; 0 when it did not exist then.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The range is none.</exception>
    Task<EventStream> ReadStreamAsync(StreamId stream, StreamRange range, CancellationToken ct);

    /// <summary>Commits the whole change, or nothing.</summary>
    /// <remarks>
    /// A caller who gives up is answered that nothing was written (<see cref="OperationCanceledException"/>), or, when it is too late
    /// for that, what was. Any exception means that nothing was written.
    /// </remarks>
    /// <exception cref="ArgumentException">
    /// The change is malformed: no event in an append, a stream twice, an unknown type of event or row, a name or text that cannot
    /// be stored.
    /// </exception>
    Task<AppendResult> AppendAsync(Change change, CancellationToken ct);

    /// <summary>
    /// Tells what became of a change whose answer never came, and makes that final: a change that has not committed by now never
    /// will, and appending it again is answered with <see cref="AppendResult.Void"/>.
    /// </summary>
    /// <param name="changeId">The <see cref="Change.Id"/>; not empty.</param>
    /// <param name="ct">Stops the call; what it settled stays settled.</param>
    Task<ChangeFate> SettleAsync(Guid changeId, CancellationToken ct);

    /// <summary>
    /// Says that a stream is over, so that it takes no more events (<see cref="AppendResult.StreamArchived"/>), or that it goes on after
    /// all. Its events stay where they are, in the stream and in the log: every reader goes on seeing them.
    /// </summary>
    /// <returns>False when there is no such stream.</returns>
    Task<bool> SetArchivedAsync(StreamId stream, bool isArchived, CancellationToken ct);

    /// <summary>The events after a position, in log order.</summary>
    /// <param name="after">0 for the beginning.</param>
    /// <param name="limit">1 to 10,000.</param>
    /// <param name="ct">Stops the read.</param>
    Task<IReadOnlyList<RecordedEvent>> ReadLogAsync(long after, int limit, CancellationToken ct);

    /// <summary>A page of what the query asks for, and how far the log was looked at.</summary>
    /// <remarks>
    /// At most <see cref="EventStoreLimits.LogScanMax"/> positions are looked at for one page, so a page may hold few events, or none,
    /// with more to come: only <see cref="LogPage.IsAtEnd"/> says that there are none.
    /// </remarks>
    /// <param name="query">Which events.</param>
    /// <param name="limit">1 to 10,000 events.</param>
    /// <param name="ct">Stops the read.</param>
    /// <exception cref="ArgumentException">The query or the limit is none.</exception>
    Task<LogPage> ReadLogAsync(LogQuery query, int limit, CancellationToken ct);

    /// <summary>The position of the last event; 0 for an empty log.</summary>
    Task<long> ReadHeadAsync(CancellationToken ct);
}

/// <summary>Limits that every store keeps.</summary>
public static class EventStoreLimits
{
    public const int LogPageMax = 10_000;

    /// <summary>How many positions are looked at for one page of a query that leaves events out.</summary>
    public const int LogScanMax = 50_000;

    /// <summary>The longest stream that is read at once; streams end, they do not grow for ever.</summary>
    public const int StreamEventsMax = 100_000;

    internal static void CheckPage(long after, int limit)
    {
        LogQuery.CheckAfter(after);
        if (limit is < 1 or > LogPageMax)
        {
            throw new ArgumentOutOfRangeException(
                nameof(limit), limit, $"1 to {LogPageMax} events of the log are read at once: give as many, and read on after the last.");
        }
    }

    internal static InvalidOperationException TooLong(StreamId stream) =>
        new($"{stream} has more than {StreamEventsMax} events, which is as many as are read at once: read it in parts, by version.");
}
