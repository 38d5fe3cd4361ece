using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text.Json;
using FiberLink.HubNode.Transport;
using FiberLink.Testing;

namespace FiberLink.HubNode.Tests;

public sealed class Calling_over_a_websocket
{
    private readonly DrivenTime _time = new();

    [Fact]
    public async Task Many_calls_share_one_connection_and_answers_find_theirs_in_any_order()
    {
        const int Count = 10;
        await using var node = new RawWebSocketNode(async connection =>
        {
            var calls = new List<JsonElement>();
            while (calls.Count < Count)
            {
                calls.Add(await connection.ReceiveAsync());
            }

            foreach (var call in Enumerable.Reverse(calls))
            {
                await connection.SendAsync(InvoiceAnswers.To(call));
            }

            await connection.ListenAsync();
        });
        await using var hub = Hub(node);

        var answers = await Task.WhenAll(Enumerable.Range(1, Count).Select(i => hub.FindInvoiceAsync(InvoiceAnswers.Hash(i), Scene.Ct)));

        Assert.Equal(Enumerable.Range(1, Count).Select(InvoiceAnswers.Hash), answers.Select(a => Answers.Value(a).PaymentHash));
        Assert.Single(node.Upgrades);
    }

    [Fact]
    public async Task When_the_connection_breaks_what_was_sent_has_no_answer_and_the_next_call_connects_anew()
    {
        await using var node = new RawWebSocketNode(async connection =>
        {
            var first = await connection.ReceiveAsync();
            if (connection.Index == 0)
            {
                await connection.ReceiveAsync();
                connection.Cut();
                return;
            }

            await connection.SendAsync(InvoiceAnswers.To(first));
            await connection.ListenAsync();
        });
        await using var hub = Hub(node);

        var broken = await Task.WhenAll(FindAsync(hub, 1), FindAsync(hub, 2));
        var next = await FindAsync(hub, 3);

        Assert.All(broken, a => Answers.Failure(NodeFailure.NoAnswer, a));
        Assert.Equal(InvoiceAnswers.Hash(3), Answers.Value(next).PaymentHash);
        Assert.Equal(2, node.Upgrades.Count);
    }

    [Fact]
    public async Task A_call_that_waits_behind_another_was_never_sent_when_the_connection_breaks_or_its_time_ends()
    {
        var cut = new TaskCompletionSource();
        var isReceiving = new TaskCompletionSource();
        await using var node = new RawWebSocketNode(async connection =>
        {
            await Eventually.HoldsAsync("bytes arrive", () => connection.HasUnread, Scene.Ct);
            isReceiving.SetResult();
            await cut.Task;
            connection.Cut();
        });
        using var http = Wire.NewHttpClient();
        var options = new HubNodeOptions { Endpoint = node.Endpoint };
        var dialled = Assert.IsType<Dialled.Connected>(await NodeSocket.DialAsync(http, options, null, 1 << 20, Scene.Ct));
        await using var connection = CallConnection.Start(dialled.Socket, null);
        using var patience = new CancellationTokenSource();

        // The node reads nothing, so that this one is long in being sent.
        var sent = connection.CallAsync(1, new byte[64 << 20], Scene.Ct);
        await isReceiving.Task;
        var waiting = connection.CallAsync(2, new byte[10], Scene.Ct);
        var impatient = connection.CallAsync(3, new byte[10], patience.Token);
        await patience.CancelAsync();
        Answers.Failure(NodeFailure.Unreachable, await impatient);
        cut.SetResult();

        Answers.Failure(NodeFailure.NoAnswer, await sent);
        Answers.Failure(NodeFailure.Unreachable, await waiting);
        Answers.Failure(NodeFailure.Unreachable, await connection.CallAsync(4, new byte[10], Scene.Ct));
    }

    [Fact]
    public async Task The_late_answer_of_a_call_that_was_given_up_is_dropped_and_the_connection_goes_on()
    {
        var hasArrived = new TaskCompletionSource();
        var isGivenUp = new TaskCompletionSource();
        await using var node = new RawWebSocketNode(async connection =>
        {
            var first = await connection.ReceiveAsync();
            hasArrived.SetResult();
            await isGivenUp.Task;
            await connection.SendAsync(InvoiceAnswers.To(first));
            await connection.SendAsync(InvoiceAnswers.To(await connection.ReceiveAsync()));
            await connection.ListenAsync();
        });
        await using var hub = Hub(node);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Scene.Ct);

        var first = hub.FindInvoiceAsync(InvoiceAnswers.Hash(1), cancel.Token);
        await hasArrived.Task;
        await cancel.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => first);
        isGivenUp.SetResult();

        Assert.Equal(InvoiceAnswers.Hash(2), Answers.Value(await FindAsync(hub, 2)).PaymentHash);
        Assert.Single(node.Upgrades);
    }

    [Fact]
    public async Task A_second_answer_to_one_call_and_answers_to_none_are_dropped()
    {
        await using var node = new RawWebSocketNode(async connection =>
        {
            while (true)
            {
                var call = await connection.ReceiveAsync();
                await connection.SendAsync("""{"jsonrpc":"2.0","id":4711,"result":{}}""");
                await connection.SendAsync("""{"jsonrpc":"2.0","method":"store_changes","params":{}}""");
                await connection.SendAsync(InvoiceAnswers.To(call));
                await connection.SendAsync(InvoiceAnswers.To(call));
            }
        });
        await using var hub = Hub(node);

        Assert.Equal(InvoiceAnswers.Hash(1), Answers.Value(await FindAsync(hub, 1)).PaymentHash);
        Assert.Equal(InvoiceAnswers.Hash(2), Answers.Value(await FindAsync(hub, 2)).PaymentHash);
        Assert.Single(node.Upgrades);
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("[]")]
    [InlineData("""{"jsonrpc":"2.0","result":{}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":"1","result":{}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"id":2,"result":{}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":{}""")]
    [InlineData("THE BINARY")]
    [InlineData("THE CLOSE")]
    [InlineData("THE OVERSIZED")]
    public async Task After_a_message_that_may_be_anybodys_nobody_is_left_waiting(string message)
    {
        await using var node = new RawWebSocketNode(async connection =>
        {
            var call = await connection.ReceiveAsync();
            await (connection.Index > 0 ? connection.SendAsync(InvoiceAnswers.To(call))
                : message == "THE BINARY" ? connection.SendAsync([1, 2, 3], WebSocketMessageType.Binary)
                : message == "THE CLOSE" ? connection.CloseAsync()
                : message == "THE OVERSIZED" ? connection.SendAsync(InvoiceAnswers.To(call) + new string(' ', 2_000_000))
                : connection.SendAsync(message));
            await connection.ListenAsync();
        });
        await using var hub = Hub(node);

        Answers.Failure(NodeFailure.NoAnswer, await FindAsync(hub, 1));
        Assert.Equal(InvoiceAnswers.Hash(2), Answers.Value(await FindAsync(hub, 2)).PaymentHash);
    }

    [Fact]
    public async Task A_call_whose_time_ends_has_no_answer_and_holds_up_no_other()
    {
        await using var node = new RawWebSocketNode(async connection =>
        {
            await connection.ReceiveAsync();
            await connection.SendAsync(InvoiceAnswers.To(await connection.ReceiveAsync()));
            await connection.ListenAsync();
        });
        await using var hub = Hub(node);

        var slow = FindAsync(hub, 1);
        Assert.Equal(InvoiceAnswers.Hash(2), Answers.Value(await FindAsync(hub, 2)).PaymentHash);
        _time.Advance(Scene.CallTimeout);

        Answers.Failure(NodeFailure.NoAnswer, await slow);
    }

    [Fact]
    public async Task A_connection_that_answers_no_pings_is_given_up()
    {
        await using var node = new RawWebSocketNode(c => c.FreezeAsync());
        await using var hub = Hub(node, o => new() { Endpoint = o, RetriesMax = 0, PingInterval = TimeSpan.FromMilliseconds(20) });

        // The clock of calls stands still: only the pings can end this.
        Answers.Failure(NodeFailure.NoAnswer, await FindAsync(hub, 1));
    }

    [Theory]
    [InlineData("401 Unauthorized", NodeFailure.Unauthorized)]
    [InlineData("403 Forbidden", NodeFailure.Unauthorized)]
    [InlineData("404 Not Found", NodeFailure.Unreachable)]
    [InlineData("200 OK", NodeFailure.Unreachable)]
    [InlineData("500 Internal Server Error", NodeFailure.Unreachable)]
    public async Task Who_does_not_upgrade_has_seen_no_call(string status, NodeFailure expected)
    {
        await using var node = new RawWebSocketNode(c => c.ListenAsync(), _ => status);
        await using var hub = Hub(node);

        Answers.Failure(expected, await FindAsync(hub, 1));
    }

    [Fact]
    public async Task While_no_connection_comes_about_nothing_is_sent()
    {
        await using var node = new RawWebSocketNode(c => c.ListenAsync(), _ => "");
        await using var hub = Hub(node);

        var call = FindAsync(hub, 1);
        await Eventually.HoldsAsync("it asks for an upgrade", () => node.Upgrades.Count == 1, Scene.Ct);
        _time.Advance(Scene.CallTimeout);
        Answers.Failure(NodeFailure.Unreachable, await call);

        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        using var http = Wire.NewHttpClient();
        await using var nobody = new JsonRpcHubNode(http, new() { Endpoint = new($"ws://127.0.0.1:{port}"), RetriesMax = 0 }, _time);
        Answers.Failure(NodeFailure.Unreachable, await FindAsync(nobody, 1));
    }

    [Fact]
    public async Task Calls_in_flight_have_no_answer_when_the_client_is_disposed()
    {
        await using var node = new RawWebSocketNode(c => c.ListenAsync());
        var hub = Hub(node);

        var call = FindAsync(hub, 1);
        await Eventually.HoldsAsync("it is connected", () => node.Upgrades.Count == 1, Scene.Ct);
        await hub.DisposeAsync();

        var failed = Assert.IsType<NodeAnswer<HubInvoice>.Failed>(await call);
        Assert.Contains(failed.Failure, new[] { NodeFailure.NoAnswer, NodeFailure.Unreachable });
        await Assert.ThrowsAsync<ObjectDisposedException>(() => FindAsync(hub, 2));
    }

    private static Task<NodeAnswer<HubInvoice>> FindAsync(INodeInvoices hub, int number) =>
        hub.FindInvoiceAsync(InvoiceAnswers.Hash(number), Scene.Ct);

    private JsonRpcHubNode Hub(RawWebSocketNode node, Func<Uri, HubNodeOptions>? options = null) =>
        new(Wire.NewHttpClient(), options?.Invoke(node.Endpoint) ?? new() { Endpoint = node.Endpoint, RetriesMax = 0 }, _time);
}
