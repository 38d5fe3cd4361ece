using System.Text.Json.Nodes;
using FiberLink.Events.Money;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;
using Microsoft.Extensions.Logging;

namespace FiberLink.Service.Tests.Treasury;

/// <summary>What the node says is held against the chain and the books, and waited for where it says too little.</summary>
public sealed class What_the_node_says_of_a_channel
{
    private const long Ckb = (long)ChannelScene.Ckb;

    private static readonly string Nowhere = $"0x{new string('7', 64)}";

    [Theory]
    [InlineData("AwaitingChannelReady")]
    [InlineData("SomethingNew")]
    public async Task One_that_is_not_open_yet_is_not_closed_and_is_given_up_after_a_week(string state)
    {
        await using var node = await ListingAsync(channels => Say(channels[0]!, state, ""));
        await using var scene = await ChannelScene.StartAsync(nodeUrl: node.InFrontOf);
        var id = await scene.CloseAsync(Assert.Single(await scene.ChannelsAsync()).ChannelId);

        await scene.WaitsAsync($"It is {state}.");
        Assert.Equal("Approved", await scene.Treasury.StageOfAsync(id));
        scene.Service.Clock.Move(TimeSpan.FromDays(8));

        await scene.Treasury.StageIsAsync(id, "Failed");
        Assert.Equal(0, await scene.Treasury.EventsAsync("movement.close_prepared.v1"));
        Assert.Equal(0, (await scene.Service.Control.CallsAsync(Ct)).GetValueOrDefault("shutdown_channel"));
    }

    [Fact]
    public async Task One_that_was_closed_by_what_gives_nothing_to_the_wallet_is_left_to_an_operator()
    {
        string? closedBy = null;
        await using var node = await ListingAsync(channels => SayClosed(channels, closedBy));
        await using var scene = await ChannelScene.StartAsync(countsSteps: true, nodeUrl: node.InFrontOf);
        var id = await BegunAsync(scene);

        closedBy = (await scene.Chain.Control.FundAsync(PaidChain.NewRecipient().Lock, 100 * ChannelScene.Ckb, 1, Ct))[0]
            .TransactionHash.ToHex();
        await scene.ReachesAsync(id, "Failed");

        Assert.Contains(
            "gives nothing to the wallet",
            Assert.Single(await scene.Service.Database.TextsAsync(
                "select last_error from read_models.treasury_movements where stage = 'Failed'")),
            StringComparison.Ordinal);
        Assert.Equal(-((500 * Ckb) - ChannelScene.KeptBack), await scene.Treasury.BalanceAsync(Account.HubChannels));
        Assert.Equal(0, await scene.Treasury.BalanceAsync(Account.InFlight));
    }

    [Fact]
    public async Task One_that_was_closed_by_what_the_chain_does_not_know_is_waited_for()
    {
        var closedBy = Nowhere;
        await using var node = await ListingAsync(channels => SayClosed(channels, closedBy));
        await using var scene = await ChannelScene.StartAsync(countsSteps: true, nodeUrl: node.InFrontOf);
        closedBy = null;
        var id = await BegunAsync(scene);
        closedBy = Nowhere;

        await scene.WaitsAsync("What has closed the channel is not seen yet.");
        Assert.Equal(0, await scene.Treasury.EventsAsync("movement.close_seen.v1"));
        closedBy = null;

        await scene.ReachesAsync(id, "Completed");
    }

    [Fact]
    public async Task One_that_is_not_listed_any_more_is_waited_for()
    {
        var isHidden = false;
        await using var node = await ListingAsync(channels =>
        {
            if (isHidden)
            {
                channels.Clear();
            }
        });
        await using var scene = await ChannelScene.StartAsync(countsSteps: true, nodeUrl: node.InFrontOf);
        var id = await BegunAsync(scene);
        isHidden = true;

        await scene.WaitsAsync("The node does not tell of the channel any more.");
        Assert.Equal(0, await scene.Treasury.EventsAsync("movement.failed.v1"));
        isHidden = false;

        await scene.ReachesAsync(id, "Completed");
    }

    /// <summary>What the node keeps back cannot be nothing, so what it says is not believed.</summary>
    [Fact]
    public async Task Of_one_with_more_in_it_than_was_put_in_nothing_is_booked_as_kept_back()
    {
        await using var node = await ListingAsync(channels =>
        {
            foreach (var channel in channels.Where(c => c!["channel_outpoint"] is not null))
            {
                channel!["local_balance"] = $"0x{2_000 * Ckb:x}";
            }
        });
        await using var scene = await ChannelScene.StartAsync(nodeUrl: node.InFrontOf);
        await scene.Chain.FundAsync(1_000, 3, Ct);

        await scene.ReachesAsync(await scene.OpenAsync(500), "Completed");

        Assert.Equal(-500 * Ckb, await scene.Treasury.BalanceAsync(Account.HubChannels));
        Assert.Equal(0, await scene.Treasury.BalanceAsync(Account.HubKeptBack));
        Assert.Single(
            scene.Service.Logs.AtLeast(LogLevel.Error), t => t.Contains("nothing is booked as kept back", StringComparison.Ordinal));
    }

    private static Task<LyingNode> ListingAsync(Action<JsonArray> tell) => LyingNode.StartAsync(
        (method, result) =>
        {
            if (method == "list_channels")
            {
                tell(result["channels"]!.AsArray());
            }
        },
        Ct);

    private static void SayClosed(JsonArray channels, string? by)
    {
        foreach (var channel in channels.Where(_ => by is not null))
        {
            Say(channel!, "Closed", "COOPERATIVE");
            channel!["shutdown_transaction_hash"] = by;
        }
    }

    private static void Say(JsonNode channel, string state, string flags) =>
        channel["state"] = new JsonObject { ["state_name"] = state, ["state_flags"] = flags };

    /// <summary>A channel is open, and a movement that is to close it is stored; the node is not asked yet.</summary>
    private static async Task<Guid> BegunAsync(ChannelScene scene)
    {
        await scene.Chain.FundAsync(1_000, 2, Ct);
        await scene.ReachesAsync(await scene.OpenAsync(500), "Completed");
        scene.Service.Steps!.DieAt(StopPoints.ChannelClosePrepared, 1);
        var id = await scene.CloseAsync(Assert.Single(await scene.ChannelsAsync(), c => c.RemoteBalance == 0).ChannelId);
        await Eventually.HoldsAsync(
            "it has begun", async () => await scene.Treasury.EventsAsync("movement.close_prepared.v1") == 1, Ct);
        return id;
    }
}
