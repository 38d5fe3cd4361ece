using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FiberLink.Messaging;

/// <summary>Makes one attempt at a message, and sees to it that the message goes on in the right way, however that ends.</summary>
internal sealed class MessageRunner(IMessageStore store, IMessageHandling handling, string node, TimeProvider time, ILogger logger)
{
    private readonly Circuits _circuits = new(time);

    /// <summary>Of which names how many can be taken on, besides those that run: what there is no room for stays where it waits.</summary>
    /// <param name="running">The names of the messages in hand.</param>
    public IReadOnlyDictionary<string, int> Rooms(IEnumerable<string> running)
    {
        var counts = running.CountBy(n => n, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var rooms = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (name, options) in handling.Limited)
        {
            var free = (options.ConcurrencyMax ?? int.MaxValue) - counts.GetValueOrDefault(name);
            var tried = options.Destination is { } destination ? _circuits.Room(destination) : null;
            rooms.Add(name, Math.Min(free, tried ?? int.MaxValue));
        }

        return rooms;
    }

    public async Task RunAsync(Hand hand)
    {
        var message = hand.Message;
        var options = handling.OptionsOf(message.Name);
        using var activity = MessagingTelemetry.StartHandling(message);
        var attempt = new Attempt(message, options, time.GetTimestamp(), activity);
        if (_circuits.Enter(options.Destination) is { } pause)
        {
            await PutOffAsync(attempt, pause, "put off", $"{options.Destination} is away.");
        }
        else
        {
            await TryAsync(hand, attempt);
        }
    }

    private async Task TryAsync(Hand hand, Attempt attempt)
    {
        var (message, options) = (attempt.Message, attempt.Options);
        using var deadline = new CancellationTokenSource(options.TimeLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(hand.Token, deadline.Token);
        try
        {
            // A failure is counted when it is told of. One that ends the process tells nothing, but must end as well.
            await (message.Attempt <= options.Retries.AttemptsMax
                ? handling.HandleAsync(message, message.Marker, either.Token)
                : throw new CannotBeHandledException($"Nothing came back from {options.Retries.AttemptsMax} attempts."));
            _circuits.Leave(options.Destination, isAway: false);
            Count(attempt, "handled");
        }
        catch (TryLaterException later)
        {
            _circuits.Leave(options.Destination, later.IsDestinationAway);
            await PutOffAsync(attempt, later.Pause, "put off", later.Message);
        }
        catch (Exception lost) when (lost is MessageLostException || hand.IsLost)
        {
            MessagingLog.Lost(logger, message.Name, message.Id, message.Attempt);
            Count(attempt, "lost");
        }
        catch (OperationCanceledException) when (hand.Token.IsCancellationRequested)
        {
            await PutOffAsync(attempt, TimeSpan.Zero, "stopped", "The service stopped.");
        }
#pragma warning disable CA1031 // Whatever a handler throws, the message is kept: tried again, or given to an operator.
        catch (Exception broken)
#pragma warning restore CA1031
        {
            var isLate = broken is OperationCanceledException && deadline.IsCancellationRequested;
            if (isLate)
            {
                _circuits.Leave(options.Destination, isAway: true);
            }

            await FailAsync(attempt, isLate ? new TimeoutException($"Not handled in time: {options.TimeLimit}.", broken) : broken);
        }
    }

    private async Task PutOffAsync(Attempt attempt, TimeSpan pause, string outcome, string why)
    {
        attempt.Activity?.SetStatus(ActivityStatusCode.Unset, why);
        var failure = Failure(attempt, "", why);
        await store.PutOffAsync(attempt.Message, time.GetUtcNow() + pause, failure, counts: false, CancellationToken.None);
        Count(attempt, outcome);
    }

    private async Task FailAsync(Attempt attempt, Exception broken)
    {
        var (message, options) = (attempt.Message, attempt.Options);
        attempt.Activity?.SetStatus(ActivityStatusCode.Error, broken.GetType().Name);
        var failure = Failure(attempt, broken.GetType().FullName ?? broken.GetType().Name, broken.Message);
        if (!options.IsPermanent(broken) && options.Retries.PauseAfter(message.Attempt, message.Id) is { } pause)
        {
            MessagingLog.HandlingFailed(logger, broken, message.Name, message.Id, message.Attempt);
            await store.PutOffAsync(message, time.GetUtcNow() + pause, failure, counts: true, CancellationToken.None);
            Count(attempt, "failed");
            return;
        }

        MessagingLog.GivenUp(logger, broken, message.Name, message.Id, message.Attempt);
        await store.GiveUpAsync(message, failure, options.DeadLetterStopsKey, CancellationToken.None);
        Count(attempt, "given up");
    }

    private AttemptFailure Failure(Attempt attempt, string type, string why) =>
        new(type, why, time.GetElapsedTime(attempt.StartedAt), node, attempt.Activity?.TraceId.ToString());

    private void Count(Attempt attempt, string outcome) =>
        MessagingTelemetry.CountHandled(attempt.Message, outcome, time.GetElapsedTime(attempt.StartedAt));

    private sealed record Attempt(WaitingMessage Message, HandlerOptions Options, long StartedAt, Activity? Activity);
}
