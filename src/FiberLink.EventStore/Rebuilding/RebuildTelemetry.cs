using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace FiberLink.EventStore.Rebuilding;

/// <summary>Traces and meters of rebuilds; under the store's name.</summary>
internal static class RebuildTelemetry
{
    private static readonly ActivitySource Source = new(EventStoreTelemetry.Name);
    private static readonly Meter Meter = new(EventStoreTelemetry.Name);

    private static readonly Counter<long> Read =
        Meter.CreateCounter<long>("fiberlink.rebuild.events", "{event}", "Events read to rebuild or to verify a read model.");

    public static Activity? Start(string name, string projection) =>
        Source.StartActivity(name)?.SetTag("fiberlink.projection", projection);

    public static void CountRead(string projection, int events) =>
        Read.Add(events, new KeyValuePair<string, object?>("projection", projection));
}
