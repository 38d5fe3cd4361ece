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

    /// <summary>Continues the trace that the message came from.</summary>
    internal static Activity? StartHandling(WaitingMessage message) =>
        Source.StartActivity($"handle {message.Name}", ActivityKind.Consumer, message.TraceParent)
            ?.SetTag("messaging.message.id", message.Id)
            .SetTag("fiberlink.attempt", message.Attempt)
            .SetTag("fiberlink.tenant", message.Tenant);

    internal static void CountHandled(WaitingMessage message, string outcome, TimeSpan took) =>
        Duration.Record(took.TotalSeconds, new("message", message.Name), new("outcome", outcome));
}
