using FiberLink.Postgres;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace FiberLink.Messaging;

/// <summary>Takes waiting messages and has them handled: woken by commits, with polling as the net.</summary>
/// <param name="store">Where the messages are.</param>
/// <param name="handling">What handles them.</param>
/// <param name="owner">This service node, as operators know it.</param>
/// <param name="options">How much it takes on.</param>
/// <param name="time">What counts as due, and drives the waits.</param>
/// <param name="logger">Told of failures.</param>
/// <param name="notices">Where commits of other processes are told; null when there are none.</param>
/// <param name="schedules">What is sent again and again; null when nothing is.</param>
public sealed class MessageDispatcher(
    IMessageStore store,
    IMessageHandling handling,
    string owner,
    MessagingOptions options,
    TimeProvider time,
    ILogger<MessageDispatcher> logger,
    Notifications? notices,
    ScheduleClock? schedules = null)
{
    private const int PruneRowsMax = 1_000;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);
    private const int BacklogGroupsMax = 200;
    private static readonly TimeSpan BacklogInterval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PruneInterval = TimeSpan.FromSeconds(10);

    // A node that lets its heart wait longer than others have patience comes back to find that all was given away.
    private static readonly RetrySchedule Pauses = new(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(2), int.MaxValue);

    private readonly MessageRunner _runner = new(store, handling, owner, time, logger);
    private readonly long _start = time.GetTimestamp();
    private readonly WakeSignal _wake = new();
    private readonly List<Hand> _hands = [];
    private ServiceNode? _node;
    private TimeSpan _beatAt;
    private TimeSpan _pruneAt;
    private TimeSpan _lookAt;
    private IReadOnlyList<Backlog> _backlog = [];
    private Task _chores = Task.CompletedTask;

    // What is done at intervals goes by the clock that nobody sets: a node whose clock goes back beats on, and is not taken for dead.
    private TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>Says that there may be messages; called on each commit of this process.</summary>
    public void Wake() => _wake.Set();

    /// <summary>Runs until it is cancelled, then waits for the messages in hand.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        var listening = notices?.RunAsync(OutboxWriter.Channel, Wake, ct) ?? Task.CompletedTask;
        using var gauges = MessagingTelemetry.Observe(() => Volatile.Read(ref _backlog), time);
        var failures = 0;
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await LetGoAsync();
                await KeepUpAsync(ct);
                if (!await TakeAsync(ct))
                {
                    await _wake.WaitAsync(PollInterval, time, ct);
                }

                failures = 0;
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                break;
            }
            catch (Exception broken) when (IsAway(broken))
            {
                failures++;
                MessagingLog.DispatchFailed(logger, broken, failures);
                await PauseAsync(failures, ct);
            }
        }

        await FinishAsync();
        await listening;
    }

    /// <summary>Takes one batch and handles it, side by side.</summary>
    /// <returns>How many were taken.</returns>
    public async Task<int> DispatchBatchAsync(CancellationToken ct)
    {
        await KeepUpAsync(ct);
        await _chores;
        var taken = await store.TakeAsync(_node!, Ask(options.InFlightMax, options.BytesInFlightMax), ct);
        await Task.WhenAll(taken.Select(async m =>
        {
            using var hand = new Hand(m, ct);
            await _runner.RunAsync(hand);
        }));
        return taken.Count;
    }

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> TakeAsync(CancellationToken ct)
    {
        var room = options.InFlightMax - _hands.Count;
        var bytes = options.BytesInFlightMax - _hands.Sum(h => (long)h.Message.Body.Length);
        if (room <= 0 || bytes <= 0)
        {
            return false;
        }

        var taken = await store.TakeAsync(_node!, Ask(room, bytes), ct);
        foreach (var message in taken)
        {
            var hand = new Hand(message, ct);
            _hands.Add(hand);
            hand.Task = HandleInTurnAsync(hand);
        }

        // One tenant alone was given all the room there was; several may have more than their shares.
        return taken.Count == room || taken.Select(m => m.Tenant).Distinct(StringComparer.Ordinal).Skip(1).Any();
    }

    private Demand Ask(int room, long bytes) =>
        new(options.Lease, room, bytes) { Rooms = _runner.Rooms(_hands.Where(h => !h.Task.IsCompleted).Select(h => h.Message.Name)) };

    // A slow message holds up nobody but itself.
    private async Task HandleInTurnAsync(Hand hand)
    {
        try
        {
            await _runner.RunAsync(hand);
        }
        finally
        {
            _wake.Set();
        }
    }

    /// <summary>Lets go of what is finished; a message that the store would not take back is one more failure of the loop.</summary>
    private async Task LetGoAsync()
    {
        foreach (var finished in _hands.Where(h => h.Task.IsCompleted).ToArray())
        {
            _hands.Remove(finished);
            finished.Dispose();
            await finished.Task;
        }
    }

    /// <summary>Says that this node lives, keeps what it has in hand, and gives back what others have lost.</summary>
    private async Task KeepUpAsync(CancellationToken ct)
    {
        var now = Now;
        if (_node is null || now >= _beatAt)
        {
            if (_node is null || !await store.BeatAsync(_node, ct))
            {
                _hands.ForEach(h => h.Lose());
                _node = await store.JoinAsync(owner, ct);
            }

            await RenewAsync(ct);
            if (await store.ReleaseAsync(options.SilenceMax, ct) > 0)
            {
                Wake();
            }

            _beatAt = now + options.HeartbeatInterval;
        }

        // Beside the taking: messages do not wait for it.
        if (_chores.IsCompleted)
        {
            // One that failed is told of once, and done anew.
            var ended = _chores;
            _chores = Task.CompletedTask;
            await ended;
            _chores = DoChoresAsync(now, ct);
        }
    }

    /// <summary>Sends what schedules have due, looks how much waits, and forgets what is old.</summary>
    private async Task DoChoresAsync(TimeSpan now, CancellationToken ct)
    {
        if (schedules is not null && await schedules.SendDueAsync(ct))
        {
            Wake();
        }

        if (now >= _lookAt)
        {
            Volatile.Write(ref _backlog, await store.BacklogAsync(BacklogGroupsMax, ct));
            _lookAt = now + BacklogInterval;
        }

        if (now >= _pruneAt)
        {
            var pruned = await store.PruneAsync(options.HandledKept, PruneRowsMax, ct);
            _pruneAt = pruned == PruneRowsMax ? now : now + PruneInterval;
        }
    }

    private async Task RenewAsync(CancellationToken ct)
    {
        var inHand = _hands.Where(h => !h.Task.IsCompleted && !h.IsLost).ToArray();
        if (inHand.Length == 0)
        {
            return;
        }

        var lost = await store.RenewAsync([.. inHand.Select(h => h.Message)], options.Lease, ct);
        foreach (var hand in inHand.Where(h => lost.Contains(h.Message.Id)))
        {
            // One that was finished just now is not to be found either; its handling ends by itself.
            hand.Lose();
        }
    }

    private async Task FinishAsync()
    {
        try
        {
            await Task.WhenAll(_hands.Select(h => h.Task));
            await _chores.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_node is not null)
            {
                await store.LeaveAsync(_node, CancellationToken.None);
            }
        }
        catch (Exception broken) when (IsAway(broken))
        {
            // Their leases end by themselves.
            MessagingLog.DispatchFailed(logger, broken, 1);
        }
        finally
        {
            _hands.ForEach(h => h.Dispose());
            _hands.Clear();
            _node = null;
        }
    }

    private async Task PauseAsync(int failures, CancellationToken ct)
    {
        try
        {
            await _wake.WaitAsync(Pauses.Pause(failures), time, ct);
        }
        catch (OperationCanceledException)
        {
            // Stopping is what the loop's condition is for.
        }
    }

    private static bool IsAway(Exception broken) => broken is NpgsqlException or IOException or TimeoutException;
}
