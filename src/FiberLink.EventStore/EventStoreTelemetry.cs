using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace FiberLink.EventStore;

/// <summary>The store's traces and meters.</summary>
public static class EventStoreTelemetry
{
    /// <summary>The name of the activity source and of the meter.</summary>
    public const string Name = "FiberLink.EventStore";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);

    private static readonly Counter<long> Appended =
        Meter.CreateCounter<long>("fiberlink.log.events", "{event}", "Events appended to the log.");

    private static readonly Counter<long> Refused =
        Meter.CreateCounter<long>("fiberlink.log.refusals", "{change}", "Changes that were not appended, by reason.");

    internal static Activity? StartAppend(int events) =>
        Source.StartActivity("log append")?.SetTag("fiberlink.events", events);

    internal static void CountAppend(IReadOnlyList<RecordedEvent> events)
    {
        foreach (var type in events.GroupBy(e => e.Name))
        {
            Appended.Add(type.Count(), new KeyValuePair<string, object?>("type", type.Key));
        }
    }

    internal static void CountRefusal(AppendResult refusal) =>
        Refused.Add(1, new KeyValuePair<string, object?>("reason", refusal.GetType().Name));
}
