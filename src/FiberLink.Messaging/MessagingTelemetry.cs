using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace FiberLink.Messaging;

/// <summary>The traces and meters of messages.</summary>
/// <remarks>One measurement follows OpenTelemetry's messaging conventions: a message's name is the destination.</remarks>
public static class MessagingTelemetry
{
    /// <summary>The name of the activity source and of the meter.</summary>
    public const string Name = "FiberLink.Messaging";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);

    private static readonly Histogram<double> Duration =
        Meter.CreateHistogram<double>("messaging.process.duration", "s", "How long a handling took, its commit included.");

    private static readonly Histogram<double> Delay = Meter.CreateHistogram<double>(
        "fiberlink.message.delay", "s", "From the commit that sent a message, or its time if that is later, to the one that handled it.");

    private static readonly Counter<long> Attempts = Meter.CreateCounter<long>(
        "fiberlink.message.attempts", "{attempt}", "Messages that a node has taken, by message, tenant and what came of it.");

    private static readonly Counter<long> Scheduled =
        Meter.CreateCounter<long>("fiberlink.schedule.due", "{time}", "Times that schedules were due, by schedule and outcome.");

    /// <summary>The gauges of what waits, as it was seen last; they end with the meter.</summary>
    internal static Meter Observe(Func<IReadOnlyList<Backlog>> backlog, TimeProvider time)
    {
        var meter = new Meter(Name);
        meter.CreateObservableGauge(
            "fiberlink.message.depth",
            () => backlog().Select(b => new Measurement<long>(
                b.Count, new("message", b.Name), new("tenant", b.Tenant), new("state", b.State))),
            "{message}",
            "Messages by name, tenant and state; the largest groups.");
        meter.CreateObservableGauge(
            "fiberlink.message.age",
            () => backlog().Where(b => b.State == "ready").Select(b => new Measurement<double>(
                Math.Max(0, (time.GetUtcNow() - b.OldestDueAt).TotalSeconds), new("message", b.Name), new("tenant", b.Tenant))),
            "s",
            "Since when the oldest message that may be taken is due.");
        return meter;
    }

    /// <summary>Continues the trace that sent the message, until the message is finished or back where it waits.</summary>
    internal static Activity? StartDispatching(WaitingMessage message) =>
        Describe(Source.StartActivity($"dispatch {message.Name}", ActivityKind.Internal, message.TraceParent), message);

    /// <summary>One attempt of a handler, within the dispatching.</summary>
    internal static Activity? StartHandling(WaitingMessage message)
    {
        var activity = Describe(Source.StartActivity($"handle {message.Name}", ActivityKind.Consumer), message);
        foreach (var (name, value) in activity is null ? [] : Tags(message))
        {
            activity?.SetTag(name, value);
        }

        return activity;
    }

    /// <summary>The trace of a message, whether or not anybody listens.</summary>
    internal static string? TraceIdOf(Activity? dispatching, WaitingMessage message) =>
        dispatching is not null ? dispatching.TraceId.ToHexString()
        : ActivityContext.TryParse(message.TraceParent, null, out var sender) ? sender.TraceId.ToHexString()
        : null;

    /// <summary>What came of a taking.</summary>
    /// <param name="message">The message.</param>
    /// <param name="tenant">The tenant, as far as tenants are told apart.</param>
    /// <param name="outcome">What came of it.</param>
    internal static void CountAttempt(WaitingMessage message, string tenant, string outcome) =>
        Attempts.Add(1, new("message", message.Name), new("tenant", tenant), new("outcome", outcome));

    /// <param name="message">The message.</param>
    /// <param name="took">How long the handler took.</param>
    /// <param name="error">What ended it; null when it was handled.</param>
    internal static void CountHandling(WaitingMessage message, TimeSpan took, Exception? error)
    {
        if (error is not null)
        {
            Duration.Record(took.TotalSeconds, [.. Tags(message), new("error.type", error.GetType().FullName)]);
            return;
        }

        Duration.Record(took.TotalSeconds, Tags(message));
        Delay.Record((message.Waited + took).TotalSeconds, new KeyValuePair<string, object?>("message", message.Name));
    }

    internal static void CountScheduled(FiredSchedule fired)
    {
        Scheduled.Add(fired.Sent, new("schedule", fired.Name), new("outcome", "sent"));
        Scheduled.Add(fired.Skipped, new("schedule", fired.Name), new("outcome", "skipped"));
    }

    private static KeyValuePair<string, object?>[] Tags(WaitingMessage message) =>
    [
        new("messaging.system", "fiberlink"),
        new("messaging.destination.name", message.Name),
        new("messaging.operation.name", "handle"),
        new("messaging.operation.type", "process"),
    ];

    private static Activity? Describe(Activity? activity, WaitingMessage message) =>
        activity?.SetTag("messaging.message.id", message.Id)
            .SetTag("fiberlink.attempt", message.Attempt)
            .SetTag("fiberlink.tenant", message.Tenant);
}
