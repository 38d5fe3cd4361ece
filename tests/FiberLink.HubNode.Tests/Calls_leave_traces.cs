using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace FiberLink.HubNode.Tests;

public sealed class Calls_leave_traces
{
    [Fact]
    public async Task Each_call_has_a_span_and_a_measurement_with_its_outcome()
    {
        await using var scene = await Scene.StartAsync();
        using var root = new Activity("the test");
        root.Start();
        var spans = new List<Activity>();
        using var spanListener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "FiberLink.HubNode",
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceId == root.TraceId ? ActivitySamplingResult.AllData : ActivitySamplingResult.None,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(spanListener);
        var measured = new List<(string Unit, string? Method, string? Outcome)>();
        using var meterListener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument is { Meter.Name: "FiberLink.HubNode", Name: "fiberlink.node.call.duration" })
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        meterListener.SetMeasurementEventCallback<double>((instrument, _, tags, _) =>
        {
            // Other tests measure at the same time.
            if (Activity.Current?.TraceId == root.TraceId)
            {
                measured.Add((instrument.Unit!, Tag(tags, "method"), Tag(tags, "outcome")));
            }
        });
        meterListener.Start();

        await scene.CreateAsync();
        await scene.Hub.FindInvoiceAsync(PaymentHash.FromBytes(new byte[32]), Scene.Ct);

        Assert.Equal(["fnn.new_invoice", "fnn.get_invoice"], spans.Select(span => span.OperationName));
        Assert.All(spans, span => Assert.Equal(ActivityKind.Client, span.Kind));
        Assert.Equal(["new_invoice", "get_invoice"], spans.Select(span => span.GetTagItem("rpc.method")));
        Assert.Equal(["ok", "invoice_not_found"], spans.Select(span => span.GetTagItem("outcome")));
        Assert.Equal([("s", "new_invoice", "ok"), ("s", "get_invoice", "invoice_not_found")], measured);
    }

    private static string? Tag(ReadOnlySpan<KeyValuePair<string, object?>> tags, string name)
    {
        foreach (var tag in tags)
        {
            if (tag.Key == name)
            {
                return tag.Value as string;
            }
        }

        return null;
    }
}
