using System.Security.Cryptography;
using System.Text.Json.Nodes;
using FiberLink.HubNode;
using FiberLink.Testing;
using FiberLink.Testing.RealNodes;

namespace FiberLink.EndToEnd.Tests.Real_nodes;

/// <summary>Two running nodes, shared by the tests of a class: starting them is the slow part.</summary>
public sealed class Two_real_nodes : IAsyncLifetime
{
    public RealNodePair Pair { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Pair = await RealNodePair.StartAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => Pair?.DisposeAsync() ?? ValueTask.CompletedTask;
}

[Collection(RealNodesTogether.Name)]
public sealed class Two_real_nodes_pay_each_other(Two_real_nodes nodes)
{
    private const int OneCkb = 100_000_000; // shannon
    private static readonly TimeSpan OneHour = TimeSpan.FromHours(1);

    private RealNodePair Pair => nodes.Pair;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sha256", InvoiceHashAlgorithm.Sha256)]
    [InlineData("ckb_hash", InvoiceHashAlgorithm.CkbHash)]
    public async Task An_invoice_on_our_preimage_is_paid_under_the_hash_we_expect(string wireName, InvoiceHashAlgorithm algorithm)
    {
        var (secret, hash) = NewSecret(algorithm);
        var request = InvoiceRequest(secret, wireName);

        var made = Result(await Pair.CallAsync(Pair.NodeB, "new_invoice", request, Ct));
        Assert.Equal(hash.ToString(), Text(made, "invoice", "data", "payment_hash"));
        Assert.Equal("Open", await StatusAtBAsync(hash));

        await Pair.PayFromAAsync(Text(made, "invoice_address"), Ct);
        await Eventually.HoldsAsync("B's invoice is paid", async () => await StatusAtBAsync(hash) == "Paid", Ct);
    }

    [Fact]
    public async Task A_preimage_makes_one_invoice_and_not_two()
    {
        var (secret, _) = NewSecret(InvoiceHashAlgorithm.Sha256);
        var request = InvoiceRequest(secret, "sha256");
        Result(await Pair.CallAsync(Pair.NodeB, "new_invoice", request, Ct));

        var again = JsonNode.Parse(await Pair.CallAsync(Pair.NodeB, "new_invoice", request, Ct))!;

        Assert.Equal("invoice already exists", Text(again, "error", "message"));
    }

    [Fact]
    public async Task Our_client_follows_an_invoice_of_a_real_node_until_it_is_paid()
    {
        using var http = new HttpClient();
        using var client = new JsonRpcHubNode(http, new HubNodeOptions { Endpoint = Pair.NodeB }, TimeProvider.System);
        var (secret, hash) = NewSecret(InvoiceHashAlgorithm.Sha256);
        var wanted = new NewInvoice(
            OneCkb, FiberCurrency.Fibt, Preimage.Parse(secret), InvoiceHashAlgorithm.Sha256, OneHour, UdtTypeScript: null, "a tip");

        var info = Value(await client.GetInfoAsync(Ct));
        var made = Value(await client.CreateInvoiceAsync(wanted, Ct));
        var madeAgain = Value(await client.CreateInvoiceAsync(wanted, Ct));
        Assert.Equal(FiberCurrency.Fibt, info.Currency);
        Assert.Equal((hash, (UInt128?)OneCkb, OneHour), (made.PaymentHash, made.Amount, made.Expiry));
        Assert.Equal(made.Invoice, madeAgain.Invoice);
        Assert.Equal(HubInvoiceStatus.Open, Value(await client.FindInvoiceAsync(hash, Ct)).Status);

        await Pair.PayFromAAsync(made.Invoice, Ct);
        await Eventually.HoldsAsync(
            "the client sees the invoice paid",
            async () => Value(await client.FindInvoiceAsync(hash, Ct)).Status == HubInvoiceStatus.Paid,
            Ct);
    }

    [Fact]
    public async Task An_invoice_outlives_a_lost_connection_and_a_restart_of_the_hubs_node()
    {
        var (secret, hash) = NewSecret(InvoiceHashAlgorithm.Sha256);
        var made = Result(await Pair.CallAsync(Pair.NodeB, "new_invoice", InvoiceRequest(secret, "sha256"), Ct));
        var invoice = Text(made, "invoice_address");

        await Pair.DisconnectAsync(Ct);
        try
        {
            await Assert.ThrowsAsync<RealNodeException>(() => Pair.PayFromAAsync(invoice, Ct));
            await Pair.RestartBAsync(Ct);
            Assert.Equal("Open", await StatusAtBAsync(hash));
        }
        finally
        {
            await Pair.ConnectAsync(Ct);
        }

        await Pair.PayFromAAsync(invoice, Ct);
        await Eventually.HoldsAsync("B's invoice is paid", async () => await StatusAtBAsync(hash) == "Paid", Ct);
    }

    private static (string Preimage, PaymentHash Hash) NewSecret(InvoiceHashAlgorithm algorithm)
    {
        var preimage = "0x" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        return (preimage, Preimage.Parse(preimage).Hash(algorithm));
    }

    private static JsonObject InvoiceRequest(string preimage, string hashAlgorithm) => new()
    {
        ["amount"] = $"0x{OneCkb:x}",
        ["currency"] = "Fibt",
        ["payment_preimage"] = preimage,
        ["hash_algorithm"] = hashAlgorithm,
        ["expiry"] = $"0x{(int)OneHour.TotalSeconds:x}",
        ["description"] = "a tip",
    };

    private async Task<string> StatusAtBAsync(PaymentHash hash)
    {
        var query = new JsonObject { ["payment_hash"] = hash.ToString() };
        return Text(Result(await Pair.CallAsync(Pair.NodeB, "get_invoice", query, Ct)), "status");
    }

    private static JsonNode Result(string answer)
    {
        var result = JsonNode.Parse(answer)?["result"];
        Assert.True(result is not null, $"The node answered {answer}");
        return result;
    }

    private static string Text(JsonNode node, params string[] path) =>
        path.Aggregate<string, JsonNode?>(node, (at, name) => at![name])!.GetValue<string>();

    private static T Value<T>(NodeAnswer<T> answer) => Assert.IsType<NodeAnswer<T>.Ok>(answer).Value;
}
