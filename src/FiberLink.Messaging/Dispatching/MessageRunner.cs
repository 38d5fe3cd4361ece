using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FiberLink.Messaging;

/// <summary>Makes one attempt at a message, and sees to it that the message goes on in the right way, however that ends.</summary>
internal sealed class MessageRunner(IMessageStore store, IMessageHandling handling, string node, TimeProvider time, ILogger logger)
{
    private const int TenantsToldApart = 200;

    private readonly Circuits _circuits = new(time);
    private readonly TenantLabels _tenants = new(TenantsToldApart);

    /// <summary>Of which names how many can be taken on, besides those that run: what there is no room for stays where it waits.</summary>
    /// <param name="running">The names of the messages in hand.</param>
    public IReadOnlyList<Room> Rooms(IEnumerable<string> running)
    {
        var limited = handling.Limited.ToArray();
        var types = limited.ToDictionary(l => l.Name, l => l.Type, StringComparer.Ordinal);
        var inHand = running.Where(types.ContainsKey).CountBy(name => types[name], StringComparer.Ordinal)
            .ToDictionary(StringComparer.Ordinal);
        return [.. limited.Select(l => new Room(l.Name, l.Type, Free(l.Options, inHand.GetValueOrDefault(l.Type))))];
    }

    public async Task RunAsync(Hand hand)
    {
        var message = hand.Message;
        var options = handling.OptionsOf(message.Name);
        using var activity = MessagingTelemetry.StartDispatching(message);
        var attempt = new Attempt(message, options, time.GetTimestamp(), activity);
        if (message.ExpiresAt is { } expiry && expiry <= time.GetUtcNow())
        {
            MessagingLog.Expired(logger, message.Name, message.Id, expiry);
            var failure = Failure(attempt, "", $"It was worth handling until {expiry:O}.");
            await store.ExpireAsync(message, failure, CancellationToken.None);
            Count(attempt, "expired");
        }
        else if (_circuits.Enter(options.Destination) is { } pause)
        {
            await PutOffAsync(attempt, pause, "put off", $"{options.Destination} is away.");
        }
        else
        {
            await TryAsync(hand, attempt);
        }
    }

    private int Free(HandlerOptions options, int inHand)
    {
        var tried = options.Destination is { } destination ? _circuits.Room(destination) : null;
        return Math.Min((options.ConcurrencyMax ?? int.MaxValue) - inHand, tried ?? int.MaxValue);
    }

    private async Task TryAsync(Hand hand, Attempt attempt)
    {
        var (message, options) = (attempt.Message, attempt.Options);
        using var deadline = new CancellationTokenSource(options.TimeLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(hand.Token, deadline.Token);
        switch (await HandleAsync(attempt, either.Token))
        {
            case null:
                _circuits.Leave(options.Destination, isAway: false);
                Count(attempt, "handled");
                break;
            case TryLaterException later:
                _circuits.Leave(options.Destination, later.IsDestinationAway);
                await PutOffAsync(attempt, later.Pause, "put off", later.Message);
                break;
            case var lost when lost is MessageLostException || hand.IsLost:
                MessagingLog.Lost(logger, message.Name, message.Id, message.Attempt);
                Count(attempt, "lost");
                break;
            case OperationCanceledException when hand.Token.IsCancellationRequested:
                await PutOffAsync(attempt, TimeSpan.Zero, "stopped", "The service stopped.");
                break;
            case OperationCanceledException late when deadline.IsCancellationRequested:
                _circuits.Leave(options.Destination, isAway: true);
                await FailAsync(attempt, new TimeoutException($"Not handled in time: {options.TimeLimit}.", late));
                break;
            case var broken:
                await FailAsync(attempt, broken);
                break;
        }
    }

    /// <returns>Null when it was handled; else what ended it.</returns>
    private async Task<Exception?> HandleAsync(Attempt attempt, CancellationToken ct)
    {
        var (message, options) = (attempt.Message, attempt.Options);
        using var activity = MessagingTelemetry.StartHandling(message);
        Exception? ended = null;
        try
        {
            // A failure is counted when it is told of. One that ends the process tells nothing, but must end as well.
            await (message.Attempt <= options.Retries.AttemptsMax
                ? handling.HandleAsync(message, message.Marker, ct)
                : throw new CannotBeHandledException($"Nothing came back from {options.Retries.AttemptsMax} attempts."));
        }
#pragma warning disable CA1031 // Whatever a handler throws, the message is kept: tried again, or given to an operator.
        catch (Exception broken)
#pragma warning restore CA1031
        {
            ended = broken;
            activity?.SetTag("error.type", broken.GetType().FullName)
                .SetStatus(broken is TryLaterException ? ActivityStatusCode.Unset : ActivityStatusCode.Error, broken.GetType().Name);
        }

        MessagingTelemetry.CountHandling(message, time.GetElapsedTime(attempt.StartedAt), ended);
        return ended;
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
        new(type, why, time.GetElapsedTime(attempt.StartedAt), node, MessagingTelemetry.TraceIdOf(attempt.Activity, attempt.Message));

    private void Count(Attempt attempt, string outcome)
    {
        attempt.Activity?.SetTag("fiberlink.outcome", outcome);
        MessagingTelemetry.CountAttempt(attempt.Message, _tenants.Of(attempt.Message.Tenant), outcome);
    }

    private sealed record Attempt(WaitingMessage Message, HandlerOptions Options, long StartedAt, Activity? Activity);
}
