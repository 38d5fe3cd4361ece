using FiberLink.Chain;
using FiberLink.Sandbox;
using FiberLink.Sandbox.Chain;
using FiberLink.Sandbox.Control;
using FiberLink.Sandbox.Payments;

namespace FiberLink.HubNode.Tests.Contract;

/// <summary>A sandbox node; its peer is made to act by its control interface.</summary>
public abstract class SandboxUnderTest : NodeUnderTest
{
    private readonly string _scheme;
    private SandboxChain _chain = null!;
    private SandboxNode _node = null!;
    private JsonRpcHubNode _hub = null!;

    private protected SandboxUnderTest(string scheme) => _scheme = scheme;

    private SandboxControl Control => new(Http, Endpoint);

    public override Task<string> PeersInvoiceAsync(
        UInt128 amount, TimeSpan? expiry = null, bool isHeld = false, bool allowsParts = false) =>
        Control.Payments.IssueAsync(
            new PayeeInvoiceRequest(amount) { Expiry = expiry, IsHeld = isHeld, AllowsMultiPart = allowsParts }, Scene.Ct);

    public override Task PeerSettlesAsync(PaymentHash hash) => Control.Payments.SucceedAsync(hash.ToString(), isTold: true, Scene.Ct);

    public override async Task PeerCancelsAsync(PaymentHash hash)
    {
        await Control.Payments.DecideAsync(hash.ToString(), PaymentEnding.Fails, "InvoiceCancelled", Scene.Ct);
        if ((await Control.Payments.ListAsync(Scene.Ct)).Any(p => p.PaymentHash == hash && p.IsUnderWay))
        {
            await Control.Payments.FailAsync(hash.ToString(), "InvoiceCancelled", Scene.Ct);
        }
    }

    public override Task PeerPaysAsync(string invoice) => Control.PayAsync(invoice, Scene.Ct);

    public override Task ConnectAsync(bool isConnected) => Control.Payments.ConnectPeerAsync(0, isConnected, Scene.Ct);

    public override async ValueTask InitializeAsync()
    {
        _chain = await SandboxChain.StartAsync(new() { Listen = new("http://127.0.0.1:0") }, TimeProvider.System, Scene.Ct);
        var wallet = new Script(Bytes32.Parse(Wallet.CodeHash), ScriptHashType.Type, ByteString.Parse(Wallet.Args));
        await new SandboxChainControl(Http, _chain.Endpoint, ChainParameters.Testnet).FundAsync(wallet, 100_000_000_000, 2, Scene.Ct);
        _node = await SandboxNode.StartAsync(
            new() { Listen = new("http://127.0.0.1:0"), Seed = 1, Chain = _chain.Endpoint }, TimeProvider.System, Scene.Ct);
        Endpoint = _node.Endpoint;
        var asked = new UriBuilder(Endpoint) { Scheme = _scheme }.Uri;
        Hub = _hub = new JsonRpcHubNode(Http, new() { Endpoint = asked }, TimeProvider.System);
    }

    protected override async ValueTask StopAsync()
    {
        await _hub.DisposeAsync();
        await _node.DisposeAsync();
        await _chain.DisposeAsync();
    }
}

/// <summary>Asked over HTTP.</summary>
public sealed class SandboxOverHttp() : SandboxUnderTest("http");

/// <summary>Asked over a WebSocket.</summary>
public sealed class SandboxOverWebSocket() : SandboxUnderTest("ws");
