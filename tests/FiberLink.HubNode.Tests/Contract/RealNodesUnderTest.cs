using System.Security.Cryptography;
using System.Text.Json.Nodes;
using FiberLink.Testing;
using FiberLink.Testing.RealNodes;

namespace FiberLink.HubNode.Tests.Contract;

/// <summary>Two real nodes: A is the one under test, B its peer. They take ten seconds to start, so one pair serves all tests.</summary>
public sealed class RealNodesUnderTest : NodeUnderTest
{
    private const int PeersMoney = 1_000_000_000; // shannon

    private readonly Dictionary<PaymentHash, string> _held = [];
    private RealNodePair _pair = null!;
    private JsonRpcHubNode _hub = null!;

    public override async Task<string> PeersInvoiceAsync(
        UInt128 amount, TimeSpan? expiry = null, bool isHeld = false, bool allowsParts = false)
    {
        var preimage = $"0x{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))}";
        var hash = Preimage.Parse(preimage).Hash(InvoiceHashAlgorithm.Sha256);
        var request = new JsonObject
        {
            ["amount"] = HexQuantity.Format(amount),
            ["currency"] = "Fibt",
            ["hash_algorithm"] = "sha256",
            [isHeld ? "payment_hash" : "payment_preimage"] = isHeld ? hash.ToString() : preimage,
            ["allow_mpp"] = allowsParts,
        };
        if (expiry is { } duration)
        {
            request["expiry"] = HexQuantity.Format((UInt128)duration.TotalSeconds);
        }

        _held[hash] = preimage;
        return (string)(await PeerAsync("new_invoice", request))["invoice_address"]!;
    }

    /// <summary>A channel shows a payment before the peer has taken it up: until then its invoice is open, and is not settled.</summary>
    public override async Task PeerSettlesAsync(PaymentHash hash)
    {
        var invoice = new JsonObject { ["payment_hash"] = hash.ToString() };
        await Eventually.HoldsAsync(
            "the peer has the payment",
            async () => (string?)(await PeerAsync("get_invoice", invoice))["status"] == "Received",
            Scene.Ct);
        invoice["payment_preimage"] = _held[hash];
        await PeerAsync("settle_invoice", invoice);
    }

    public override Task PeerCancelsAsync(PaymentHash hash) =>
        PeerAsync("cancel_invoice", new JsonObject { ["payment_hash"] = hash.ToString() });

    public override Task PeerPaysAsync(string invoice) => PeerAsync("send_payment", new JsonObject { ["invoice"] = invoice });

    public override Task ConnectAsync(bool isConnected) =>
        isConnected ? _pair.ConnectAsync(Scene.Ct) : _pair.DisconnectAsync(Scene.Ct);

    public override async ValueTask InitializeAsync()
    {
        _pair = await RealNodePair.StartAsync(Scene.Ct);
        Endpoint = _pair.NodeA;
        Hub = _hub = new JsonRpcHubNode(Http, new() { Endpoint = Endpoint }, TimeProvider.System);
        await _pair.PayFromAAsync(await PeersInvoiceAsync(PeersMoney), Scene.Ct);
    }

    protected override async ValueTask StopAsync()
    {
        if (_hub is not null)
        {
            await _hub.DisposeAsync();
        }

        if (_pair is not null)
        {
            await _pair.DisposeAsync();
        }
    }

    private async Task<JsonNode> PeerAsync(string method, JsonObject parameters)
    {
        var answer = JsonNode.Parse(await _pair.CallAsync(_pair.NodeB, method, parameters, Scene.Ct));
        return answer?["result"] ?? throw new RealNodeException($"B answered {method} with {answer}\n{_pair.Log}");
    }
}
