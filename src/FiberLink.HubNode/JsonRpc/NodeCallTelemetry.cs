using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace FiberLink.HubNode.JsonRpc;

/// <summary>A span and a measurement for each call, and what lies beneath: attempts, repetitions, connections. No parameters.</summary>
internal static class NodeCallTelemetry
{
    private const string Name = "FiberLink.HubNode";
    private const string System = "jsonrpc";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);

    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>(
        "fiberlink.node.call.duration", unit: "s", description: "How long calls to the hub node take, waiting and repetitions included.");

    private static readonly Histogram<double> AttemptDuration = Meter.CreateHistogram<double>(
        "rpc.client.call.duration", unit: "s", description: "From sending one request to its answer, or to giving up.");

    private static readonly UpDownCounter<int> InFlight = Meter.CreateUpDownCounter<int>(
        "fiberlink.node.calls.in_flight", unit: "{call}", description: "Calls that have their turn.");

    private static readonly Counter<long> Retries = Meter.CreateCounter<long>(
        "fiberlink.node.retries", unit: "{call}", description: "Calls that were repeated after an outage.");

    private static readonly UpDownCounter<int> CircuitsOpen = Meter.CreateUpDownCounter<int>(
        "fiberlink.node.circuit.open", unit: "{circuit}", description: "1 while calls fail at once because the node is away.");

    private static readonly Counter<long> Connections = Meter.CreateCounter<long>(
        "fiberlink.node.connections", unit: "{connection}", description: "WebSocket connections that were tried.");

    private static readonly Counter<long> Changes = Meter.CreateCounter<long>(
        "fiberlink.node.changes", unit: "{change}", description: "Changes that the node told of, by kind, those we ignore included.");

    private static readonly Counter<long> Unexpected = Meter.CreateCounter<long>(
        "fiberlink.node.messages.unexpected", unit: "{message}", description: "Answers to calls that were given up, and second ones.");

    public static Activity? Start(string method)
    {
        var activity = Source.StartActivity($"fnn.{method}", ActivityKind.Client);
        activity?.SetTag("rpc.system", System);
        activity?.SetTag("rpc.system.name", System);
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

    /// <summary>One request on the wire, with OpenTelemetry's names.</summary>
    public static void RecordAttempt(string method, Uri endpoint, string? error, TimeSpan elapsed)
    {
        var tags = new TagList
        {
            { "rpc.system.name", System },
            { "rpc.method", method },
            { "server.address", endpoint.Host },
            { "server.port", endpoint.Port },
        };
        if (error is not null)
        {
            tags.Add("error.type", error);
        }

        AttemptDuration.Record(elapsed.TotalSeconds, tags);
    }

    public static void CountInFlight(int difference, string method) =>
        InFlight.Add(difference, new KeyValuePair<string, object?>("method", method));

    public static void CountRetry(string method)
    {
        Retries.Add(1, new KeyValuePair<string, object?>("method", method));
        Activity.Current?.AddEvent(new ActivityEvent("retry"));
    }

    public static void CountCircuit(int difference) => CircuitsOpen.Add(difference);

    public static void CountConnection(string purpose) => Connections.Add(1, new KeyValuePair<string, object?>("purpose", purpose));

    public static void CountChange(string kind) => Changes.Add(1, new KeyValuePair<string, object?>("kind", kind));

    public static void CountUnexpectedMessage() => Unexpected.Add(1);

    public static string Outcome(NodeFailure failure) => failure switch
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
        NodeFailure.CircuitOpen => "circuit_open",
        NodeFailure.WrongNode => "wrong_node",
        NodeFailure.NotOffered => "not_offered",
        NodeFailure.PaymentNotFound => "payment_not_found",
        NodeFailure.InvoiceStillOpen => "invoice_still_open",
        NodeFailure.InvoiceAlreadyExpired => "invoice_already_expired",
        NodeFailure.PreimageMismatch => "preimage_mismatch",
        NodeFailure.ChannelNotFound => "channel_not_found",
        NodeFailure.FundingAlreadySubmitted => "funding_already_submitted",
        _ => throw new UnreachableException($"{failure} has no name in the measurements."),
    };

    private static void Record(Activity? activity, string method, string outcome, bool isError, TimeSpan elapsed)
    {
        activity?.SetTag("outcome", outcome);
        if (isError)
        {
            activity?.SetTag("error.type", outcome);
            activity?.SetStatus(ActivityStatusCode.Error, outcome);
        }

        Duration.Record(elapsed.TotalSeconds, new("method", method), new("outcome", outcome));
    }
}
