using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.EndToEnd.Tests.Serving;
using FiberLink.Testing;
using FiberLink.Testing.RealNodes;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.EndToEnd.Tests.Real_nodes;

/// <summary>The main job on real parts alone: the service's process on node B, a payer on node A, a channel between them.</summary>
[Collection(RealNodesTogether.Name)]
public sealed class A_tip_paid_over_real_nodes(Two_real_nodes nodes)
{
    private const string Recipient = "9";

    private RealNodePair Pair => nodes.Pair;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("ckb_hash", "1.5", 150_000_000)]
    [InlineData("sha256", "0.00000001", 1)]
    public async Task Credits_exactly_what_was_paid_in_shannon(string algorithm, string amount, long shannon)
    {
        await using var scene = await ServiceScene.StartAsync(Ct);
        await using var service = await scene.StartServiceAsync(
            Ct, (Names.NodeUrl, Pair.NodeB.ToString()), (Names.HashAlgorithm, algorithm));
        var before = await LocalBalanceOfBAsync();

        var wish = new Wish("42", "7", Recipient, amount, "great post");
        var invoice = await service.Forum.CreateTipAsync(wish, Ct);
        Assert.Equal("UNPAID", await service.Forum.TipStateAsync(invoice, Ct));
        Assert.Equal(invoice, await service.Forum.CreateTipAsync(wish, Ct));

        await Pair.PayFromAAsync(invoice, Ct);
        await Eventually.HoldsAsync("the tip is settled", async () => await service.Forum.TipStateAsync(invoice, Ct) == "SETTLED", Ct);

        Assert.Equal(shannon, await scene.Books.BalanceAsync(Recipient, Ct));
        Assert.Equal(0, await scene.Books.TrialBalanceAsync(Ct));
        Assert.Equal(1, await scene.Books.EventsAsync("tip.settled.v1", Ct));
        Assert.Equal((UInt128)shannon, await LocalBalanceOfBAsync() - before);
    }

    [Fact]
    public async Task Is_withdrawn_to_an_invoice_of_the_other_node()
    {
        await using var scene = await ServiceScene.StartAsync(Ct);
        await using var service = await scene.StartServiceAsync(
            Ct, (Names.NodeUrl, Pair.NodeB.ToString()), (Names.NodePubkey, Pair.PubkeyOfB));
        var tip = await service.Forum.CreateTipAsync(new Wish("44", "7", Recipient, "2"), Ct);
        await Pair.PayFromAAsync(tip, Ct);
        await Eventually.HoldsAsync("the tip is settled", async () => await service.Forum.TipStateAsync(tip, Ct) == "SETTLED", Ct);
        var before = await LocalBalanceOfBAsync();
        var order = new JsonObject { ["amount"] = "0x5f5e100", ["currency"] = "Fibt", ["expiry"] = "0xe10", ["description"] = "mine" };
        var made = JsonNode.Parse(await Pair.CallAsync(Pair.NodeA, "new_invoice", order, Ct))!["result"]!;

        await service.Forum.WithdrawAsync(Recipient, "1", (string)made["invoice_address"]!, Ct);
        await Eventually.HoldsAsync(
            "the withdrawal is complete", async () => await scene.Books.EventsAsync("withdrawal.completed.v1", Ct) == 1, Ct);

        var query = new JsonObject { ["payment_hash"] = (string)made["invoice"]!["data"]!["payment_hash"]! };
        var paid = JsonNode.Parse(await Pair.CallAsync(Pair.NodeA, "get_invoice", query, Ct))!;
        Assert.Equal("Paid", (string?)paid["result"]!["status"]);
        Assert.Equal((UInt128)100_000_000, before - await LocalBalanceOfBAsync());
        Assert.Equal(100_000_000, await scene.Books.BalanceAsync(Recipient, Ct));
        Assert.Equal(0, await scene.Books.TrialBalanceAsync(Ct));
    }

    [Fact]
    public async Task Waits_while_the_node_is_away_and_settles_when_it_is_back()
    {
        await using var scene = await ServiceScene.StartAsync(Ct);
        await using var service = await scene.StartServiceAsync(Ct, (Names.NodeUrl, Pair.NodeB.ToString()));
        var invoice = await service.Forum.CreateTipAsync(new Wish("43", "7", Recipient, "2"), Ct);

        await Pair.PayFromAAsync(invoice, Ct);
        await Pair.RestartBAsync(Ct);
        await Pair.ConnectAsync(Ct);
        await Eventually.HoldsAsync("the tip is settled", async () => await service.Forum.TipStateAsync(invoice, Ct) == "SETTLED", Ct);

        Assert.Equal(200_000_000, await scene.Books.BalanceAsync(Recipient, Ct));
    }

    private async Task<UInt128> LocalBalanceOfBAsync()
    {
        var answer = JsonNode.Parse(await Pair.CallAsync(Pair.NodeB, "list_channels", new JsonObject(), Ct))!;
        return answer["result"]!["channels"]!.AsArray()
            .Select(c => Units(c!["local_balance"]!.GetValue<string>()))
            .Aggregate(UInt128.Zero, (sum, balance) => sum + balance);
    }

    private static UInt128 Units(string hex) => UInt128.Parse(hex.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}

/// <summary>One pair of nodes for all classes that need real ones: they take long to start, and much memory.</summary>
[CollectionDefinition(Name)]
public sealed class RealNodesTogether : ICollectionFixture<Two_real_nodes>
{
    public const string Name = "real nodes";
}
