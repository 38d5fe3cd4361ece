using FiberLink.EventStore.Projections;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace FiberLink.EventStore.Daemon;

/// <summary>What all shards of one daemon share.</summary>
internal sealed record DaemonSurroundings(
    LogPages Pages, LogSignal Signal, ProjectionDaemonOptions Options, string Owner, TimeProvider Time, ILogger Logger);

/// <summary>One shard of a projection or subscription: runs for as long as this node holds its lock.</summary>
internal sealed class DaemonShard(ShardName name, ILogConsumer consumer, ShardLayout layout, DaemonSurroundings around)
{
    private static readonly TimeSpan BackoffMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PagesApart = TimeSpan.FromMilliseconds(2);
    private static readonly Task Never = new TaskCompletionSource().Task;

    private readonly ShardWriter _writer = new(name, consumer, around.Pages, around.Time);
    private CancellationTokenSource? _released;
    private int _failures;
    private long _lastBegan;

    // Null when what is on record must be asked for: at first, and after whatever went wrong.
    private long? _position;

    public ShardName Name => name;

    /// <summary>Whether it runs here and is not about to be given up.</summary>
    public bool IsRunning => Volatile.Read(ref _released) is { IsCancellationRequested: false };

    public long Lag(long head) => Math.Max(0, head - _writer.Position);

    public TimeSpan LagTime(TimeProvider time) =>
        _writer.BehindSince is { } since && time.GetUtcNow() is var now && now > since ? now - since : TimeSpan.Zero;

    /// <summary>Makes it end after the page that is being written.</summary>
    public Task ReleaseAsync() => _released?.CancelAsync() ?? Task.CompletedTask;

    /// <summary>Runs until it is released, cancelled, or has lost the session, which it disposes of. Throws nothing.</summary>
    public async Task RunAsync(DaemonSession session, CancellationToken ct)
    {
        using var released = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Volatile.Write(ref _released, released);
        _position = null;
        var isTold = false;
        try
        {
            // Both tokens: this may run inside the callback that is to cancel the linked one next.
            while (!ct.IsCancellationRequested && !released.IsCancellationRequested && session.IsOpen)
            {
                isTold = await RoundAsync(session, isTold, released.Token, ct);
            }
        }
        finally
        {
            Volatile.Write(ref _released, null);
            await session.DisposeAsync();
        }
    }

    /// <summary>Shows everything there is, once.</summary>
    public async Task CatchUpAsync(DaemonSession session, CancellationToken ct)
    {
        _position = null;
        while (await StepAsync(session, ct))
        {
        }
    }

    private async Task<bool> RoundAsync(DaemonSession session, bool isTold, CancellationToken released, CancellationToken ct)
    {
        await KeepApartAsync(released);
        var next = around.Signal.Next;
        try
        {
            var isMore = await StepAsync(session, ct);
            _failures = 0;
            if (!isTold)
            {
                // Only now: until a page went through, the state still says why the last one did not.
                await ShardProgress.TellAsync(session, name, "running", around.Owner, null, null, ct);
            }

            if (!isMore)
            {
                await WaitAsync(next, around.Options.PollInterval, released);
            }

            return true;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return isTold;
        }
        catch (ProjectionPausedException)
        {
            // The pause is on record with who and why. Nobody need say when it ends.
            _failures = 0;
            await WaitAsync(Never, around.Options.PollInterval, released);
            return false;
        }
#pragma warning disable CA1031 // Whatever went wrong, the read model must come back by itself; the state row and the log say what it was.
        catch (Exception broken)
#pragma warning restore CA1031
        {
            await FailAsync(session, broken, released, ct);
            return false;
        }
    }

    /// <summary>
    /// Under load, a page for many commits costs the appends far less than one for each of them. It is a matter of the processor's
    /// time, not of the time that events are about.
    /// </summary>
    private async Task KeepApartAsync(CancellationToken released)
    {
        var sinceLast = TimeProvider.System.GetElapsedTime(_lastBegan);
        if (sinceLast < PagesApart && _writer.IsAtEnd)
        {
            await Task.Delay(PagesApart - sinceLast, TimeProvider.System, released).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _lastBegan = TimeProvider.System.GetTimestamp();
    }

    /// <returns>False when it came to the end: what is committed from before the step on wakes the next one.</returns>
    private async Task<bool> StepAsync(DaemonSession session, CancellationToken ct)
    {
        var from = _position ?? await layout.OpenAsync(session, name, ct);
        _position = null;
        var to = await _writer.StepAsync(session, from, long.MaxValue, ct);
        _position = to;
        return to > from && !_writer.IsAtEnd;
    }

    private async Task FailAsync(DaemonSession session, Exception broken, CancellationToken released, CancellationToken ct)
    {
        DaemonTelemetry.CountFailure(name, broken);
        if (!session.IsOpen)
        {
            // Nothing of ours is wrong, and whoever holds the lock now speaks for the shard.
            EventStoreLog.ShardLost(around.Logger, broken, name.State);
            return;
        }

        _failures++;
        await TellOfFailureAsync(session, broken, ct);
        var pause = TimeSpan.FromMilliseconds(250 << Math.Min(_failures, 7));
        await WaitAsync(Never, pause < BackoffMax ? pause : BackoffMax, released);
    }

    private async Task TellOfFailureAsync(DaemonSession session, Exception broken, CancellationToken ct)
    {
        var state = "failing";
        if (broken is ProjectionLayoutException)
        {
            state = "standing by";
            EventStoreLog.ShardStandsBy(around.Logger, name.State, broken.Message);
        }
        else
        {
            EventStoreLog.ProjectionFailed(around.Logger, broken, name.State, _failures);
        }

        try
        {
            var at = (broken as ProjectionFailedException)?.Position;
            await ShardProgress.TellAsync(session, name, state, around.Owner, broken.Message, at, ct);
        }
        catch (Exception unsaid) when (unsaid is NpgsqlException or OperationCanceledException)
        {
            // The database is away or we are stopping; the log has it, and the state row is written on the next round.
            EventStoreLog.ProjectionStateUnsaid(around.Logger, unsaid, name.State);
        }
    }

    /// <summary>Waits for the signal, at most so long, or for being released.</summary>
    private async Task WaitAsync(Task signal, TimeSpan atMost, CancellationToken released)
    {
        try
        {
            await signal.WaitAsync(atMost, around.Time, released);
        }
        catch (Exception over) when (over is TimeoutException or OperationCanceledException)
        {
            // The clock is the net; being released is what the loop's condition is for.
        }
    }
}
