using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace FiberLink.Messaging;

/// <summary>The traces and meters of messages.</summary>
public static class MessagingTelemetry
{
    /// <summary>The name of the activity source and of the meter.</summary>
    public const string Name = "FiberLink.Messaging";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);

    private static readonly Histogram<double> Duration =
        Meter.CreateHistogram<double>("fiberlink.message.duration", "s", "How long a handling took, by message and outcome.");

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

    /// <summary>Continues the trace that the message came from.</summary>
    internal static Activity? StartHandling(WaitingMessage message) =>
        Source.StartActivity($"handle {message.Name}", ActivityKind.Consumer, message.TraceParent)
            ?.SetTag("messaging.message.id", message.Id)
            .SetTag("fiberlink.attempt", message.Attempt)
            .SetTag("fiberlink.tenant", message.Tenant);

    internal static void CountHandled(WaitingMessage message, string outcome, TimeSpan took) =>
        Duration.Record(took.TotalSeconds, new("message", message.Name), new("outcome", outcome));

    internal static void CountScheduled(FiredSchedule fired)
    {
        Scheduled.Add(fired.Sent, new("schedule", fired.Name), new("outcome", "sent"));
        Scheduled.Add(fired.Skipped, new("schedule", fired.Name), new("outcome", "skipped"));
    }
}
