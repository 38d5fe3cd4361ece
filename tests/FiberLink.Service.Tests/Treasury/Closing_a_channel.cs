using System.Text.Json.Nodes;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;

namespace FiberLink.Service.Tests.Treasury;

/// <summary>What comes back from a channel is booked once, by the transaction that closed it.</summary>
public sealed class Closing_a_channel
{
    private const long Ckb = (long)ChannelScene.Ckb;

    public static TheoryData<string> Deaths => [StopPoints.ChannelClosePrepared, StopPoints.ChannelCloseAsked, StopPoints.SweepSeen];

    [Fact]
    public async Task What_was_put_in_comes_back_with_what_was_kept_back_less_what_the_way_has_cost()
    {
        await using var scene = await ChannelScene.StartAsync();
        var channel = await OpenedAsync(scene);

        await scene.ReachesAsync(await scene.CloseAsync(channel), "Completed");

        await CameBackOnceAsync(scene);
    }

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task A_death_at_a_step_closes_it_once(string step)
    {
        await using var scene = await ChannelScene.StartAsync(countsSteps: true);
        var channel = await OpenedAsync(scene);
        scene.Service.Steps!.DieAt(step, 1);

        await scene.ReachesAsync(await scene.CloseAsync(channel), "Completed");

        await CameBackOnceAsync(scene);
    }

    [Theory]
    [InlineData("lost")]
    [InlineData("away")]
    [InlineData("cut")]
    public async Task A_fault_of_the_node_closes_it_once(string fault)
    {
        await using var scene = await ChannelScene.StartAsync();
        var channel = await OpenedAsync(scene);
        await (fault switch
        {
            "lost" => scene.Service.Control.LoseAnswersAsync(3, Ct),
            "away" => scene.Service.Control.GoAwayAsync(TimeSpan.FromSeconds(2), Ct),
            _ => scene.Service.Control.CutByChanceAsync(0.2, 0.2, 7, Ct),
        });

        await scene.ReachesAsync(await scene.CloseAsync(channel), "Completed");

        await scene.Service.Control.ResetAsync(Ct);
        await CameBackOnceAsync(scene);
    }

    [Fact]
    public async Task Of_two_wishes_to_close_one_channel_one_is_done()
    {
        await using var scene = await ChannelScene.StartAsync();
        await using var other = await scene.Service.StartAnotherAsync();
        var channel = await OpenedAsync(scene);

        var ids = await Task.WhenAll(scene.CloseAsync(channel), scene.CloseAsync(channel));
        await Eventually.HoldsAsync(
            "one is done, and the other is not",
            async () =>
            {
                await scene.Chain.Control.MineAsync(1, Ct);
                scene.Service.Clock.Move(TimeSpan.FromMilliseconds(500));
                var stages = await Task.WhenAll(ids.Select(scene.Treasury.StageOfAsync));
                return stages.Order(StringComparer.Ordinal).SequenceEqual(["Completed", "Failed"]);
            },
            Ct);

        await CameBackOnceAsync(scene);
    }

    /// <summary>What the node kept back of coins that nobody told the books of is capital.</summary>
    [Fact]
    public async Task Of_a_channel_that_was_opened_past_the_service_what_comes_back_beyond_the_books_is_capital()
    {
        await using var scene = await ChannelScene.StartAsync();
        var channel = Assert.Single(await scene.ChannelsAsync());
        await scene.Treasury.BookAsync(HubPlace.Channels, channel.LocalBalance);

        await scene.ReachesAsync(await scene.CloseAsync(channel.ChannelId), "Completed");

        var back = (long)await scene.Chain.HeldByAsync(scene.Chain.Wallet, Ct);
        Assert.Equal(-back, await scene.Treasury.BalanceAsync(Account.HubOnChain));
        Assert.Equal(0, await scene.Treasury.BalanceAsync(Account.HubChannels));
        Assert.Equal(back, await scene.Treasury.BalanceAsync(Account.HubCapital));
        Assert.InRange(back - (long)channel.LocalBalance, 98 * Ckb, 99 * Ckb);
    }

    [Theory]
    [InlineData("unknown", "no such channel")]
    [InlineData("a token's", "It is a token's")]
    [InlineData("closed by force", "It is closed already")]
    public async Task What_cannot_be_closed_from_here_fails_before_the_node_is_asked(string how, string why)
    {
        await using var node = await LyingNode.StartAsync(
            (method, result) =>
            {
                if (method == "list_channels")
                {
                    Lie(how, result["channels"]![0]!);
                }
            },
            Ct);
        await using var scene = await ChannelScene.StartAsync(nodeUrl: node.InFrontOf);
        var channel = Assert.Single(await scene.ChannelsAsync()).ChannelId;

        var id = await scene.CloseAsync(channel);

        await scene.Treasury.StageIsAsync(id, "Failed");
        Assert.Contains(
            why,
            Assert.Single(await scene.Service.Database.TextsAsync("select last_error from read_models.treasury_movements")),
            StringComparison.Ordinal);
        Assert.Equal(0, await scene.Treasury.EventsAsync("movement.close_prepared.v1"));
        Assert.Equal(0, (await scene.Service.Control.CallsAsync(Ct)).GetValueOrDefault("shutdown_channel"));
    }

    [Fact]
    public async Task What_one_side_closes_alone_is_left_to_an_operator_and_the_books_are_as_before()
    {
        var isForced = false;
        await using var node = await LyingNode.StartAsync(
            (method, result) =>
            {
                if (method == "list_channels" && isForced)
                {
                    foreach (var channel in result["channels"]!.AsArray())
                    {
                        channel!["state"] = new JsonObject
                        {
                            ["state_name"] = "Closed",
                            ["state_flags"] = "UNCOOPERATIVE_REMOTE|WAITING_ONCHAIN_SETTLEMENT",
                        };
                    }
                }
            },
            Ct);
        await using var scene = await ChannelScene.StartAsync(countsSteps: true, nodeUrl: node.InFrontOf);
        var channel = await OpenedAsync(scene);
        scene.Service.Steps!.DieAt(StopPoints.ChannelClosePrepared, 1);
        var id = await scene.CloseAsync(channel);
        await Eventually.HoldsAsync(
            "it has begun", async () => await scene.Treasury.EventsAsync("movement.close_prepared.v1") == 1, Ct);

        isForced = true;
        await scene.ReachesAsync(id, "Failed");

        Assert.Equal(-((500 * Ckb) - ChannelScene.KeptBack), await scene.Treasury.BalanceAsync(Account.HubChannels));
        Assert.Equal(-ChannelScene.KeptBack, await scene.Treasury.BalanceAsync(Account.HubKeptBack));
        Assert.Equal(0, await scene.Treasury.BalanceAsync(Account.InFlight));
    }

    private static void Lie(string how, JsonNode channel)
    {
        switch (how)
        {
            case "unknown":
                channel["channel_id"] = $"0x{new string('7', 64)}";
                break;
            case "a token's":
                channel["funding_udt_type_script"] = new JsonObject
                {
                    ["code_hash"] = $"0x{new string('7', 64)}", ["hash_type"] = "type", ["args"] = "0x01",
                };
                break;
            default:
                channel["state"] = new JsonObject
                {
                    ["state_name"] = "Closed", ["state_flags"] = "UNCOOPERATIVE_REMOTE",
                };
                break;
        }
    }

    private static async Task<string> OpenedAsync(ChannelScene scene)
    {
        await scene.Chain.FundAsync(1_000, 2, Ct);
        await scene.ReachesAsync(await scene.OpenAsync(500), "Completed");
        return Assert.Single(await scene.ChannelsAsync(), c => c.RemoteBalance == 0).ChannelId;
    }

    private static async Task CameBackOnceAsync(ChannelScene scene)
    {
        Assert.Equal(0, await scene.Treasury.BalanceAsync(Account.HubChannels));
        Assert.Equal(0, await scene.Treasury.BalanceAsync(Account.HubKeptBack));
        Assert.Equal(0, await scene.Treasury.BalanceAsync(Account.InFlight));
        Assert.Equal(0, await scene.Treasury.BalanceAsync(Account.HubCapital));
        var lost = await scene.Treasury.BalanceAsync(Account.HubOnChain);
        Assert.Equal(lost, -await scene.Treasury.BalanceAsync(Account.NetworkFees));
        Assert.Equal((2_000 * Ckb) - lost, (long)await scene.Chain.HeldByAsync(scene.Chain.Wallet, Ct));
        Assert.Equal(2, await scene.Treasury.EventsAsync("movement.completed.v1"));
        Assert.Equal(1, await scene.Treasury.EventsAsync("movement.close_seen.v1"));
    }
}
