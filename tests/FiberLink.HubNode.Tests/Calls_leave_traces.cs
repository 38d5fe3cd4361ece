using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace FiberLink.HubNode.Tests;

public sealed class Calls_leave_traces
{
    [Fact]
    public async Task Each_call_has_a_span_and_a_measurement_with_its_outcome()
    {
        await using var scene = await Scene.StartAsync();
        using var heard = new Heard();

        await scene.CreateAsync();
        await scene.Hub.FindInvoiceAsync(PaymentHash.FromBytes(new byte[32]), Scene.Ct);

        Assert.Equal(["fnn.new_invoice", "fnn.get_invoice"], heard.Spans.Select(span => span.OperationName));
        Assert.All(heard.Spans, span => Assert.Equal(ActivityKind.Client, span.Kind));
        Assert.All(heard.Spans, span => Assert.Equal("jsonrpc", span.GetTagItem("rpc.system.name")));
        Assert.Equal(["new_invoice", "get_invoice"], heard.Spans.Select(span => span.GetTagItem("rpc.method")));
        Assert.Equal(["ok", "invoice_not_found"], heard.Spans.Select(span => span.GetTagItem("outcome")));
        Assert.Equal([null, "invoice_not_found"], heard.Spans.Select(span => span.GetTagItem("error.type")));
        Assert.Equal(
            ["s method=new_invoice outcome=ok", "s method=get_invoice outcome=invoice_not_found"],
            heard.Of("fiberlink.node.call.duration"));
        var server = $"server.address={scene.Node.Endpoint.Host} server.port={scene.Node.Endpoint.Port}";
        Assert.Equal(
            [
                $"s rpc.system.name=jsonrpc rpc.method=new_invoice {server}",
                $"s rpc.system.name=jsonrpc rpc.method=get_invoice {server} error.type=invoice_not_found",
            ],
            heard.Of("rpc.client.call.duration"));
        Assert.Equal(
            [1, -1, 1, -1], heard.Values("fiberlink.node.calls.in_flight"));
    }

    [Fact]
    public async Task Repetitions_are_in_the_calls_span_and_counted_and_so_is_an_open_circuit()
    {
        var isAway = true;
        await using var node = new RawNode(c => isAway ? [] : RawNode.Response(InvoiceAnswers.Info(InvoiceAnswers.Id(c))));
        using var http = Wire.NewHttpClient();
        await using var hub = new JsonRpcHubNode(http, new() { Endpoint = node.Endpoint, OutagesMax = 3 }, TimeProvider.System);
        using var heard = new Heard();

        await hub.FindInvoiceAsync(InvoiceAnswers.Hash(1), Scene.Ct);
        isAway = false;
        await hub.GetInfoAsync(Scene.Ct);

        Assert.Equal(["fnn.get_invoice", "fnn.node_info"], heard.Spans.Select(span => span.OperationName));
        Assert.Equal(["retry", "retry"], heard.Spans[0].Events.Select(e => e.Name));
        Assert.Equal(["{call} method=get_invoice", "{call} method=get_invoice"], heard.Of("fiberlink.node.retries"));
        Assert.Equal(3, heard.Of("rpc.client.call.duration").Count(m => m.EndsWith("error.type=no_answer", StringComparison.Ordinal)));
        Assert.Equal([1, -1], heard.Values("fiberlink.node.circuit.open"));
    }

    [Fact]
    public async Task The_node_is_told_the_trace()
    {
        await using var node = new RawNode(c => RawNode.Response(InvoiceAnswers.To(c)));
        using var http = Wire.NewHttpClient();
        await using var hub = new JsonRpcHubNode(http, new() { Endpoint = node.Endpoint }, TimeProvider.System);
        using var heard = new Heard();

        await hub.FindInvoiceAsync(InvoiceAnswers.Hash(1), Scene.Ct);

        Assert.Contains($"traceparent: 00-{heard.TraceId}-", Assert.Single(node.Requests), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_and_answers_to_nobody_are_counted()
    {
        await using var node = new RawWebSocketNode(async connection =>
        {
            var call = await connection.ReceiveAsync();
            await connection.SendAsync("""{"jsonrpc":"2.0","id":4711,"result":{}}""");
            await connection.SendAsync(InvoiceAnswers.To(call));
            await connection.ListenAsync();
        });
        using var http = Wire.NewHttpClient();
        using var heard = new Heard();
        await using var hub = new JsonRpcHubNode(http, new() { Endpoint = node.Endpoint }, TimeProvider.System);

        Answers.Value(await hub.FindInvoiceAsync(InvoiceAnswers.Hash(1), Scene.Ct));

        Assert.Equal(["{connection} purpose=calls"], heard.Of("fiberlink.node.connections"));
        Assert.Equal(["{message}"], heard.Of("fiberlink.node.messages.unexpected"));
    }

    /// <summary>What is recorded in one test; other tests record at the same time.</summary>
    private sealed class Heard : IDisposable
    {
        private readonly Activity _root = new Activity("the test").Start();
        private readonly List<(string Instrument, double Value, string Text)> _measured = [];
        private readonly ActivityListener _spans;
        private readonly MeterListener _meters = new();

        public Heard()
        {
            _spans = new ActivityListener
            {
                ShouldListenTo = source => source.Name == "FiberLink.HubNode",
                Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                    options.Parent.TraceId == _root.TraceId ? ActivitySamplingResult.AllData : ActivitySamplingResult.None,
                ActivityStopped = Spans.Add,
            };
            ActivitySource.AddActivityListener(_spans);
            _meters.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "FiberLink.HubNode")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _meters.SetMeasurementEventCallback<double>((i, value, tags, _) => Take(i, value, tags));
            _meters.SetMeasurementEventCallback<long>((i, value, tags, _) => Take(i, value, tags));
            _meters.SetMeasurementEventCallback<int>((i, value, tags, _) => Take(i, value, tags));
            _meters.Start();
        }

        public List<Activity> Spans { get; } = [];

        public ActivityTraceId TraceId => _root.TraceId;

        public IEnumerable<string> Of(string instrument)
        {
            lock (_measured)
            {
                return [.. _measured.Where(m => m.Instrument == instrument).Select(m => m.Text)];
            }
        }

        public IEnumerable<double> Values(string instrument)
        {
            lock (_measured)
            {
                return [.. _measured.Where(m => m.Instrument == instrument).Select(m => m.Value)];
            }
        }

        public void Dispose()
        {
            _spans.Dispose();
            _meters.Dispose();
            _root.Dispose();
        }

        private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (Activity.Current?.TraceId == _root.TraceId)
            {
                lock (_measured)
                {
                    var words = tags.ToArray().Select(t => $"{t.Key}={t.Value}");
                    _measured.Add((instrument.Name, value, string.Join(' ', words.Prepend(instrument.Unit))));
                }
            }
        }
    }
}
