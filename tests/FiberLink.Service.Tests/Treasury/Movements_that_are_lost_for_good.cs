using FiberLink.Chain.Transactions;
using FiberLink.Events.Money;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Reconciliation;
using FiberLink.Service.Tests.Reconciliation;
using FiberLink.Service.Tests.Scene;
using FiberLink.Service.Tests.Withdrawals;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using static FiberLink.Service.Tests.Treasury.LossScene;

namespace FiberLink.Service.Tests.Treasury;

/// <summary>
/// A reorganisation goes deeper than what counted, and a cell of what was moved is spent by something else there. It is told once, the
/// books have the money where it was before, and nothing is moved a second time.
/// </summary>
public sealed class Movements_that_are_lost_for_good
{
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
            " of 500 CKB ",
            Assert.Single(
                scene.Service.Logs.AtLeast(LogLevel.Critical), t => t.Contains("undone it for good", StringComparison.Ordinal)),
            StringComparison.Ordinal);
        await WaitsAsAsync(scene, "movement-lost");
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
        Assert.Empty(await OpenItemsAsync(scene));
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
        await WaitsAsAsync(scene, "movement-not-final");
        await TurnBackAsync(scene, id, other);
        await scene.LooksUntilAsync(isDoubted: true);
        await WaitsAsAsync(scene, "movement-taken-back");

        // Nothing is concluded from that before it has lasted.
        await scene.Chain.Control.MineAsync(20, Ct);
        await scene.WaitsAsync("A cell of it is spent by something else, for ", TimeSpan.FromSeconds(1));

        await scene.Chain.Control.ReorganiseAsync(
            (int)((await scene.Chain.Control.StateAsync(Ct)).TipNumber - before), null, forget: true, Ct);
        await scene.LooksUntilAsync(isDoubted: false);

        await BlocksComeUntilAsync(scene, "it is final", async () => await scene.EventsAsync("movement.made_final.v1") == 1);
        await scene.IsSweptOnceAsync(500);
        Assert.Empty(await OpenItemsAsync(scene));
    }

    private static async Task WaitsAsAsync(TreasuryScene scene, string what) => Assert.Equal(
        [(what, 1L, new Amount(Asset.Ckb, 500 * PaidChain.Ckb))],
        (await OpenItemsAsync(scene)).Select(i => (i.What, i.Count, i.Amount)));

    /// <summary>What <c>reconcile ageing</c> lists.</summary>
    private static async Task<IReadOnlyList<OpenItems>> OpenItemsAsync(TreasuryScene scene)
    {
        await using var tools = scene.Service.Tools();
        return await tools.GetRequiredService<OpenItemsQuery>().ReadAsync(null, Ct);
    }

    private static async Task<IReadOnlyList<string>> EventsAsync(TreasuryScene scene) =>
        await scene.Service.Database.TextsAsync(
            "select split_part(type, '.', 2) from event_store.mt_events where type like 'movement.%' order by seq_id");
}
