using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using FiberLink.HubNode.Changes;
using FiberLink.Testing;

namespace FiberLink.HubNode.Tests;

public sealed class Watching_changes
{
    private const string Subscribed = """{"jsonrpc":"2.0","id":1,"result":4711}""";
    private const string Secret = "5ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2";

    private readonly DrivenTime _time = new();
    private readonly LogLines<WebSocketNodeChanges> _log = new();

    [Fact]
    public async Task Invoices_and_payments_are_told_and_preimages_are_not()
    {
        await using var node = new RawWebSocketNode(async connection =>
        {
            await SubscribedAsync(connection);
            await connection.SendAsync(InvoiceChange(1, "Open"));
            await connection.SendAsync(Change(
                "PutPreimage", $$"""{"payment_hash":"{{InvoiceAnswers.Hash(1)}}","payment_preimage":"0x{{Secret}}" }"""));
            await connection.SendAsync(Change(
                "PutPaymentSession",
                $$"""
                {"payment_hash":"{{InvoiceAnswers.Hash(2)}}","payment_session":{"request":{"amount":5,"preimage":"0x{{Secret}}"},
                 "last_error":null,"try_limit":5,"status":"Inflight","created_at":1} }
                """));
            await connection.SendAsync(InvoiceChange(1, "Paid"));
            await connection.ListenAsync();
        });

        var heard = await HearAsync(node.Endpoint, 4);

        Assert.Equal(
            [
                new NodeChange.Connected(),
                new NodeChange.InvoiceChanged(InvoiceAnswers.Hash(1), HubInvoiceStatus.Open),
                new NodeChange.PaymentChanged(InvoiceAnswers.Hash(2), HubPaymentStatus.Inflight),
                new NodeChange.InvoiceChanged(InvoiceAnswers.Hash(1), HubInvoiceStatus.Paid),
            ],
            heard);
        Assert.DoesNotContain(Secret, string.Concat(heard) + string.Concat(_log.All), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_known_or_not_readable_is_passed_over()
    {
        string[] strange =
        [
            Change("PutSomethingNew", "{}"),
            Change("PutCkbInvoiceStatus", "{}"),
            Change("PutCkbInvoiceStatus", $$"""{"payment_hash":"{{InvoiceAnswers.Hash(1)}}","invoice_status":"Forgotten"}"""),
            Change("PutCkbInvoiceStatus", """{"payment_hash":"0x12","invoice_status":"Paid"}"""),
            Change("PutCkbInvoiceStatus", "5"),
            Change("PutPaymentSession", $$"""{"payment_hash":"{{InvoiceAnswers.Hash(1)}}"}"""),
            """{"jsonrpc":"2.0","method":"other","params":{}}""",
            """{"jsonrpc":"2.0","method":"store_changes"}""",
            """{"jsonrpc":"2.0","method":"store_changes","params":{"subscription":1,"result":null}}""",
            Change("PutSomethingLong", $"\"{new string('x', 300_000)}\""),
        ];
        await using var node = new RawWebSocketNode(async connection =>
        {
            await SubscribedAsync(connection);
            foreach (var message in strange)
            {
                await connection.SendAsync(message);
            }

            await connection.SendAsync(InvoiceChange(1, "Paid"));
            await connection.ListenAsync();
        });

        var heard = await HearAsync(node.Endpoint, 2);

        Assert.Equal([new NodeChange.Connected(), new NodeChange.InvoiceChanged(InvoiceAnswers.Hash(1), HubInvoiceStatus.Paid)], heard);
        Assert.Single(node.Upgrades);
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("close")]
    [InlineData("garbage")]
    [InlineData("binary")]
    public async Task A_broken_connection_is_told_and_made_anew_after_a_pause(string how)
    {
        await using var node = new RawWebSocketNode(async connection =>
        {
            await SubscribedAsync(connection);
            switch (connection.Index == 0 ? how : "none")
            {
                case "cut":
                    connection.Cut();
                    return;
                case "close":
                    await connection.CloseAsync();
                    break;
                case "garbage":
                    await connection.SendAsync("garbage");
                    break;
                case "binary":
                    await connection.SendAsync([1], WebSocketMessageType.Binary);
                    break;
                default:
                    break;
            }

            await connection.ListenAsync();
        });
        await using var ear = Listen(node.Endpoint);

        Assert.Equal(new NodeChange.Connected(), await ear.NextAsync());
        Assert.IsType<NodeChange.Disconnected>(await ear.NextAsync());
        Assert.Single(node.Upgrades);
        Assert.Equal([2405], _log.Ids);
        await PauseAsync(TimeSpan.FromMilliseconds(250));
        Assert.Equal(new NodeChange.Connected(), await ear.NextAsync());
    }

    [Fact]
    public async Task A_node_that_is_away_is_tried_with_growing_pauses()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var endpoint = new Uri($"ws://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/");
        free.Stop();
        await using var ear = Listen(endpoint);

        double[] most = [0.25, 0.5, 1, 2, 4, 8, 16, 32, 32];
        foreach (var (index, seconds) in most.Index())
        {
            await Eventually.HoldsAsync("it has tried once more", () => _log.All.Count == index + 1, Scene.Ct);
            await PauseAsync(TimeSpan.FromSeconds(seconds));
        }

        Assert.All(_log.Ids, id => Assert.Equal(2405, id));
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":{"code":-32999,"message":"Unauthorized"}}""", null)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"Method not found"}}""", null)]
    [InlineData("", "403 Forbidden")]
    [InlineData("", "405 Method Not Allowed")]
    public async Task A_node_that_offers_no_changes_says_so_once_and_is_asked_again_rarely(string answer, string? status)
    {
        await using var node = new RawWebSocketNode(
            async connection =>
            {
                await connection.ReceiveAsync();
                await connection.SendAsync(connection.Index < 2 ? answer : Subscribed);
                await connection.ListenAsync();
            },
            index => index < 2 ? status : null);
        await using var ear = Listen(node.Endpoint);

        Assert.IsType<NodeChange.NotOffered>(await ear.NextAsync());
        Assert.Single(node.Upgrades);
        await PauseAsync(WebSocketNodeChanges.NotOfferedPause, early: TimeSpan.FromMilliseconds(1));
        Assert.Single(node.Upgrades);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await Eventually.HoldsAsync("it is asked again", () => node.Upgrades.Count == 2, Scene.Ct);
        await PauseAsync(WebSocketNodeChanges.NotOfferedPause);

        Assert.Equal(new NodeChange.Connected(), await ear.NextAsync());
        Assert.Equal([2404], _log.Ids);
    }

    [Fact]
    public async Task A_busy_node_is_asked_again_soon()
    {
        await using var node = new RawWebSocketNode(async connection =>
        {
            await connection.ReceiveAsync();
            await connection.SendAsync(connection.Index == 0 ? InvoiceAnswers.Error(1, -32009, "server is busy") : Subscribed);
            await connection.ListenAsync();
        });
        await using var ear = Listen(node.Endpoint);

        await Eventually.HoldsAsync("it waits", () => _log.Ids.Contains(2405), Scene.Ct);
        await PauseAsync(TimeSpan.FromMilliseconds(250));

        Assert.Equal(new NodeChange.Connected(), await ear.NextAsync());
    }

    [Fact]
    public async Task A_connection_that_tells_nothing_for_long_is_made_anew()
    {
        await using var node = new RawWebSocketNode(async connection =>
        {
            await SubscribedAsync(connection);
            await connection.ListenAsync();
        });
        await using var ear = Listen(node.Endpoint);

        Assert.Equal(new NodeChange.Connected(), await ear.NextAsync());
        await Eventually.HoldsAsync("it listens", () => _time.TimersWaiting == 1, Scene.Ct);
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.IsType<NodeChange.Disconnected>(await ear.NextAsync());
        await PauseAsync(TimeSpan.FromMilliseconds(250));

        Assert.Equal(new NodeChange.Connected(), await ear.NextAsync());
    }

    [Fact]
    public async Task A_node_that_never_takes_the_subscription_is_left_after_a_calls_time()
    {
        await using var node = new RawWebSocketNode(async connection =>
        {
            await connection.ReceiveAsync();
            if (connection.Index > 0)
            {
                await connection.SendAsync(Subscribed);
            }

            await connection.ListenAsync();
        });
        await using var ear = Listen(node.Endpoint);

        await Eventually.HoldsAsync("it has connected", () => node.Upgrades.Count == 1, Scene.Ct);
        _time.Advance(Scene.CallTimeout);
        await Eventually.HoldsAsync("it gave up", () => _log.Ids.Contains(2405), Scene.Ct);
        await PauseAsync(TimeSpan.FromMilliseconds(250));

        Assert.Equal(new NodeChange.Connected(), await ear.NextAsync());
    }

    [Fact]
    public async Task A_peer_that_answers_no_pings_is_left()
    {
        await using var node = new RawWebSocketNode(async connection =>
        {
            await SubscribedAsync(connection);
            await connection.FreezeAsync();
        });
        await using var ear = Listen(node.Endpoint, TimeSpan.FromMilliseconds(20));

        Assert.Equal(new NodeChange.Connected(), await ear.NextAsync());
        Assert.IsType<NodeChange.Disconnected>(await ear.NextAsync());
    }

    [Fact]
    public async Task A_slow_reader_never_holds_up_the_node_and_learns_that_it_missed_something()
    {
        const int Told = 20_000;
        var isTold = new TaskCompletionSource();
        await using var node = new RawWebSocketNode(async connection =>
        {
            await SubscribedAsync(connection);
            for (var i = 0; i < Told; i++)
            {
                await connection.SendAsync(InvoiceChange(1, "Open"));
            }

            isTold.SetResult();
            await connection.ListenAsync();
        });
        await using var ear = Listen(node.Endpoint);
        Assert.Equal(new NodeChange.Connected(), await ear.NextAsync());

        await isTold.Task;
        var heard = new List<NodeChange>();
        while (heard is not [.., NodeChange.Missed])
        {
            heard.Add(await ear.NextAsync());
        }

        Assert.True(heard.Count < Told, $"{heard.Count} were kept.");
    }

    [Fact]
    public async Task The_reader_ends_it_and_the_connection_ends_with_it()
    {
        var hasLeft = new TaskCompletionSource();
        await using var node = new RawWebSocketNode(async connection =>
        {
            await SubscribedAsync(connection);
            try
            {
                await connection.ListenAsync();
            }
            finally
            {
                hasLeft.SetResult();
            }
        });

        Assert.Single(await HearAsync(node.Endpoint, 1));
        await hasLeft.Task;

        using var cancel = new CancellationTokenSource();
        await using var ear = Listen(node.Endpoint, stop: cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ear.NextAsync());
    }

    [Fact]
    public async Task The_address_for_calls_serves_too()
    {
        await using var node = new RawWebSocketNode(async connection =>
        {
            Assert.Equal("subscribe_store_changes", (await connection.ReceiveAsync()).GetProperty("method").GetString());
            await connection.SendAsync(Subscribed);
            await connection.ListenAsync();
        });

        Assert.Single(await HearAsync(new UriBuilder(node.Endpoint) { Scheme = "http" }.Uri, 1));
    }

    private static string InvoiceChange(int number, string status) =>
        Change("PutCkbInvoiceStatus", $$"""{"payment_hash":"{{InvoiceAnswers.Hash(number)}}","invoice_status":"{{status}}"}""");

    private static string Change(string kind, string value) =>
        $$$"""{"jsonrpc":"2.0","method":"store_changes","params":{"subscription":4711,"result":{"{{{kind}}}":{{{value}}} } } }""";

    private static async Task SubscribedAsync(RawConnection connection)
    {
        await connection.ReceiveAsync();
        await connection.SendAsync(Subscribed);
    }

    /// <summary>Lets a pause of the client's pass, when it has begun: a random part of it, up to a half, may be missing.</summary>
    private async Task PauseAsync(TimeSpan length, TimeSpan early = default)
    {
        await Eventually.HoldsAsync(
            "it pauses", () => _time.NextDueIn is { } due && due > length / 2 - TimeSpan.FromMilliseconds(1) && due <= length, Scene.Ct);
        _time.Advance(length - early);
    }

    private async Task<List<NodeChange>> HearAsync(Uri endpoint, int count)
    {
        await using var ear = Listen(endpoint);
        var heard = new List<NodeChange>();
        while (heard.Count < count)
        {
            heard.Add(await ear.NextAsync());
        }

        return heard;
    }

    private Ear Listen(Uri endpoint, TimeSpan? pings = null, CancellationToken? stop = null)
    {
        var options = new HubNodeOptions
        {
            Endpoint = endpoint,
            CallTimeout = Scene.CallTimeout,
            PingInterval = pings ?? TimeSpan.FromSeconds(10),
        };
        var changes = new WebSocketNodeChanges(Wire.NewHttpClient(), options, _time, _log);
        return new(changes.WatchAsync(stop ?? Scene.Ct).GetAsyncEnumerator(Scene.Ct));
    }

    private sealed class Ear : IAsyncDisposable
    {
        private readonly IAsyncEnumerator<NodeChange> _changes;
        private Task<bool>? _next;

        /// <summary>Begins at once: an enumerable does nothing before it is read.</summary>
        public Ear(IAsyncEnumerator<NodeChange> changes) => (_changes, _next) = (changes, changes.MoveNextAsync().AsTask());

        public async Task<NodeChange> NextAsync()
        {
            Assert.True(await (_next ?? _changes.MoveNextAsync().AsTask()));
            _next = null;
            return _changes.Current;
        }

        public async ValueTask DisposeAsync()
        {
            if (_next is { IsCompleted: false })
            {
                // It cannot be disposed while it is read; the test has failed or ends before the node told anything.
                return;
            }

            await _changes.DisposeAsync();
        }
    }
}
