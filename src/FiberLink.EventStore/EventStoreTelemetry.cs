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

    private static readonly TagList Append = new()
    {
        { "db.system.name", "postgresql" },
        { "db.operation.name", "append" },
    };

    private static readonly Counter<long> Appended =
        Meter.CreateCounter<long>("fiberlink.log.events", "{event}", "Events appended to the log.");

    private static readonly Counter<long> Refused =
        Meter.CreateCounter<long>("fiberlink.log.refusals", "{change}", "Changes that were not appended, by reason.");

    private static readonly Histogram<double> Groups = Meter.CreateHistogram<double>(
        "db.client.operation.duration", "s", "How long the transaction of a group of changes took.");

    private static readonly Histogram<double> Answers = Meter.CreateHistogram<double>(
        "fiberlink.log.append.duration", "s", "From a caller's change to its answer.");

    private static readonly UpDownCounter<int> Waiting =
        Meter.CreateUpDownCounter<int>("fiberlink.log.waiting", "{change}", "Changes that wait or are written.");

    private static readonly Histogram<double> HeadWaits =
        Meter.CreateHistogram<double>("fiberlink.log.head.wait", "s", "How long a group waited for the log's head.");

    private static readonly Counter<long> Looks =
        Meter.CreateCounter<long>("fiberlink.log.looks", "{group}", "Groups that had to look before they wrote.");

    private static readonly Histogram<int> GroupSizes = Meter.CreateHistogram<int>(
        "fiberlink.log.group.size", "{change}", "How many changes went into one transaction.");

    private static readonly Histogram<int> Loads =
        Meter.CreateHistogram<int>("fiberlink.log.load.streams", "{stream}", "Streams that were read together in one statement.");

    internal static Activity? StartAppend(int events) =>
        Source.StartActivity("log append")?.SetTag("fiberlink.events", events);

    /// <summary>One transaction for many appends: linked to each of them.</summary>
    internal static Activity? StartCommit(IReadOnlyList<PendingAppend> group) =>
        Source.HasListeners()
            ? Source.StartActivity(
                "log commit",
                ActivityKind.Client,
                default(ActivityContext),
                [
                    new("db.system.name", "postgresql"),
                    new("db.operation.name", "append"),
                    new("db.operation.batch.size", group.Count),
                ],
                group.Where(p => p.Trace != default).Select(p => new ActivityLink(p.Trace)))
            : null;

    /// <summary>Until it is disposed, a change waits.</summary>
    internal static Timing TimeAppend(TimeProvider time)
    {
        Waiting.Add(1);
        return new(time, time.GetTimestamp());
    }

    internal static void CountHeadWait(TimeSpan waited) => HeadWaits.Record(waited.TotalSeconds);

    internal static void CountLook(TimeSpan took)
    {
        Looks.Add(1);
        HeadWaits.Record(took.TotalSeconds);
    }

    internal static void CountGroup(int changes, TimeSpan took)
    {
        Groups.Record(took.TotalSeconds, Append);
        GroupSizes.Record(changes);
    }

    internal static void CountAppend(IReadOnlyList<RecordedEvent> events)
    {
        if (!Appended.Enabled)
        {
            return;
        }

        foreach (var type in events.GroupBy(e => e.Name))
        {
            Appended.Add(type.Count(), new KeyValuePair<string, object?>("type", type.Key));
        }
    }

    internal static void CountRefusal(AppendResult refusal) =>
        Refused.Add(1, new KeyValuePair<string, object?>("reason", refusal.GetType().Name));

    internal static void CountLoad(int streams) => Loads.Record(streams);

    /// <summary>One append on its way.</summary>
    internal readonly struct Timing(TimeProvider time, long started) : IDisposable
    {
        public void Dispose()
        {
            Waiting.Add(-1);
            Answers.Record(time.GetElapsedTime(started).TotalSeconds);
        }
    }
}
