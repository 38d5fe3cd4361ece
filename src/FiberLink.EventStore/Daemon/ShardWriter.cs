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
    /// <exception cref="ProjectionMovedException">The shard stands elsewhere.</exception>
    public async Task<long> StepAsync(DaemonSession session, long from, long upTo, CancellationToken ct)
    {
        Interlocked.Exchange(ref _position, from);
        var events = await ReadAsync(from, upTo, ct);
        if (events.Count == 0)
        {
            BehindSince = null;
            return from;
        }

        BehindSince = events[0].At;
        await WriteAsync(session, from, events, ct);
        BehindSince = IsAtEnd ? null : BehindSince;
        return events[^1].Position;
    }

    private async Task<ArraySegment<RecordedEvent>> ReadAsync(long from, long upTo, CancellationToken ct)
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
        catch (UnreadableEventException unread) when (unread.Position is { } at)
        {
            BehindSince ??= time.GetUtcNow();
            throw new ProjectionFailedException(shard.State, at, unread);
        }
    }

    private async Task WriteAsync(DaemonSession session, long from, ArraySegment<RecordedEvent> events, CancellationToken ct)
    {
        try
        {
            await CommitAsync(session, from, events, ct);
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
                await WriteAsync(session, from, events.Slice(i, 1), ct);
                from = events[i].Position;
            }
        }
    }

    private async Task CommitAsync(DaemonSession session, long from, ArraySegment<RecordedEvent> events, CancellationToken ct)
    {
        using var page = DaemonTelemetry.StartPage(shard, consumer.Operation, events.Count, time);
        try
        {
            await using var batch = session.Batch();
            ShardProgress.AddMove(batch, shard, from, events[^1].Position);
            await consumer.ConsumeAsync(events, shard.Part, batch, ct);
            await batch.ExecuteNonQueryAsync(ct);
            Interlocked.Exchange(ref _position, events[^1].Position);
            DaemonTelemetry.CountShown(shard, events, time.GetUtcNow());
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
        broken is not (ProjectionMovedException or ProjectionFailedException)
        && !(broken is OperationCanceledException && ct.IsCancellationRequested)
        && (broken is not NpgsqlException || broken is PostgresException)
        && !PostgresFailures.IsTransient(broken)
        && !PostgresFailures.IsSerializationConflict(broken);
}
