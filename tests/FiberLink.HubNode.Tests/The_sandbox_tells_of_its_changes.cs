using System.Net.WebSockets;
using System.Text;
using FiberLink.HubNode.Changes;
using FiberLink.Sandbox;

namespace FiberLink.HubNode.Tests;

/// <summary>Over WebSocket the sandbox answers as over HTTP, and tells of its changes with the ways of a real node.</summary>
public sealed class The_sandbox_tells_of_its_changes
{
    [Fact]
    public async Task It_answers_calls_on_a_websocket()
    {
        await using var scene = await Scene.StartAsync();
        using var hub = new JsonRpcHubNode(
            scene.Http, new() { Endpoint = Socket(scene), CallTimeout = Scene.CallTimeout, RetriesMax = 0 }, scene.ClientTime);

        var all = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(_ => scene.NewInvoice()).Select(i => hub.CreateInvoiceAsync(i, Scene.Ct)));

        Assert.Equal(20, all.Select(a => Answers.Value(a).PaymentHash).Distinct().Count());
        Assert.Equal(20, (await scene.Control.ListAsync(Scene.Ct)).Count);
    }

    [Fact]
    public async Task It_tells_of_every_status_that_is_written_down_and_not_of_expiry()
    {
        await using var scene = await Scene.StartAsync();
        await using var heard = await Listening.StartAsync(scene);

        var invoice = await scene.CreateAsync();
        var cancelled = await scene.CreateAsync();
        var expired = await scene.CreateAsync();
        await scene.Control.ExpireAsync(expired.Invoice, Scene.Ct);
        await scene.Control.CancelAsync(cancelled.Invoice, Scene.Ct);
        await scene.Control.PayAsync(invoice.Invoice, Scene.Ct);

        Assert.Equal(
            [
                (invoice.PaymentHash, HubInvoiceStatus.Open),
                (cancelled.PaymentHash, HubInvoiceStatus.Open),
                (expired.PaymentHash, HubInvoiceStatus.Open),
                (cancelled.PaymentHash, HubInvoiceStatus.Cancelled),
                (invoice.PaymentHash, HubInvoiceStatus.Received),
                (invoice.PaymentHash, HubInvoiceStatus.Paid),
            ],
            await heard.NextAsync(6));
    }

    [Fact]
    public async Task It_tells_nobody_what_was_before_he_came()
    {
        await using var scene = await Scene.StartAsync();
        await scene.CreateAsync();
        await using var heard = await Listening.StartAsync(scene);

        var later = await scene.CreateAsync();

        Assert.Equal([(later.PaymentHash, HubInvoiceStatus.Open)], await heard.NextAsync(1));
    }

    [Fact]
    public async Task It_sends_its_preimages_as_a_real_node_does()
    {
        await using var scene = await Scene.StartAsync();
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(Socket(scene), Scene.Ct);
        await socket.SendAsync(
            """{"jsonrpc":"2.0","id":7,"method":"subscribe_store_changes","params":[]}"""u8.ToArray(),
            WebSocketMessageType.Text,
            true,
            Scene.Ct);
        Assert.Equal("""{"jsonrpc":"2.0","id":7,"result":1}""", await ReceiveAsync(socket));

        await scene.CreateAsync();

        Assert.Contains("PutCkbInvoiceStatus", await ReceiveAsync(socket), StringComparison.Ordinal);
        Assert.Contains("\"PutPreimage\":{\"payment_hash\":", await ReceiveAsync(socket), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_forbids_to_unsubscribe_as_a_real_node_does()
    {
        await using var scene = await Scene.StartAsync();

        Assert.Equal((-32999, "Unauthorized"), Wire.Error(await scene.CallAsync("unsubscribe_store_changes", "{}")));
        Assert.Equal(-32603, Wire.Error(await scene.CallAsync("subscribe_store_changes", "{}")).Code);
    }

    [Fact]
    public async Task A_burst_ends_the_telling_until_it_is_put_right_while_the_line_stays_open()
    {
        await using var scene = await Scene.StartAsync();
        await using var heard = await Listening.StartAsync(scene);
        await scene.Control.SubscriptionsAsync(new() { BurstMax = 0 }, Scene.Ct);
        await scene.CreateAsync();
        await scene.Control.SubscriptionsAsync(new() { AreSilent = true }, Scene.Ct);
        await scene.CreateAsync();

        await scene.Control.SubscriptionsAsync(new(), Scene.Ct);
        var after = await scene.CreateAsync();

        Assert.Equal([(after.PaymentHash, HubInvoiceStatus.Open)], await heard.NextAsync(1));
    }

    [Fact]
    public async Task Without_pubsub_it_takes_no_subscription()
    {
        await using var scene = await Scene.StartAsync();
        await scene.Control.SubscriptionsAsync(new() { AreOffered = false }, Scene.Ct);
        var changes = new WebSocketNodeChanges(scene.Http, new() { Endpoint = scene.Node.Endpoint }, TimeProvider.System);

        await foreach (var change in changes.WatchAsync(Scene.Ct))
        {
            Assert.IsType<NodeChange.NotOffered>(change);
            break;
        }
    }

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(0, 1, 1)]
    public async Task Connections_are_cut_before_or_after_the_effect(double before, double after, int invoices)
    {
        await using var scene = await Scene.StartAsync();
        await scene.Control.CutByChanceAsync(before, after, 1, Scene.Ct);

        Answers.Failure(NodeFailure.NoAnswer, await scene.Hub.CreateInvoiceAsync(scene.NewInvoice(), Scene.Ct));

        Assert.Equal(invoices, (await scene.Control.ListAsync(Scene.Ct)).Count);
    }

    [Fact]
    public async Task The_same_seed_makes_the_same_accidents()
    {
        await using var scene = await Scene.StartAsync();

        Assert.Equal(await AccidentsAsync(scene, 42), await AccidentsAsync(scene, 42));
        Assert.NotEqual(await AccidentsAsync(scene, 42), await AccidentsAsync(scene, 43));
    }

    [Fact]
    public async Task Its_clock_can_be_wrong()
    {
        await using var scene = await Scene.StartAsync();
        await scene.Control.SkewClockAsync(TimeSpan.FromHours(-2), Scene.Ct);

        Assert.Equal(scene.Time.GetUtcNow().AddHours(-2), (await scene.CreateAsync()).CreatedAt);
        await scene.Control.ResetAsync(Scene.Ct);
        Assert.Equal(scene.Time.GetUtcNow(), (await scene.CreateAsync()).CreatedAt);
    }

    [Theory]
    [InlineData("ASPNETCORE_ENVIRONMENT", "production", true)]
    [InlineData("DOTNET_ENVIRONMENT", "Production", true)]
    [InlineData("FIBERLINK_NETWORK", "mainnet", true)]
    [InlineData("FIBERLINK_NETWORK", "testnet", false)]
    [InlineData("ASPNETCORE_ENVIRONMENT", "Development", false)]
    public void It_does_not_start_in_production(string variable, string value, bool isProduction)
    {
        var refused = Record.Exception(() => ProductionGuard.Check(name => name == variable ? value : null));

        Assert.Equal(isProduction, refused is SandboxInProductionException);
        Assert.Equal(isProduction, refused?.Message.Contains(variable, StringComparison.Ordinal) ?? false);
    }

    private static async Task<string> AccidentsAsync(Scene scene, int seed)
    {
        await scene.Control.CutByChanceAsync(0.5, 0, seed, Scene.Ct);
        var accidents = new StringBuilder();
        for (var i = 0; i < 24; i++)
        {
            accidents.Append(await scene.Hub.GetInfoAsync(Scene.Ct) is NodeAnswer<NodeInfo>.Ok ? '.' : 'x');
        }

        return accidents.ToString();
    }

    private static Uri Socket(Scene scene) => new UriBuilder(scene.Node.Endpoint) { Scheme = "ws" }.Uri;

    private static async Task<string> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[4096];
        var received = await socket.ReceiveAsync(buffer.AsMemory(), Scene.Ct);
        return Encoding.UTF8.GetString(buffer, 0, received.Count);
    }

    /// <summary>The real client's subscription, once it is taken.</summary>
    private sealed class Listening : IAsyncDisposable
    {
        private readonly IAsyncEnumerator<NodeChange> _changes;

        private Listening(IAsyncEnumerator<NodeChange> changes) => _changes = changes;

        public static async Task<Listening> StartAsync(Scene scene)
        {
            var changes = new WebSocketNodeChanges(scene.Http, new() { Endpoint = scene.Node.Endpoint }, TimeProvider.System);
            var listening = new Listening(changes.WatchAsync(Scene.Ct).GetAsyncEnumerator(Scene.Ct));
            Assert.True(await listening._changes.MoveNextAsync());
            Assert.IsType<NodeChange.Connected>(listening._changes.Current);
            return listening;
        }

        public async Task<IReadOnlyList<(PaymentHash Hash, HubInvoiceStatus Status)>> NextAsync(int count)
        {
            var heard = new List<(PaymentHash, HubInvoiceStatus)>();
            while (heard.Count < count && await _changes.MoveNextAsync())
            {
                var change = Assert.IsType<NodeChange.InvoiceChanged>(_changes.Current);
                heard.Add((change.PaymentHash, change.Status));
            }

            return heard;
        }

        public ValueTask DisposeAsync() => _changes.DisposeAsync();
    }
}
