using FiberLink.Postgres;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace FiberLink.EventStore.Projections;

/// <summary>One async projection: reads the log in pages and writes rows and progress in one transaction each.</summary>
internal sealed class ProjectionShard(
    NpgsqlDataSource database, IEventStore store, IProjection projection, string owner, TimeProvider time, ILogger logger)
{
    private const int PageEventsMax = 500;
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LockInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BackoffMax = TimeSpan.FromSeconds(30);

    private readonly WakeSignal _wake = new();

    // Null when what is on record must be asked for: at first, and after whatever went wrong.
    private long? _position;

    public void Wake() => _wake.Set();

    public async Task RunAsync(CancellationToken ct)
    {
        var failures = 0;
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await using var held = await AdvisoryLock.TryTakeAsync(database, $"projection/{projection.Name}", ct);
                if (held is null)
                {
                    await Task.Delay(LockInterval, time, ct);
                    continue;
                }

                _position = null;
                var told = false;
                while (await held.IsStillHeldAsync(ct))
                {
                    var isMore = await ProjectPageAsync(ct);
                    failures = 0;
                    if (!told)
                    {
                        // Only now: until a page went through, the state still says why the last one did not.
                        await ProjectionProgress.TellAsync(database, projection.Name, "running", owner, null, null, ct);
                        told = true;
                    }

                    if (!isMore)
                    {
                        await _wake.WaitAsync(PollInterval, time, ct);
                    }
                }
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever went wrong, the read model must come back by itself; the state row and the log say what it was.
            catch (Exception broken)
#pragma warning restore CA1031
            {
                failures++;
                EventStoreLog.ProjectionFailed(logger, broken, projection.Name, failures);
                await TellOfFailureAsync(broken, ct);
                await PauseAsync(failures, ct);
            }
        }
    }

    /// <returns>False when there was nothing new.</returns>
    /// <exception cref="ProjectionFailedException">The next event cannot be shown; everything before it is.</exception>
    public async Task<bool> ProjectPageAsync(CancellationToken ct)
    {
        var from = _position ?? await ProjectionProgress.ReadAsync(database, projection.Name, ct);
        _position = null;
        var events = await ReadPageAsync(from, ct);
        if (events.Count == 0)
        {
            _position = from;
            return false;
        }

        await WriteAsync(from, events, ct);
        EventStoreTelemetry.CountProjected(projection.Name, events, time.GetUtcNow());
        _position = events[^1].Position;
        return true;
    }

    private async Task<IReadOnlyList<RecordedEvent>> ReadPageAsync(long from, CancellationToken ct)
    {
        try
        {
            return await store.ReadLogAsync(from, PageEventsMax, ct);
        }
        catch (UnreadableEventException unread) when (unread.Position > from + 1)
        {
            // As far as can be gone; the next page begins with the event that spoils this one.
            return await store.ReadLogAsync(from, (int)(unread.Position.Value - from - 1), ct);
        }
        catch (UnreadableEventException unread) when (unread.Position is { } at)
        {
            throw new ProjectionFailedException(projection.Name, at, unread);
        }
    }

    private async Task WriteAsync(long from, IReadOnlyList<RecordedEvent> events, CancellationToken ct)
    {
        try
        {
            await CommitAsync(from, events, ct);
        }
        catch (Exception broken) when (IsAboutTheEvents(broken))
        {
            if (events.Count == 1)
            {
                throw new ProjectionFailedException(projection.Name, events[0].Position, broken);
            }

            // One event spoils the page: go as far as can be gone, so that the state names the event and not the page.
            foreach (var @event in events)
            {
                await WriteAsync(from, [@event], ct);
                from = @event.Position;
            }
        }
    }

    private async Task CommitAsync(long from, IReadOnlyList<RecordedEvent> events, CancellationToken ct)
    {
        using var activity = EventStoreTelemetry.StartProjecting(projection.Name, events.Count);
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var batch = new NpgsqlBatch(connection, transaction);
        ProjectionProgress.AddMove(batch, projection.Name, from, events[^1].Position);
        projection.Project(events, batch);

        // Rows and progress are lost together in a crash of the database, and then simply written again: no need to wait for the disk.
        batch.Add("select set_config('synchronous_commit', 'off', true)");
        await batch.ExecuteNonQueryAsync(ct);
        if (batch.BatchCommands[0].RecordsAffected != 1)
        {
            throw new ProjectionMovedException(projection.Name, from);
        }

        await transaction.CommitAsync(CancellationToken.None);
    }

    // What the projection says about an event, or the database about its rows; not that the database is away.
    private static bool IsAboutTheEvents(Exception broken) =>
        broken is not (OperationCanceledException or ProjectionMovedException or ProjectionFailedException)
        && (broken is not NpgsqlException || broken is PostgresException)
        && !PostgresFailures.IsTransient(broken)
        && !PostgresFailures.IsSerializationConflict(broken);

    private async Task TellOfFailureAsync(Exception broken, CancellationToken ct)
    {
        try
        {
            var at = (broken as ProjectionFailedException)?.Position;
            await ProjectionProgress.TellAsync(database, projection.Name, "failing", owner, broken.Message, at, ct);
        }
        catch (Exception unsaid) when (unsaid is NpgsqlException or OperationCanceledException)
        {
            // The database is away or we are stopping; the log has it, and the state row is written on the next round.
            EventStoreLog.ProjectionStateUnsaid(logger, unsaid, projection.Name);
        }
    }

    private async Task PauseAsync(int failures, CancellationToken ct)
    {
        try
        {
            var pause = TimeSpan.FromMilliseconds(250 << Math.Min(failures, 7));
            await Task.Delay(pause < BackoffMax ? pause : BackoffMax, time, ct);
        }
        catch (OperationCanceledException)
        {
            // Stopping is what the loop's condition is for.
        }
    }
}

/// <summary>One event cannot be shown. It is never skipped silently: the projection stands before it.</summary>
public sealed class ProjectionFailedException(string projection, long position, Exception cause)
    : Exception($"{projection} cannot show the event at position {position}: {cause.Message}", cause)
{
    /// <summary>The event it stands before.</summary>
    public long Position => position;
}

/// <summary>Somebody else has moved the projection meanwhile; what was about to be written would have been shown twice.</summary>
public sealed class ProjectionMovedException(string projection, long from)
    : Exception($"Somebody else moved {projection} from position {from}.");
