using FiberLink.HubNode;
using FiberLink.HubNode.Invoices;
using FiberLink.Sandbox;
using FiberLink.Testing;

namespace FiberLink.EndToEnd.Tests.Development;

/// <summary>The commands about what the sandbox node pays itself, as processes, against a sandbox node of this one.</summary>
public sealed class Paying_from_the_sandbox
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_invoice_is_made_somewhere_and_its_payment_is_ended_by_hand()
    {
        await using var scene = await PayingScene.StartAsync();
        await scene.DoAsync("next-payments", "hold");
        var invoice = await scene.DoAsync("payee-invoice", "100000000", "--farther", "--description", "a withdrawal");
        var hash = await scene.SendAsync(invoice);
        Assert.Contains("is under way", await scene.DoAsync("payments"), StringComparison.Ordinal);

        await scene.DoAsync("succeed", invoice);

        var payment = Assert.Single((await scene.Folder.JsonAsync(Ct, scene.At("payments"))).AsArray())!;
        Assert.Equal(
            (hash.ToString(), "Success", "100000", true),
            ((string?)payment["paymentHash"], (string?)payment["status"], (string?)payment["fee"], (bool?)payment["taken"]));
        var again = await scene.Folder.RunAsync(Ct, scene.At("fail", invoice));
        Assert.Contains("payment is not under way, current status: Success", again.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_payment_is_reported_as_failed_and_arrives()
    {
        await using var scene = await PayingScene.StartAsync();
        await scene.DoAsync("next-payments", "fail-under-way", "--error", "HoldTlcTimeout");
        var invoice = await scene.DoAsync("payee-invoice", "5");
        var hash = await scene.SendAsync(invoice);
        await Eventually.HoldsAsync(
            "it is reported as failed",
            async () => (await scene.Hub.FindPaymentAsync(hash, Ct)) is NodeAnswer<HubPayment>.Ok { Value.Failure.Text: "HoldTlcTimeout" },
            Ct);

        await scene.DoAsync("succeed", hash.ToString());

        Assert.Matches("Failed .*has gone .*HoldTlcTimeout", await scene.DoAsync("payments"));
    }

    [Fact]
    public async Task Channels_are_opened_and_peers_come_and_go()
    {
        await using var scene = await PayingScene.StartAsync();

        await scene.DoAsync("open-channel", "7", "8", "--peer", "1");
        await scene.DoAsync("peer", "0", "off");

        var channels = Assert.IsType<NodeAnswer<IReadOnlyList<HubChannel>>.Ok>(await scene.Hub.ListChannelsAsync(false, Ct)).Value;
        var peers = Assert.IsType<NodeAnswer<IReadOnlyList<HubPeer>>.Ok>(await scene.Hub.ListPeersAsync(Ct)).Value;
        Assert.Equal(((UInt128)7, (UInt128)8), (channels[1].LocalBalance, channels[1].RemoteBalance));
        Assert.Equal(channels[1].Peer, Assert.Single(peers).Peer);
        await scene.DoAsync("peer", "0", "on");
        await scene.DoAsync("panic", "on");
        await scene.DoAsync("reorder", "on");
        await scene.DoAsync("slow", "1ms", "--max", "2ms");
        await scene.DoAsync("reset");
    }

    private sealed class PayingScene : IAsyncDisposable
    {
        private readonly HttpClient _http = new();
        private readonly SandboxNode _node;

        private PayingScene(SandboxNode node)
        {
            _node = node;
            Hub = new JsonRpcHubNode(_http, new() { Endpoint = node.Endpoint }, TimeProvider.System);
        }

        public DevFolder Folder { get; } = new();

        public JsonRpcHubNode Hub { get; }

        public static async Task<PayingScene> StartAsync() =>
            new(await SandboxNode.StartAsync(new() { Listen = new("http://127.0.0.1:0"), Seed = 1 }, TimeProvider.System, Ct));

        public string[] At(params string[] arguments) => ["sandbox", .. arguments, "--node", _node.Endpoint.ToString()];

        public Task<string> DoAsync(params string[] arguments) => Folder.DoAsync(Ct, At(arguments));

        public async Task<PaymentHash> SendAsync(string text)
        {
            var invoice = Assert.IsType<InvoiceReading.Decoded>(InvoiceCodec.Decode(text)).Invoice;
            var request = new PaymentRequest(text, invoice.PaymentHash, invoice.Amount!.Value, 1_000_000, TimeSpan.FromSeconds(60));
            Assert.IsType<PaymentOutcome.Known>(await Hub.SendPaymentAsync(request, Ct));
            return invoice.PaymentHash;
        }

        public async ValueTask DisposeAsync()
        {
            await Hub.DisposeAsync();
            _http.Dispose();
            await _node.DisposeAsync();
            await Folder.DisposeAsync();
        }
    }
}
