using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Daemon;

/// <summary>
/// Brings a shard forward page by page: what a consumer writes and the shard's position are one transaction, and one round trip.
/// </summary>
internal sealed class ShardWriter(ShardName shard, ILogConsumer consumer, LogPages pages, TimeProvider time)
{
    private long _position;

    // What was decided about it when it was last looked at; null when that must be done again.
    private (bool IsPaused, IReadOnlySet<long> Skipped)? _decided;

    /// <summary>Up to here everything is shown, as far as this process knows.</summary>
    public long Position => Interlocked.Read(ref _position);

    /// <summary>The time of the first event that is not shown yet; null when there is none.</summary>
    public DateTimeOffset? BehindSince { get; private set; }

    /// <summary>Whether the last step came to the log's end as it was when the step began.</summary>
    public bool IsAtEnd { get; private set; }

    /// <returns>The new position; <paramref name="from"/> when there was nothing new.</returns>
    /// <param name="session">Holds the shard's lock.</param>
    /// <param name="from">Where the shard stands.</param>
    /// <param name="upTo">No event after this one is shown.</param>
    /// <param name="ct">Stops it; whether the page was written is then unknown.</param>
    /// <exception cref="ProjectionFailedException">The next event cannot be shown; everything before it is.</exception>
    /// <exception cref="ProjectionMovedException">The shard stands elsewhere, or is to leave out what it did not know of.</exception>
    /// <exception cref="ProjectionPausedException">It is paused; nothing was shown.</exception>
    public async Task<long> StepAsync(DaemonSession session, long from, long upTo, CancellationToken ct)
    {
        Interlocked.Exchange(ref _position, from);
        var (isPaused, skipped) = _decided ?? await AskAsync(session, ct);

        // Whatever goes wrong, it may be because something was decided meanwhile.
        _decided = null;
        var events = await ReadAsync(from, upTo, skipped, ct);
        if (consumer.HasEffects)
        {
            // After the look at the log: a pause that was on record before an event came holds for that event. What has no effects is
            // asked by its own transaction.
            (isPaused, skipped) = await AskAsync(session, ct);
        }

        BehindSince = events.Count == 0 ? null : events[0].At;
        if (isPaused)
        {
            throw new ProjectionPausedException(shard.State);
        }

        if (events.Count > 0)
        {
            await WriteAsync(session, from, events, skipped, ct);
            BehindSince = IsAtEnd ? null : BehindSince;
        }

        _decided = (isPaused, skipped);
        return events.Count == 0 ? from : events[^1].Position;
    }

    private async Task<(bool IsPaused, IReadOnlySet<long> Skipped)> AskAsync(DaemonSession session, CancellationToken ct)
    {
        await using var batch = session.Batch();
        return await ProjectionDecisions.ReadAsync(batch, consumer.Name, ct);
    }

    private async Task<ArraySegment<RecordedEvent>> ReadAsync(long from, long upTo, IReadOnlySet<long> skipped, CancellationToken ct)
    {
        try
        {
            IsAtEnd = false;
            var (events, isEnd) = await pages.ReadAsync(from, ct);
            var count = Math.Min(events.Count, consumer.PageEventsMax);
            while (count > 0 && events[count - 1].Position > upTo)
            {
                count--;
            }

            IsAtEnd = isEnd && count == events.Count;
            return events[..count];
        }
        catch (UnreadableEventException unread) when (unread.Position is { } at && skipped.Contains(at))
        {
            return new([ProjectionDecisions.Unread(at, time.GetUtcNow())]);
        }
        catch (UnreadableEventException unread) when (unread.Position is { } at)
        {
            BehindSince ??= time.GetUtcNow();
            throw new ProjectionFailedException(shard.State, at, unread);
        }
    }

    private async Task WriteAsync(
        DaemonSession session, long from, ArraySegment<RecordedEvent> events, IReadOnlySet<long> skipped, CancellationToken ct)
    {
        try
        {
            await CommitAsync(session, from, events, skipped, ct);
        }
        catch (Exception broken) when (IsAboutTheEvents(broken, ct))
        {
            if (events.Count == 1)
            {
                throw new ProjectionFailedException(shard.State, events[0].Position, broken);
            }

            // One event spoils the page: go as far as can be gone, so that the state names the event and not the page.
            for (var i = 0; i < events.Count; i++)
            {
                BehindSince = events[i].At;
                await WriteAsync(session, from, events.Slice(i, 1), skipped, ct);
                from = events[i].Position;
            }
        }
    }

    private async Task CommitAsync(
        DaemonSession session, long from, ArraySegment<RecordedEvent> events, IReadOnlySet<long> skipped, CancellationToken ct)
    {
        using var page = DaemonTelemetry.StartPage(shard, consumer.Operation, events.Count, time);
        try
        {
            await using var batch = session.Batch();
            var leftOut = events.Where(e => skipped.Contains(e.Position)).Select(e => e.Position).ToArray();
            ShardProgress.AddMove(batch, shard, from, events[^1].Position, leftOut);
            await consumer.ConsumeAsync(
                leftOut.Length == 0 ? events : [.. events.Where(e => !skipped.Contains(e.Position))], shard.Part, batch, ct);
            await batch.ExecuteNonQueryAsync(ct);
            Interlocked.Exchange(ref _position, events[^1].Position);
            DaemonTelemetry.CountShown(shard, events, time.GetUtcNow());
        }
        catch (PostgresException paused) when (paused.SqlState == ShardProgress.Paused)
        {
            throw new ProjectionPausedException(shard.State);
        }
        catch (PostgresException moved) when (moved.SqlState == ShardProgress.Moved)
        {
            page.Failed(moved);
            throw new ProjectionMovedException(shard.State, from);
        }
        catch (Exception broken)
        {
            page.Failed(broken);
            throw;
        }
    }

    // What the consumer says about an event, or the database about its rows; not that the database is away or that we stop.
    private static bool IsAboutTheEvents(Exception broken, CancellationToken ct) =>
        broken is not (ProjectionMovedException or ProjectionFailedException or ProjectionPausedException)
        && !(broken is OperationCanceledException && ct.IsCancellationRequested)
        && (broken is not NpgsqlException || broken is PostgresException)
        && !PostgresFailures.IsTransient(broken)
        && !PostgresFailures.IsSerializationConflict(broken);
}
