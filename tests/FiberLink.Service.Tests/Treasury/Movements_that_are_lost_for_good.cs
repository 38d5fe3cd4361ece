using System.Text.Json.Nodes;
using FiberLink.Chain;
using FiberLink.Chain.Node;
using FiberLink.Chain.Transactions;
using FiberLink.Crypto;
using FiberLink.Events.Money;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Startup;
using FiberLink.Service.Tests.Scene;
using FiberLink.Service.Tests.Withdrawals;
using FiberLink.Testing;
using Microsoft.Extensions.Logging;

namespace FiberLink.Service.Tests.Treasury;

/// <summary>
/// A reorganisation goes deeper than what counted, and a cell of what was moved is spent by something else there. It is told once, the
/// books have the money where it was before, and nothing is moved a second time.
/// </summary>
public sealed class Movements_that_are_lost_for_good
{
    private const long Ckb = (long)PaidChain.Ckb;

    public static TheoryData<string> Deaths => ["none", StopPoints.LossCertain, StopPoints.LossStored];

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task A_sweep_is_told_once_and_its_money_is_in_the_wallets_books_again(string death)
    {
        await using var scene = await TreasuryScene.StartAsync(Final, countsSteps: true);
        await FundAsync(scene, 1);
        var id = await scene.SweepAsync(500);
        await scene.StageIsAsync(id, "Sent");
        var other = await scene.Chain.SweepAsync(await scene.Service.CoinsReservedAsync(1_000));
        await SeenUntilAsync(scene, id, "Completed", secondsEach: 3);
        scene.Service.Steps!.DieAt(death, 1);

        await TurnBackAsync(scene, id, other);
        await SeenUntilAsync(scene, id, "Lost");

        // Other blocks come, and nothing more is sent.
        await scene.Chain.Control.MineAsync(5, Ct);
        await NothingIsWaitedForAsync(scene, id);
        Assert.Equal(
            ["sweep_requested", "approved", "prepared", "sent", "included_in_block", "completed", "taken_back", "lost"],
            await EventsAsync(scene));
        Assert.Equal((UInt128)0, await scene.Chain.HeldByAsync(scene.Cold, Ct));
        await NothingIsBookedAsync(scene);
        Assert.Contains(
            $" of {500 * Ckb} shannon ",
            Assert.Single(
                scene.Service.Logs.AtLeast(LogLevel.Critical), t => t.Contains("undone it for good", StringComparison.Ordinal)),
            StringComparison.Ordinal);
    }

    /// <summary>The first transaction had died and another was in the chain; now the first one has its cell back.</summary>
    [Fact]
    public async Task A_sweep_that_was_believed_dead_is_booked_when_it_has_arrived_in_place_of_what_is_lost()
    {
        await using var scene = await TreasuryScene.StartAsync(Final);
        await FundAsync(scene, 2);
        var id = await scene.SweepAsync(500);
        await scene.StageIsAsync(id, "Sent");
        var first = Transaction.FromMolecule(Convert.FromBase64String(Assert.Single(await scene.Service.Database.TextsAsync(
            "select data -> 'transaction' ->> 'bytes' from event_store.mt_events where type = 'movement.prepared.v1'"))))!;
        var before = (await scene.Chain.Control.StateAsync(Ct)).TipNumber;
        var spent = await scene.Service.CoinsReservedAsync(1_000);
        var free = (await scene.Chain.CellsOfAsync(scene.Chain.Wallet, Ct)).Single(c => c.OutPoint.ToString() != spent);
        var other = await scene.Chain.SweepAsync(free.OutPoint.ToString());
        await scene.Chain.Control.CommitAsync(await scene.Chain.SweepAsync(spent), Ct);
        await BlocksComeUntilAsync(
            scene, "another is made", async () => await scene.EventsAsync("movement.prepared.v1") == 2);
        await SeenUntilAsync(scene, id, "Completed", secondsEach: 3);

        var tip = (await scene.Chain.Control.StateAsync(Ct)).TipNumber;
        await scene.Chain.Control.ReorganiseAsync((int)(tip - before), other, forget: true, Ct);
        await scene.Chain.Control.CommitAsync(first, Ct);
        await SeenUntilAsync(scene, id, "ArrivedAfterLoss");

        Assert.Equal(["completed", "taken_back", "lost", "arrived_after_loss"], (await EventsAsync(scene)).TakeLast(4));
        await NothingIsWaitedForAsync(scene, id);
        await scene.IsSweptOnceAsync(500);
        Assert.Single(
            scene.Service.Logs.AtLeast(LogLevel.Critical), t => t.Contains("have arrived all the same", StringComparison.Ordinal));
    }

    /// <summary>What was noticed long ago must not count for what is spent anew.</summary>
    [Fact]
    public async Task What_was_complete_is_doubted_only_as_long_as_its_cell_is_spent()
    {
        await using var scene = await TreasuryScene.StartAsync(Final);
        await FundAsync(scene, 1);
        var id = await scene.SweepAsync(500);
        await scene.StageIsAsync(id, "Sent");
        var before = (await scene.Chain.Control.StateAsync(Ct)).TipNumber;
        var other = await scene.Chain.SweepAsync(await scene.Service.CoinsReservedAsync(1_000));
        await SeenUntilAsync(scene, id, "Completed", secondsEach: 3);
        await TurnBackAsync(scene, id, other);
        await LooksUntilAsync(scene, isDoubted: true);

        // Nothing is concluded from that before it has lasted.
        await scene.Chain.Control.MineAsync(20, Ct);
        await Eventually.HoldsAsync(
            "it waits",
            async () =>
            {
                scene.Service.Clock.Move(TimeSpan.FromSeconds(1));
                return (await scene.Service.Database.TextsAsync(
                    "select coalesce(last_error, '') from messaging.waiting where name = 'advance-movement.v1'"))
                    .Any(e => e.StartsWith("A cell of it is spent by something else, for ", StringComparison.Ordinal));
            },
            Ct);

        await scene.Chain.Control.ReorganiseAsync(
            (int)((await scene.Chain.Control.StateAsync(Ct)).TipNumber - before), null, forget: true, Ct);
        await LooksUntilAsync(scene, isDoubted: false);

        await BlocksComeUntilAsync(scene, "it is final", async () => await scene.EventsAsync("movement.made_final.v1") == 1);
        await scene.IsSweptOnceAsync(500);
    }

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

    private static ServiceSettings Final(ServiceSettings settings) =>
        settings with { Payouts = settings.Payouts with { FinalDepth = 96 } };

    // So that there are blocks to go back to in which the wallet has its cells already.
    private static async Task FundAsync(TreasuryScene scene, int cells)
    {
        await scene.Chain.FundAsync(1_000, cells, Ct);
        await scene.Chain.Control.MineAsync(1, Ct);
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

    /// <summary>All blocks since the one before that which has it are taken back, and another transaction may have its cell.</summary>
    private static async Task TurnBackAsync(TreasuryScene scene, Guid id, Transaction? other)
    {
        var block = await scene.Service.Database.CountAsync(
            "select block_number::bigint from read_models.treasury_movements where movement_id = $1", id);
        var tip = (long)(await scene.Chain.Control.StateAsync(Ct)).TipNumber;
        await scene.Chain.Control.ReorganiseAsync((int)(tip - block + 1), other, forget: true, Ct);
    }

    private static Task SeenUntilAsync(TreasuryScene scene, Guid id, string stage, int secondsEach = 30) =>
        BlocksComeUntilAsync(scene, $"movement {id} is {stage}", async () => await scene.StageOfAsync(id) == stage, secondsEach);

    private static Task BlocksComeUntilAsync(
        TreasuryScene scene, string what, Func<Task<bool>> holds, int secondsEach = 30) => Eventually.HoldsAsync(
        what,
        async () =>
        {
            await scene.Chain.Control.MineAsync(1, Ct);
            scene.Service.Clock.Move(TimeSpan.FromSeconds(secondsEach));
            return await holds();
        },
        Ct);

    private static Task LooksUntilAsync(TreasuryScene scene, bool isDoubted) => Eventually.HoldsAsync(
        isDoubted ? "its cell is seen to be spent" : "nothing speaks against it",
        async () =>
        {
            scene.Service.Clock.Move(TimeSpan.FromSeconds(5));
            return isDoubted == await scene.Service.Database.CountAsync(
                "select count(*) from messaging.waiting where name = 'advance-movement.v1' and body ->> 'spentSince' is not null") > 0;
        },
        Ct);

    // But for the message that looks after a week whether somebody has agreed.
    private static Task NothingIsWaitedForAsync(TreasuryScene scene, Guid id) => Eventually.HoldsAsync(
        "there is nothing left to do",
        async () =>
        {
            scene.Service.Clock.Move(TimeSpan.FromSeconds(30));
            return await scene.Service.Database.CountAsync(
                """
                select count(*) from messaging.waiting
                 where name = 'advance-movement.v1' and body ->> 'movementId' = $1 and (body ->> 'step')::bigint > 1
                """,
                id.ToString()) == 0;
        },
        Ct);

    private static async Task NothingIsBookedAsync(TreasuryScene scene)
    {
        foreach (var account in Enum.GetValues<Account>())
        {
            Assert.Equal(0, await scene.BalanceAsync(account));
        }

        Assert.Empty(await scene.Service.Database.TextsAsync("select out_point from read_models.wallet_cells"));
    }

    private static async Task IsInTheChannelAsync(ChannelScene scene)
    {
        Assert.Equal(-((500 * Ckb) - ChannelScene.KeptBack), await scene.Treasury.BalanceAsync(Account.HubChannels));
        Assert.Equal(-ChannelScene.KeptBack, await scene.Treasury.BalanceAsync(Account.HubKeptBack));
        Assert.Equal(0, await scene.Treasury.BalanceAsync(Account.InFlight));
    }

    private static async Task<IReadOnlyList<string>> EventsAsync(TreasuryScene scene) =>
        await scene.Service.Database.TextsAsync(
            "select split_part(type, '.', 2) from event_store.mt_events where type like 'movement.%' order by seq_id");
}
