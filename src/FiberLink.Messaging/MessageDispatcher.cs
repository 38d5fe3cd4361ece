using System.Diagnostics;
using FiberLink.Postgres;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace FiberLink.Messaging;

/// <summary>Handles one message.</summary>
/// <remarks>
/// It commits its effect together with the marker it is given. Coming back means that the marker is committed, by this call
/// or by an earlier one. Throwing means that it is not known to be.
/// </remarks>
public interface IMessageHandling
{
    Task HandleAsync(WaitingMessage message, HandledMarker marker, CancellationToken ct);
}

/// <summary>Takes waiting messages and has them handled: woken by commits, with polling as the net.</summary>
/// <param name="database">Where the messages are.</param>
/// <param name="handling">What handles them.</param>
/// <param name="owner">This service node, in leases.</param>
/// <param name="time">What counts as due, and drives the waits.</param>
/// <param name="logger">Told of failures.</param>
public sealed class MessageDispatcher(
    NpgsqlDataSource database, IMessageHandling handling, string owner, TimeProvider time, ILogger<MessageDispatcher> logger)
{
    private const int InFlightMax = 16;
    private const int PruneRowsMax = 1_000;
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    // Shorter than the lease, so that nobody works on a message that another has taken over.
    private static readonly TimeSpan HandlingTimeMax = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan PruneInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan HandledKept = TimeSpan.FromDays(7);
    private static readonly RetrySchedule Retries = RetrySchedule.Default;

    private readonly MessageQueue _queue = new(database);
    private readonly WakeSignal _wake = new();
    private int _busy;

    /// <summary>Says that there may be messages; called on each commit of this process.</summary>
    public void Wake() => _wake.Set();

    /// <summary>Runs until it is cancelled, then waits for the messages in hand.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        var listening = new Notifications(database, time).RunAsync(OutboxWriter.Channel, Wake, ct);
        var inHand = new List<Task>();
        var failures = 0;
        var pruneAt = time.GetUtcNow();
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await ReleaseAsync(inHand);
                var room = InFlightMax - inHand.Count;
                if (room == 0 || await TakeAsync(room, inHand, ct) < room)
                {
                    await _wake.WaitAsync(PollInterval, time, ct);
                }

                if (time.GetUtcNow() >= pruneAt)
                {
                    await _queue.PruneHandledAsync(HandledKept, PruneRowsMax, ct);
                    pruneAt = time.GetUtcNow() + PruneInterval;
                }

                failures = 0;
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                break;
            }
            catch (Exception broken) when (broken is NpgsqlException or IOException or TimeoutException)
            {
                failures++;
                MessagingLog.DispatchFailed(logger, broken, failures);
                await PauseAsync(failures, ct);
            }
        }

        await FinishAsync(inHand);
        await listening;
    }

    /// <summary>Takes one batch and handles it, side by side.</summary>
    /// <returns>How many were taken.</returns>
    public async Task<int> DispatchBatchAsync(CancellationToken ct)
    {
        var taken = await _queue.TakeAsync(owner, Lease, time.GetUtcNow(), InFlightMax, ct);
        await Task.WhenAll(taken.Select(m => HandleAsync(m, ct)));
        return taken.Count;
    }

    private async Task<int> TakeAsync(int room, List<Task> inHand, CancellationToken ct)
    {
        var taken = await _queue.TakeAsync(owner, Lease, time.GetUtcNow(), room, ct);
        Interlocked.Add(ref _busy, taken.Count);
        inHand.AddRange(taken.Select(m => HandleInTurnAsync(m, ct)));
        return taken.Count;
    }

    /// <summary>Lets go of what is finished; a message that the database would not take back is one more failure of the loop.</summary>
    private static async Task ReleaseAsync(List<Task> inHand)
    {
        foreach (var finished in inHand.Where(t => t.IsCompleted).ToArray())
        {
            inHand.Remove(finished);
            await finished;
        }
    }

    private async Task FinishAsync(List<Task> inHand)
    {
        try
        {
            await Task.WhenAll(inHand);
        }
        catch (Exception broken) when (broken is NpgsqlException or IOException or TimeoutException)
        {
            // Their leases end by themselves.
            MessagingLog.DispatchFailed(logger, broken, 1);
        }
    }

    // A slow message holds up nobody but itself. Half of the places free is when taking more is worth a round trip.
    private async Task HandleInTurnAsync(WaitingMessage message, CancellationToken ct)
    {
        try
        {
            await HandleAsync(message, ct);
        }
        finally
        {
            if (Interlocked.Decrement(ref _busy) <= InFlightMax / 2)
            {
                _wake.Set();
            }
        }
    }

    private async Task HandleAsync(WaitingMessage message, CancellationToken ct)
    {
        using var activity = MessagingTelemetry.StartHandling(message);
        var started = time.GetTimestamp();
        var outcome = "handled";
        using var deadline = new CancellationTokenSource(HandlingTimeMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
        try
        {
            // A failure is counted when it is told of. One that ends the process tells nothing, but must end as well.
            await (message.Attempt <= Retries.AttemptsMax
                ? handling.HandleAsync(message, new HandledMarker(message.Id, message.Name), either.Token)
                : throw new CannotBeHandledException($"Nothing came back from {Retries.AttemptsMax} attempts."));
        }
        catch (TryLaterException later)
        {
            outcome = "put off";
            activity?.SetStatus(ActivityStatusCode.Unset, later.Message);
            var due = time.GetUtcNow() + later.Pause;
            await _queue.PutOffAsync(message.Id, owner, due, later.Message, counts: false, CancellationToken.None);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            outcome = "stopped";
            await _queue.PutOffAsync(message.Id, owner, time.GetUtcNow(), "The service stopped.", counts: false, CancellationToken.None);
        }
#pragma warning disable CA1031 // Whatever a handler throws, the message is kept: tried again, or given to an operator.
        catch (Exception broken)
#pragma warning restore CA1031
        {
            outcome = "failed";
            activity?.SetStatus(ActivityStatusCode.Error, broken.GetType().Name);
            var late = broken is OperationCanceledException && deadline.IsCancellationRequested;
            await FailAsync(message, late ? new TimeoutException($"Not handled in time: {HandlingTimeMax}.", broken) : broken);
        }

        MessagingTelemetry.CountHandled(message.Name, outcome, time.GetElapsedTime(started));
    }

    private async Task FailAsync(WaitingMessage message, Exception broken)
    {
        if (broken is not CannotBeHandledException && Retries.PauseAfter(message.Attempt) is { } pause)
        {
            MessagingLog.HandlingFailed(logger, broken, message.Name, message.Id, message.Attempt);
            await _queue.PutOffAsync(message.Id, owner, time.GetUtcNow() + pause, broken.Message, counts: true, CancellationToken.None);
            return;
        }

        MessagingLog.GivenUp(logger, broken, message.Name, message.Id, message.Attempt);
        await _queue.GiveUpAsync(message.Id, owner, broken.Message, CancellationToken.None);
    }

    private async Task PauseAsync(int failures, CancellationToken ct)
    {
        try
        {
            await _wake.WaitAsync(Retries.Pause(failures), time, ct);
        }
        catch (OperationCanceledException)
        {
            // Stopping is what the loop's condition is for.
        }
    }
}
