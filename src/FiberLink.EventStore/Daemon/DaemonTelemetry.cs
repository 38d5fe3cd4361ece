using System.Diagnostics;
using System.Diagnostics.Metrics;
using Npgsql;

namespace FiberLink.EventStore.Daemon;

/// <summary>What the daemon tells about async projections and subscriptions, under the store's name.</summary>
/// <remarks>One measurement follows OpenTelemetry's messaging conventions: the log is the destination, a shard its partition.</remarks>
internal static class DaemonTelemetry
{
    private const string System = "fiberlink";
    private const string Destination = "log";

    private static readonly ActivitySource Source = new(EventStoreTelemetry.Name);
    private static readonly Meter Meter = new(EventStoreTelemetry.Name);

    private static readonly Counter<long> Shown =
        Meter.CreateCounter<long>("fiberlink.projection.events", "{event}", "Events that an async projection or a subscription has seen.");

    private static readonly Counter<long> Pages =
        Meter.CreateCounter<long>("fiberlink.projection.pages", "{page}", "Pages that were committed.");

    private static readonly Counter<long> Failures =
        Meter.CreateCounter<long>("fiberlink.projection.failures", "{failure}", "Attempts of a shard that failed, by error.");

    private static readonly Histogram<double> Delay = Meter.CreateHistogram<double>(
        "fiberlink.projection.delay", "s", "From an event's command to the commit that shows it.");

    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>(
        "messaging.process.duration", "s", "From a page's events in memory to their commit.");

    /// <summary>The gauges of the shards that this process runs; they end with the meter.</summary>
    public static Meter Observe(IReadOnlyList<DaemonShard> shards, Func<long> head, TimeProvider time)
    {
        var meter = new Meter(EventStoreTelemetry.Name);
        meter.CreateObservableGauge(
            "fiberlink.projection.lag",
            () => shards.Where(s => s.IsRunning).Select(s => new Measurement<long>(s.Lag(head()), Tags(s.Name))),
            "{event}",
            "Events that a shard has not shown yet.");
        meter.CreateObservableGauge(
            "fiberlink.projection.lag.time",
            () => shards.Where(s => s.IsRunning).Select(s => new Measurement<double>(s.LagTime(time).TotalSeconds, Tags(s.Name))),
            "s",
            "Since the time of the first event that a shard has not shown yet; 0 when there is none.");
        return meter;
    }

    public static void CountShown(ShardName shard, ArraySegment<RecordedEvent> events, DateTimeOffset now)
    {
        var tags = Tags(shard);
        Shown.Add(events.Count, tags);
        Pages.Add(1, tags);
        Delay.Record((now - events[^1].At).TotalSeconds, tags);
    }

    public static void CountFailure(ShardName shard, Exception broken) =>
        Failures.Add(1, [.. Tags(shard), new("error.type", Kind(broken))]);

    public static Page StartPage(ShardName shard, string operation, int events, TimeProvider time) =>
        new(
            Source.StartActivity($"{operation} {shard.Consumer}", ActivityKind.Consumer),
            [
                new("messaging.system", System),
                new("messaging.destination.name", Destination),
                new("messaging.destination.partition.id", shard.Label),
                new("messaging.consumer.group.name", shard.Consumer),
                new("messaging.operation.name", operation),
                new("messaging.operation.type", "process"),
            ],
            events,
            time);

    private static KeyValuePair<string, object?>[] Tags(ShardName shard) => [new("projection", shard.Consumer), new("shard", shard.Label)];

    private static string Kind(Exception broken) => broken switch
    {
        PostgresException { SqlState: var state } => state,
        { InnerException: PostgresException { SqlState: var state } } => state,
        _ => (broken.InnerException ?? broken).GetType().FullName!,
    };

    /// <summary>The processing of one page, measured until it is disposed of.</summary>
    public sealed class Page(Activity? activity, KeyValuePair<string, object?>[] tags, int events, TimeProvider time) : IDisposable
    {
        private readonly long _started = time.GetTimestamp();
        private Exception? _broken;

        public void Failed(Exception broken) => _broken = broken;

        public void Dispose()
        {
            KeyValuePair<string, object?>[] all = _broken is null ? tags : [.. tags, new("error.type", Kind(_broken))];
            Duration.Record(time.GetElapsedTime(_started).TotalSeconds, all);
            foreach (var (name, value) in activity is null ? [] : all)
            {
                activity?.SetTag(name, value);
            }

            activity?.SetTag("messaging.batch.message_count", events);
            activity?.SetStatus(_broken is null ? ActivityStatusCode.Unset : ActivityStatusCode.Error, _broken?.Message);
            activity?.Dispose();
        }
    }
}
