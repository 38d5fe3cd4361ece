using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using FiberLink.EventStore;
using FiberLink.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace FiberLink.Messaging.Tests;

/// <summary>Traces and measurements. Other tests run beside these: only what bears their names counts.</summary>
public sealed class What_messages_tell(MessagesUnderTest messages) : IClassFixture<MessagesUnderTest>, IAsyncLifetime
{
    private const string RequestsName = "FiberLink.Messaging.Tests.Requests";
    private static readonly ActivitySource Requests = new(RequestsName);

    private readonly ConcurrentDictionary<string, double> _told = new();
    private readonly ConcurrentQueue<Activity> _spans = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await messages.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task One_trace_goes_from_the_commit_through_every_attempt_to_what_is_sent_on()
    {
        using var listener = ListenToSpans();
        var attempts = 0;
        var handlers = new HandlerList()
            .On(Of("told.v1")).By((_, _) =>
                ++attempts == 1 ? throw new InvalidOperationException("no luck") : Bare("next.v1"))
            .On(Of("next.v1")).By(Refuse);
        var dispatcher = Make(handlers);
        var trace = await CommitInARequestAsync("told.v1");

        await dispatcher.DispatchBatchAsync(Ct);
        messages.Time.Advance(TimeSpan.FromSeconds(1));
        await dispatcher.DispatchBatchAsync(Ct);
        await dispatcher.DispatchBatchAsync(Ct);

        var spans = _spans.Where(s => s.TraceId.ToHexString() == trace).ToArray();
        Assert.Equal(
            [
                "request", "request > dispatch told.v1", "dispatch told.v1 > handle told.v1", "request > dispatch told.v1",
                "dispatch told.v1 > handle told.v1", "handle told.v1 > dispatch next.v1", "dispatch next.v1 > handle next.v1",
            ],
            spans.OrderBy(s => s.StartTimeUtc).Select(s =>
                spans.SingleOrDefault(p => p.SpanId == s.ParentSpanId) is { } parent ? $"{parent.OperationName} > {s.OperationName}"
                : s.OperationName));
        Assert.Equal(
            ["failed", "given up", "handled"],
            spans.Select(s => s.GetTagItem("fiberlink.outcome")).OfType<string>().Order(StringComparer.Ordinal));
        Assert.Equal(
            [typeof(CannotBeHandledException).FullName, typeof(InvalidOperationException).FullName],
            spans.Select(s => s.GetTagItem("error.type")).OfType<string>().Order(StringComparer.Ordinal));
        Assert.Equal([trace, trace], await messages.TextsAsync("select trace_id from messaging.attempts order by attempt_id"));
        Assert.Equal(trace, await messages.TextAsync("select trace_id from messaging.dead_letters"));
    }

    [Fact]
    public async Task The_trace_is_kept_with_attempts_also_when_nobody_listens_and_when_a_node_died_over_it()
    {
        const string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        await messages.Queue.ReceiveAsync(
            [
                Bare("silent.v1") with { TraceParent = $"00-{trace}-00f067aa0ba902b7-01" },
                Bare("silent.v1") with { TraceParent = "none" },
            ],
            Ct);
        var node = await messages.Queue.JoinAsync("dead", Ct);
        await messages.Queue.TakeAsync(node, new(The_queue.LongLease, 2, long.MaxValue), Ct);
        await messages.SilenceAsync(node);
        await messages.Queue.ReleaseAsync(The_queue.SilenceMax, Ct);

        await Make(new()).DispatchBatchAsync(Ct);

        string[] kept = [$"failed {trace}", "failed -", $"lost {trace}", "lost -"];
        Assert.Equal(
            kept.Order(StringComparer.Ordinal),
            (await messages.TextsAsync("select concat_ws(' ', outcome, coalesce(trace_id, '-')) from messaging.attempts"))
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_came_of_each_taking_is_counted_by_name_and_tenant_and_how_long_it_took_measured()
    {
        using var listener = ListenToMeters();
        var handlers = new HandlerList()
            .On(Of("told-done.v1")).By((_, _, _) =>
            {
                messages.Time.Advance(TimeSpan.FromSeconds(2));
                return Task.CompletedTask;
            })
            .On(Of("told-dead.v1")).By(Refuse)
            .On(Of("told-late.v1")).By((_, _, _) =>
                Task.FromException(new TryLaterException("not now", TimeSpan.FromHours(1))));
        await messages.Queue.ReceiveAsync([Bare("told-done.v1"), Bare("told-dead.v1"), Bare("told-late.v1")], Ct);
        await messages.Queue.ReceiveAsync([Bare("told-done.v1") with { Tenant = "other" }], Ct);

        // It was due half a minute before it is taken, by the server's clock.
        await messages.ExecuteAsync("update messaging.waiting set wanted_at = now() - interval '30 seconds'");
        var dispatcher = Make(handlers);
        for (var i = 0; i < 4; i++)
        {
            await dispatcher.DispatchBatchAsync(Ct);
        }

        Assert.Equal(1, _told["fiberlink.message.attempts told-done.v1 demo handled"]);
        Assert.Equal(1, _told["fiberlink.message.attempts told-done.v1 other handled"]);
        Assert.Equal(1, _told["fiberlink.message.attempts told-dead.v1 demo given up"]);
        Assert.Equal(1, _told["fiberlink.message.attempts told-late.v1 demo put off"]);
        Assert.InRange(_told["messaging.process.duration told-done.v1"], 2, 4);
        Assert.InRange(_told["fiberlink.message.delay told-done.v1"], 32, 60);
        Assert.True(_told.ContainsKey($"messaging.process.duration told-dead.v1 {typeof(CannotBeHandledException).FullName}"));
        Assert.DoesNotContain("fiberlink.message.delay told-dead.v1", _told.Keys);
    }

    [Fact]
    public async Task How_much_waits_is_told_by_each_node_that_runs()
    {
        using var listener = ListenToMeters();
        await messages.Queue.ReceiveAsync(
            [Bare("told-waiting.v1") with { DueAt = MessagesUnderTest.Noon.AddMinutes(-1) }, Bare("told-waiting.v1")], Ct);
        var node = await messages.Queue.JoinAsync("other", Ct);
        await messages.Queue.ReceiveAsync([Bare("told-dead.v1")], Ct);
        foreach (var dead in await messages.Queue.TakeAsync(node, new(The_queue.LongLease, 3, long.MaxValue), Ct))
        {
            await (dead.Name == "told-dead.v1"
                ? messages.Queue.GiveUpAsync(dead, The_queue.Failure("no"), stopsKey: false, Ct)
                : Task.CompletedTask);
        }

        await messages.Queue.LeaveAsync(node, Ct);
        var nobody = new HandlerList()
            .On(Of("told-waiting.v1"), new() { ConcurrencyMax = 0 }).By((_, _, _) => Task.CompletedTask);
        await using (new Running(Make(nobody)))
        {
            await Eventually.HoldsAsync(
                "it is told",
                () =>
                {
                    listener.RecordObservableInstruments();
                    return _told.ContainsKey("fiberlink.message.depth told-dead.v1 demo dead");
                },
                Ct);
        }

        Assert.Equal(1, _told["fiberlink.message.depth told-dead.v1 demo dead"]);
        Assert.Equal(2, _told["fiberlink.message.depth told-waiting.v1 demo ready"]);
        Assert.Equal(60, _told["fiberlink.message.age told-waiting.v1 demo"]);
    }

    [Fact]
    public void Tenants_are_told_apart_up_to_a_number()
    {
        var labels = new TenantLabels(2);

        Assert.Equal(["a", "b", "(others)", "a", "(others)"], "abcad".Select(tenant => labels.Of($"{tenant}")));
    }

    private static OutgoingMessage Bare(string name) =>
        MessagesUnderTest.Message() with { Name = name, CorrelationId = null, TraceParent = null };

    private static Task Refuse(Note note, MessageContext context, CancellationToken ct) =>
        Task.FromException(new CannotBeHandledException("no"));

    private static MessageType<Note> Of(string name) => new(name, NoteJson.Default.Note);

    private async Task<string> CommitInARequestAsync(string name)
    {
        using var request = Requests.StartActivity("request")!;
        Assert.IsType<AppendResult.Appended>(
            await messages.Store.AppendAsync(MessagesUnderTest.Noting("cause", Bare(name) with { TraceParent = request.Id }), Ct));
        return request.TraceId.ToHexString();
    }

    private MessageDispatcher Make(HandlerList handlers) =>
        new(
            messages.Queue, new MessageRouter(messages.Queue, handlers), "one", new(), messages.Time,
            NullLogger<MessageDispatcher>.Instance, null);

    private ActivityListener ListenToSpans()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is MessagingTelemetry.Name or RequestsName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private MeterListener ListenToMeters()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name == MessagingTelemetry.Name)
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Tell(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Tell(instrument, value, tags));
        listener.Start();
        return listener;
    }

    private void Tell(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string[] keys = ["message", "messaging.destination.name", "tenant", "state", "outcome", "error.type"];
        var all = tags.ToArray().ToDictionary(t => t.Key, t => Convert.ToString(t.Value, CultureInfo.InvariantCulture));
        var key = string.Join(' ', keys.Select(all.GetValueOrDefault).OfType<string>().Prepend(instrument.Name));
        if (key.Contains(" told-", StringComparison.Ordinal))
        {
            _told.AddOrUpdate(key, value, (_, before) => instrument is Counter<long> ? before + value : value);
        }
    }
}
