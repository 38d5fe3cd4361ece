using FiberLink.Testing;

namespace FiberLink.HubNode.Tests;

/// <summary>The circuit, under a clock that the test drives.</summary>
public sealed class When_the_node_stays_away : IAsyncLifetime
{
    private const int OutagesMax = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly DrivenTime _time = new();
    private readonly LogLines<JsonRpcHubNode> _log = new();
    private readonly RawNode _node;
    private readonly HttpClient _http = Wire.NewHttpClient();
    private readonly JsonRpcHubNode _hub;
    private volatile Mood _mood = Mood.Away;

    public When_the_node_stays_away()
    {
        _node = new RawNode(call => _mood switch
        {
            Mood.Away => [],
            Mood.Silent => null,
            Mood.Refusing => RawNode.Response(InvoiceAnswers.Error(InvoiceAnswers.Id(call), -32000, "invoice not found")),
            _ => RawNode.Response(InvoiceAnswers.Method(call) == "node_info"
                ? InvoiceAnswers.Info(InvoiceAnswers.Id(call))
                : InvoiceAnswers.To(call)),
        });
        var options = new HubNodeOptions { Endpoint = _node.Endpoint, RetriesMax = 0, OutagesMax = OutagesMax, ProbePause = Pause };
        _hub = new JsonRpcHubNode(_http, options, _time, _log);
    }

    private enum Mood
    {
        Well = 1,
        Away = 2,
        Silent = 3,
        Refusing = 4,
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        _http.Dispose();
        await _node.DisposeAsync();
    }

    [Fact]
    public async Task After_so_many_outages_in_a_row_calls_fail_at_once_and_nothing_is_sent()
    {
        for (var i = 0; i < OutagesMax; i++)
        {
            Assert.Equal(NodeCircuitState.Closed, _hub.Circuit);
            Answers.Failure(NodeFailure.NoAnswer, await FindAsync());
        }

        Answers.Failure(NodeFailure.CircuitOpen, await FindAsync());
        var unsent = Assert.IsType<PaymentOutcome.NotSent>(await _hub.SendPaymentAsync(Paying.Request, Scene.Ct));

        Assert.Equal(NodeFailure.CircuitOpen, unsent.Failure);
        Assert.Equal(NodeCircuitState.Open, _hub.Circuit);
        Assert.Equal(OutagesMax, _node.Requests.Count);
        Assert.Equal([2400], _log.Ids);
    }

    [Fact]
    public async Task Any_answer_in_between_begins_the_count_anew_and_refusals_are_answers()
    {
        foreach (var mood in new[] { Mood.Away, Mood.Away, Mood.Refusing, Mood.Away, Mood.Away, Mood.Well, Mood.Away, Mood.Away })
        {
            _mood = mood;
            await FindAsync();
        }

        Assert.Equal(NodeCircuitState.Closed, _hub.Circuit);
        Assert.Equal(8, _node.Requests.Count);
    }

    [Fact]
    public async Task After_a_pause_one_caller_asks_who_is_there_and_goes_on_when_it_is_answered()
    {
        await OpenAsync();
        _mood = Mood.Well;
        _time.Advance(Pause - TimeSpan.FromMilliseconds(1));
        Answers.Failure(NodeFailure.CircuitOpen, await FindAsync());
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Answers.Value(await FindAsync());

        Assert.Equal(NodeCircuitState.Closed, _hub.Circuit);
        Assert.Equal(["node_info", "get_invoice"], Methods().Skip(OutagesMax));
        Assert.Equal([2400, 2401], _log.Ids);
    }

    [Fact]
    public async Task Each_probe_in_vain_doubles_the_pause()
    {
        await OpenAsync();
        foreach (var seconds in new[] { 1, 2, 4, 8, 16, 16 })
        {
            _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            var before = _node.Requests.Count;
            Answers.Failure(NodeFailure.CircuitOpen, await FindAsync());
            Assert.Equal(before, _node.Requests.Count);

            _time.Advance(TimeSpan.FromMilliseconds(1));
            Answers.Failure(NodeFailure.CircuitOpen, await FindAsync());
            Assert.Equal(before + 1, _node.Requests.Count);
        }

        Assert.All(Methods().Skip(OutagesMax), m => Assert.Equal("node_info", m));
    }

    [Fact]
    public async Task While_one_probes_the_others_fail_at_once_and_a_prober_who_leaves_makes_room_for_the_next()
    {
        await OpenAsync();
        _time.Advance(Pause);
        _mood = Mood.Silent;
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Scene.Ct);

        var probing = _hub.FindInvoiceAsync(InvoiceAnswers.Hash(1), cancel.Token);
        await Eventually.HoldsAsync("the probe is sent", () => _node.Requests.Count == OutagesMax + 1, Scene.Ct);
        Assert.Equal(NodeCircuitState.Probing, _hub.Circuit);
        Answers.Failure(NodeFailure.CircuitOpen, await FindAsync());
        await cancel.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => probing);

        _mood = Mood.Well;
        Answers.Value(await FindAsync());
    }

    [Fact]
    public async Task A_probe_that_is_never_answered_is_a_probe_in_vain()
    {
        await OpenAsync();
        _time.Advance(Pause);
        _mood = Mood.Silent;

        var probing = FindAsync();
        await Eventually.HoldsAsync("the probe is sent", () => _node.Requests.Count == OutagesMax + 1, Scene.Ct);
        _time.Advance(TimeSpan.FromSeconds(5));

        Answers.Failure(NodeFailure.CircuitOpen, await probing);
        Assert.Equal(NodeCircuitState.Open, _hub.Circuit);
        _time.Advance(Pause);
        Answers.Failure(NodeFailure.CircuitOpen, await FindAsync());
        Assert.Equal(OutagesMax + 1, _node.Requests.Count);
    }

    [Fact]
    public async Task Who_the_node_is_may_always_be_asked_and_an_answer_lets_calls_through_again()
    {
        await OpenAsync();
        Answers.Failure(NodeFailure.NoAnswer, await _hub.GetInfoAsync(Scene.Ct));
        Assert.Equal(NodeCircuitState.Open, _hub.Circuit);

        _mood = Mood.Well;
        Answers.Value(await _hub.GetInfoAsync(Scene.Ct));

        Assert.Equal(NodeCircuitState.Closed, _hub.Circuit);
        Answers.Value(await FindAsync());
    }

    private async Task OpenAsync()
    {
        for (var i = 0; i < OutagesMax; i++)
        {
            Answers.Failure(NodeFailure.NoAnswer, await FindAsync());
        }

        Assert.Equal(NodeCircuitState.Open, _hub.Circuit);
    }

    private Task<NodeAnswer<HubInvoice>> FindAsync() => _hub.FindInvoiceAsync(InvoiceAnswers.Hash(1), Scene.Ct);

    private IEnumerable<string> Methods() => _node.Requests.Select(r => InvoiceAnswers.Method(RawNode.Body(r)));
}
