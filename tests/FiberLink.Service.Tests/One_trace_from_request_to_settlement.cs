using System.Collections.Concurrent;
using System.Diagnostics;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;

namespace FiberLink.Service.Tests;

public sealed class One_trace_from_request_to_settlement
{
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";

    [Fact]
    public async Task The_callers_trace_goes_through_all_that_follows()
    {
        var spans = new ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name.StartsWith("FiberLink.", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (activity.TraceId.ToHexString() == TraceId)
                {
                    spans.Add(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var service = await RunningService.StartAsync();
        var request = service.Client.Sign(SignedClient.BodyOf("tip.create", TipWish.New().Params))
            .With("traceparent", $"00-{TraceId}-00f067aa0ba902b7-01");

        var invoice = (await service.Client.SendAsync(request, Ct)).Result.GetProperty("invoice").GetString()!;
        await service.Control.PayAsync(invoice, Ct);
        await service.ReachesAsync(invoice, "SETTLED");
        await Eventually.HoldsAsync(
            "the last span has ended", () => spans.Any(s => s.OperationName == "dispatch invoice-observed.v1"), Ct);

        string[] steps =
        [
            "rpc tip.create", "log append", "fnn.new_invoice", "invoice observed", "dispatch invoice-observed.v1",
            "handle invoice-observed.v1",
        ];
        Assert.All(steps, step => Assert.Contains(spans, s => s.OperationName == step));

        // Each is somebody's child within the trace, the first the caller's.
        var ids = spans.Select(s => s.SpanId.ToHexString()).Append("00f067aa0ba902b7").ToHashSet(StringComparer.Ordinal);
        Assert.All(
            spans.Where(s => steps.Skip(1).Contains(s.OperationName)),
            s => Assert.True(ids.Contains(s.ParentSpanId.ToHexString()), s.OperationName));

        // What was seen is sent on, what is sent is dispatched, what is dispatched is handled, and what that writes belongs to it.
        string[] chain = ["invoice observed", "dispatch invoice-observed.v1", "handle invoice-observed.v1", "log append"];
        foreach (var (earlier, later) in chain.Zip(chain.Skip(1)))
        {
            var parents = spans.Where(s => s.OperationName == earlier).Select(s => s.SpanId).ToHashSet();
            Assert.Contains(spans, s => s.OperationName == later && parents.Contains(s.ParentSpanId));
        }

        var headers = await service.Database.TextsAsync(
            """
            select type || ' ' || (headers ->> 'traceparent') || ' ' || correlation_id
              from event_store.mt_events where stream_id like 'tip-%' order by seq_id
            """);
        Assert.Equal(["tip.requested.v1", "tip.invoice_issued.v1", "tip.settled.v1"], headers.Select(h => h.Split(' ')[0]));
        Assert.All(headers, h => Assert.StartsWith($"00-{TraceId}-", h.Split(' ')[1], StringComparison.Ordinal));
        Assert.All(headers.Take(2), h => Assert.Equal(TraceId, h.Split(' ')[2]));
    }

    [Fact]
    public async Task A_request_without_a_trace_starts_one()
    {
        await using var service = await RunningService.StartAsync();
        await service.Client.TipAsync(TipWish.New(), Ct);

        var traces = await service.Database.TextsAsync(
            "select split_part(headers ->> 'traceparent', '-', 2) from event_store.mt_events where stream_id like 'tip-%'");
        Assert.Equal(2, traces.Count);
        Assert.Matches("^[0-9a-f]{32}$", Assert.Single(traces.Distinct()));
    }
}
