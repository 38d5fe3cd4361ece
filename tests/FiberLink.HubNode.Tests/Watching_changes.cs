using FiberLink.HubNode.Changes;
using FiberLink.Testing;

namespace FiberLink.HubNode.Tests;

public sealed class Watching_changes
{
    private const string Secret = "5ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2";

    private readonly ChangeScene _scene = new();

    [Fact]
    public async Task Invoices_and_payments_are_told_and_preimages_are_not()
    {
        await using var node = new RawWebSocketNode(async connection =>
        {
            await ChangeScene.SubscribedAsync(connection);
            await connection.SendAsync(ChangeScene.InvoiceChange(1, "Open"));
            await connection.SendAsync(ChangeScene.Change(
                "PutPreimage", $$"""{"payment_hash":"{{InvoiceAnswers.Hash(1)}}","payment_preimage":"0x{{Secret}}" }"""));
            await connection.SendAsync(ChangeScene.Change(
                "PutPaymentSession",
                $$"""
                {"payment_hash":"{{InvoiceAnswers.Hash(2)}}","payment_session":{"request":{"amount":5,"preimage":"0x{{Secret}}"},
                 "last_error":null,"try_limit":5,"status":"Inflight","created_at":1} }
                """));
            await connection.SendAsync(ChangeScene.InvoiceChange(1, "Paid"));
            await connection.ListenAsync();
        });

        var heard = await _scene.HearAsync(node.Endpoint, 4);

        Assert.Equal(
            [
                new NodeChange.Connected(),
                new NodeChange.InvoiceChanged(InvoiceAnswers.Hash(1), HubInvoiceStatus.Open),
                new NodeChange.PaymentChanged(InvoiceAnswers.Hash(2), HubPaymentStatus.Inflight),
                new NodeChange.InvoiceChanged(InvoiceAnswers.Hash(1), HubInvoiceStatus.Paid),
            ],
            heard);
        Assert.DoesNotContain(Secret, string.Concat(heard) + string.Concat(_scene.Log.All), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_known_or_not_readable_is_passed_over()
    {
        string[] strange =
        [
            ChangeScene.Change("PutSomethingNew", "{}"),
            ChangeScene.Change("PutCkbInvoiceStatus", "{}"),
            ChangeScene.Change("PutCkbInvoiceStatus", $$"""{"payment_hash":"{{InvoiceAnswers.Hash(1)}}","invoice_status":"Forgotten"}"""),
            ChangeScene.Change("PutCkbInvoiceStatus", """{"payment_hash":"0x12","invoice_status":"Paid"}"""),
            ChangeScene.Change("PutCkbInvoiceStatus", "5"),
            ChangeScene.Change("PutPaymentSession", $$"""{"payment_hash":"{{InvoiceAnswers.Hash(1)}}"}"""),
            """{"jsonrpc":"2.0","method":"other","params":{}}""",
            """{"jsonrpc":"2.0","method":"store_changes"}""",
            """{"jsonrpc":"2.0","method":"store_changes","params":{"subscription":1,"result":null}}""",
            ChangeScene.Change("PutSomethingLong", $"\"{new string('x', 300_000)}\""),
        ];
        await using var node = new RawWebSocketNode(async connection =>
        {
            await ChangeScene.SubscribedAsync(connection);
            foreach (var message in strange)
            {
                await connection.SendAsync(message);
            }

            await connection.SendAsync(ChangeScene.InvoiceChange(1, "Paid"));
            await connection.ListenAsync();
        });

        var heard = await _scene.HearAsync(node.Endpoint, 2);

        Assert.Equal([new NodeChange.Connected(), new NodeChange.InvoiceChanged(InvoiceAnswers.Hash(1), HubInvoiceStatus.Paid)], heard);
        Assert.Single(node.Upgrades);
    }

    [Fact]
    public async Task A_slow_reader_never_holds_up_the_node_and_learns_that_it_missed_something()
    {
        const int Told = 10_000;
        var hasHeard = new TaskCompletionSource();
        await using var node = new RawWebSocketNode(async connection =>
        {
            await ChangeScene.SubscribedAsync(connection);
            await hasHeard.Task;
            for (var i = 0; i < Told; i++)
            {
                await connection.SendAsync(ChangeScene.InvoiceChange(1, "Open"));
            }

            await connection.CloseAsync();
            await connection.ListenAsync();
        });
        await using var ear = _scene.Listen(node.Endpoint);
        Assert.Equal(new NodeChange.Connected(), await ear.NextAsync());
        hasHeard.SetResult();

        await Eventually.HoldsAsync("the connection was read to its end", () => _scene.Log.Ids.Contains(2405), Scene.Ct);
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
            await ChangeScene.SubscribedAsync(connection);
            try
            {
                await connection.ListenAsync();
            }
            finally
            {
                hasLeft.TrySetResult();
            }
        });

        Assert.Single(await _scene.HearAsync(node.Endpoint, 1));
        await hasLeft.Task;

        using var cancel = new CancellationTokenSource();
        await using var ear = _scene.Listen(node.Endpoint, stop: cancel.Token);
        Assert.Equal(new NodeChange.Connected(), await ear.NextAsync());
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ear.NextAsync());
    }

    [Fact]
    public async Task The_address_for_calls_serves_too()
    {
        await using var node = new RawWebSocketNode(async connection =>
        {
            Assert.Equal("subscribe_store_changes", (await connection.ReceiveAsync()).GetProperty("method").GetString());
            await connection.SendAsync(ChangeScene.Subscribed);
            await connection.ListenAsync();
        });

        Assert.Single(await _scene.HearAsync(new UriBuilder(node.Endpoint) { Scheme = "http" }.Uri, 1));
    }
}
