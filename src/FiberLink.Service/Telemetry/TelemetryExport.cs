using System.Diagnostics;
using FiberLink.EventStore;
using FiberLink.Messaging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace FiberLink.Service.Telemetry;

/// <summary>
/// Sends traces, meters and logs by OTLP when OTEL_EXPORTER_OTLP_ENDPOINT is set; the SDK reads its other settings itself.
/// </summary>
internal sealed class TelemetryExport : IDisposable
{
    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string ServiceName = "fiberlink";

    private static readonly string[] Sources =
    [
        ServiceTelemetry.Name, EventStoreTelemetry.Name, MessagingTelemetry.Name, "FiberLink.HubNode",
        "Microsoft.AspNetCore", "System.Net.Http", "Npgsql",
    ];

    private static readonly string[] Meters =
    [
        ServiceTelemetry.Name, EventStoreTelemetry.Name, MessagingTelemetry.Name, "FiberLink.HubNode",
        "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime", "Npgsql",
    ];

    private readonly List<IDisposable> _running = [];

    private TelemetryExport()
    {
    }

    public static bool IsAskedFor => Environment.GetEnvironmentVariable(EndpointVariable) is { Length: > 0 };

    public static TelemetryExport Start()
    {
        var export = new TelemetryExport();
        if (IsAskedFor)
        {
            export._running.Add(
                Sdk.CreateTracerProviderBuilder().SetResourceBuilder(Resource()).AddSource(Sources).AddOtlpExporter().Build());
            export._running.Add(
                Sdk.CreateMeterProviderBuilder().SetResourceBuilder(Resource()).AddMeter(Meters).AddOtlpExporter().Build());
        }
        else
        {
            // Trace ids go into events, messages and logs whether or not anybody collects the traces.
            var listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name.StartsWith("FiberLink.", StringComparison.Ordinal),
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.PropagationData,
            };
            ActivitySource.AddActivityListener(listener);
            export._running.Add(listener);
        }

        return export;
    }

    public static void AddLogs(ILoggingBuilder logging)
    {
        if (IsAskedFor)
        {
            logging.AddOpenTelemetry(options => options.SetResourceBuilder(Resource()).AddOtlpExporter());
        }
    }

    public void Dispose() => _running.ForEach(r => r.Dispose());

    private static ResourceBuilder Resource() => ResourceBuilder.CreateDefault().AddService(ServiceName);
}
