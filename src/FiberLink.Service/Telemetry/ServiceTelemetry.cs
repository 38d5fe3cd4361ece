using System.Diagnostics;
using System.Diagnostics.Metrics;
using FiberLink.Service.Rpc;

namespace FiberLink.Service.Telemetry;

/// <summary>The service's own traces and meters; each library has its own.</summary>
internal static class ServiceTelemetry
{
    /// <summary>The name of the activity source and of the meter.</summary>
    public const string Name = "FiberLink.Service";

    private const string UnknownMethod = "unknown";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);

    private static readonly Histogram<double> RpcDuration =
        Meter.CreateHistogram<double>("fiberlink.rpc.duration", "s", "How long a call took, by method and outcome.");

    private static readonly Counter<long> Polls =
        Meter.CreateCounter<long>("fiberlink.settlement.polls", "{invoice}", "Invoices the node was asked about, by whether it answered.");

    private static readonly Counter<long> Unannounced =
        Meter.CreateCounter<long>(
            "fiberlink.settlement.unannounced", "{invoice}", "Payments that were found by asking although the node was to tell of them.");

    public static Activity? StartRpc(string? method) =>
        Source.StartActivity($"rpc {method ?? UnknownMethod}")?.SetTag("rpc.system", "jsonrpc");

    /// <summary>Only names from the table become tags: what a caller makes up must not make time series.</summary>
    public static void CountRpc(Activity? activity, string? method, RpcResult result, TimeSpan took)
    {
        var outcome = result is RpcResult.Error error ? error.Code.ToString() : "Ok";
        activity?.SetTag("fiberlink.outcome", outcome);
        RpcDuration.Record(took.TotalSeconds, new("method", method ?? UnknownMethod), new("outcome", outcome));
    }

    /// <summary>
    /// Most polls see nothing new, and thousands of them would bury the trace they belong to: this one and what it calls is not
    /// recorded. What is seen continues the request's trace.
    /// </summary>
    public static Activity StartUnrecorded()
    {
#pragma warning disable CA2000 // It is the caller's to dispose of.
        var activity = new Activity("poll");
#pragma warning restore CA2000
        activity.ActivityTraceFlags = ActivityTraceFlags.None;
        return activity.SetIdFormat(ActivityIdFormat.W3C).Start();
    }

    /// <summary>The step of the request's trace in which the node was seen to have been paid.</summary>
    public static Activity? StartObserved(string? traceParent, string app, Guid tipId, string status) =>
        Source.StartActivity("invoice observed", ActivityKind.Internal, traceParent)
            ?.SetTag("fiberlink.app", app).SetTag("fiberlink.tip", tipId).SetTag("fiberlink.status", status);

    public static void CountPolls(int answered, int unanswered)
    {
        Polls.Add(answered, new KeyValuePair<string, object?>("answered", true));
        Polls.Add(unanswered, new KeyValuePair<string, object?>("answered", false));
    }

    public static void CountUnannounced(int count)
    {
        if (count > 0)
        {
            Unannounced.Add(count);
        }
    }
}
