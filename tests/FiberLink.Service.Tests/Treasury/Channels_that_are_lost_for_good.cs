using System.Text.Json.Nodes;
using FiberLink.Chain;
using FiberLink.Chain.Node;
using FiberLink.Chain.Transactions;
using FiberLink.Crypto;
using FiberLink.Events.Money;
using FiberLink.Service.Startup;
using FiberLink.Service.Tests.Scene;
using FiberLink.Service.Tests.Withdrawals;
using static FiberLink.Service.Tests.Treasury.LossScene;

namespace FiberLink.Service.Tests.Treasury;

/// <summary>
/// A reorganisation goes deeper than what counted, and takes back what opened a channel or closed it; a cell of it is spent by something
/// else there. What the books say is where the money was before.
/// </summary>
public sealed class Channels_that_are_lost_for_good
{
    private const long Ckb = (long)PaidChain.Ckb;

    [Fact]
    public async Task What_was_put_into_a_channel_is_in_the_wallets_books_again()
    {
        await using var scene = await ChannelScene.StartAsync(Final);
        await FundAsync(scene.Treasury, 1);
        var id = await scene.OpenAsync(500);
        await scene.Treasury.StageIsAsync(id, "Sent");
        var other = await scene.Chain.SweepAsync(await scene.Service.CoinsReservedAsync(1_000));
        await scene.ReachesAsync(id, "Completed");
        await scene.IsOpenOnceAsync(500);

        await TurnBackAsync(scene.Treasury, id, other);
        await SeenUntilAsync(scene.Treasury, id, "Lost");

        await NothingIsWaitedForAsync(scene.Treasury, id);
        await NothingIsBookedAsync(scene.Treasury);
    }

    [Fact]
    public async Task What_the_node_is_to_send_again_is_waited_for_as_long_as_its_cells_are_there()
    {
        await using var scene = await ChannelScene.StartAsync(Final);
        await FundAsync(scene.Treasury, 1);
        var id = await scene.OpenAsync(500);
        await scene.ReachesAsync(id, "Completed");

        await TurnBackAsync(scene.Treasury, id, other: null);
        await scene.WaitsAsync("the node sends it again");
        for (var i = 0; i < 3; i++)
        {
            await scene.Chain.Control.MineAsync(100, Ct);
            scene.Service.Clock.Move(TimeSpan.FromMinutes(1));
            await scene.WaitsAsync("the node sends it again");
        }

        Assert.Equal("Completed", await scene.Treasury.StageOfAsync(id));
    }

    /// <summary>The other side has gone to the chain alone, on the fork that holds.</summary>
    [Fact]
    public async Task What_came_out_of_a_channel_is_in_the_channels_books_again()
    {
        await using var scene = await ChannelScene.StartAsync(Final);
        var channel = await OpenedAsync(scene);
        var fees = await scene.Treasury.BalanceAsync(Account.NetworkFees);
        var other = await AloneAsync(scene, channel);
        var id = await scene.CloseAsync(channel);
        await scene.ReachesAsync(id, "Completed");

        await TurnBackAsync(scene.Treasury, id, other);
        await SeenUntilAsync(scene.Treasury, id, "Lost");

        await NothingIsWaitedForAsync(scene.Treasury, id);
        await IsInTheChannelAsync(scene);
        Assert.Equal(fees, await scene.Treasury.BalanceAsync(Account.NetworkFees));
    }

    [Fact]
    public async Task What_closed_a_channel_and_can_never_be_in_the_chain_before_it_counts_ends_as_closed_otherwise()
    {
        await using var scene = await ChannelScene.StartAsync(s => Final(s) with
        {
            Payouts = Final(s).Payouts with { Confirmations = PayoutSettings.ConfirmationRule.Parse("150") },
        });
        var channel = await OpenedAsync(scene);
        var other = await AloneAsync(scene, channel);
        var id = await scene.CloseAsync(channel);
        await scene.ReachesAsync(id, "InBlock");

        await TurnBackAsync(scene.Treasury, id, other);
        await SeenUntilAsync(scene.Treasury, id, "Failed");

        await IsInTheChannelAsync(scene);
        Assert.Equal(1, await scene.Treasury.EventsAsync("movement.failed.v1"));
    }

    /// <summary>The node goes on telling of the channel whose funding can never be in the chain.</summary>
    [Fact]
    public async Task What_funds_a_channel_and_can_never_be_in_the_chain_is_made_anew()
    {
        var told = new Dictionary<string, JsonNode>(StringComparer.Ordinal);
        await using var node = await LyingNode.StartAsync(
            (method, result) =>
            {
                if (method == "list_channels")
                {
                    TellAlways(result["channels"]!.AsArray(), told);
                }
            },
            Ct);
        await using var scene = await ChannelScene.StartAsync(Final, nodeUrl: node.InFrontOf);
        await FundAsync(scene.Treasury, 1);
        var id = await scene.OpenAsync(500);
        await scene.Treasury.StageIsAsync(id, "Sent");
        await scene.WaitsAsync("It is in the pool.");

        await scene.Chain.Control.CommitAsync(await scene.Chain.SweepAsync(await scene.Service.CoinsReservedAsync(1_000)), Ct);
        await scene.Chain.FundAsync(900, 1, Ct);
        await SeenUntilAsync(scene.Treasury, id, "Completed");

        Assert.Equal(2, await scene.Treasury.EventsAsync("movement.funding_prepared.v1"));
        Assert.Equal(1, await scene.Treasury.EventsAsync("movement.attempt_failed.v1"));
        Assert.Equal(0, await scene.Treasury.EventsAsync("movement.return_prepared.v1"));
        Assert.Equal(-((500 * Ckb) - ChannelScene.KeptBack), await scene.Treasury.BalanceAsync(Account.HubChannels));
    }

    private static void TellAlways(JsonArray channels, Dictionary<string, JsonNode> told)
    {
        lock (told)
        {
            foreach (var channel in channels)
            {
                told.TryAdd(channel!["channel_id"]!.GetValue<string>(), channel.DeepClone());
            }

            foreach (var (id, channel) in told)
            {
                if (channels.All(c => c!["channel_id"]!.GetValue<string>() != id))
                {
                    channels.Add(channel.DeepClone());
                }
            }
        }
    }

    private static async Task<string> OpenedAsync(ChannelScene scene)
    {
        await FundAsync(scene.Treasury, 2);
        await scene.ReachesAsync(await scene.OpenAsync(500), "Completed");
        return Assert.Single(await scene.ChannelsAsync(), c => c.RemoteBalance == 0).ChannelId;
    }

    /// <summary>Spends what a channel holds, in another way than was agreed.</summary>
    private static async Task<Transaction> AloneAsync(ChannelScene scene, string channelId)
    {
        var funding = (await scene.ChannelsAsync()).Single(c => c.ChannelId == channelId).FundingTransaction!;
        var cell = Assert.IsType<ChainAnswer<Cell?>.Ok>(
            await scene.Chain.Node.GetLiveCellAsync(new(Bytes32.Parse(funding), 0), Ct)).Value!;
        return new()
        {
            Inputs = [new(cell.OutPoint)],
            Outputs = [new(cell.Output.Capacity - 2_000, PaidChain.NewRecipient().Lock, null)],
            OutputsData = [ByteString.Empty],
            Witnesses = [ByteString.Empty],
        };
    }

    private static async Task IsInTheChannelAsync(ChannelScene scene)
    {
        Assert.Equal(-((500 * Ckb) - ChannelScene.KeptBack), await scene.Treasury.BalanceAsync(Account.HubChannels));
        Assert.Equal(-ChannelScene.KeptBack, await scene.Treasury.BalanceAsync(Account.HubKeptBack));
        Assert.Equal(0, await scene.Treasury.BalanceAsync(Account.InFlight));
    }
}
