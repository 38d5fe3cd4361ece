using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace FiberLink.HubNode.JsonRpc;

/// <summary>One span and one measurement for each call. No parameters are recorded.</summary>
internal static class NodeCallTelemetry
{
    private const string Name = "FiberLink.HubNode";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);

    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>(
        "fiberlink.node.call.duration", unit: "s", description: "How long calls to the hub node take, waiting for their turn included.");

    public static Activity? Start(string method)
    {
        var activity = Source.StartActivity($"fnn.{method}", ActivityKind.Client);
        activity?.SetTag("rpc.system", "jsonrpc");
        activity?.SetTag("rpc.method", method);
        return activity;
    }

    /// <param name="activity">The span, if anybody listens.</param>
    /// <param name="method">The node's name of the method.</param>
    /// <param name="failure">Null when there is a value.</param>
    /// <param name="elapsed">From asking for a turn to the end.</param>
    public static void Stop(Activity? activity, string method, NodeFailure? failure, TimeSpan elapsed) =>
        Record(activity, method, failure is { } named ? Outcome(named) : "ok", isError: failure is not null, elapsed);

    public static void StopCancelled(Activity? activity, string method, TimeSpan elapsed) =>
        Record(activity, method, "cancelled", isError: false, elapsed);

    private static void Record(Activity? activity, string method, string outcome, bool isError, TimeSpan elapsed)
    {
        activity?.SetTag("outcome", outcome);
        if (isError)
        {
            activity?.SetStatus(ActivityStatusCode.Error, outcome);
        }

        Duration.Record(elapsed.TotalSeconds, new("method", method), new("outcome", outcome));
    }

    private static string Outcome(NodeFailure failure) => failure switch
    {
        NodeFailure.Unreachable => "unreachable",
        NodeFailure.NoAnswer => "no_answer",
        NodeFailure.Unauthorized => "unauthorized",
        NodeFailure.InvalidRequest => "invalid_request",
        NodeFailure.InvoiceNotFound => "invoice_not_found",
        NodeFailure.InvoiceAlreadyExists => "invoice_already_exists",
        NodeFailure.InvoiceAlreadyPaid => "invoice_already_paid",
        NodeFailure.InvoiceAlreadyCancelled => "invoice_already_cancelled",
        NodeFailure.WrongNetwork => "wrong_network",
        NodeFailure.Rejected => "rejected",
        _ => throw new UnreachableException($"{failure} has no name in the measurements."),
    };
}
