using FiberLink.Service.CommandHandling;
using FiberLink.Service.Startup;
using FiberLink.Service.Tests.Scene;
using FiberLink.Service.Tests.Withdrawals;
using FiberLink.Testing;

namespace FiberLink.Service.Tests.Treasury;

/// <summary>
/// Whatever goes wrong on either side of an effect, a sweep is done once and the books are even. What ends at a step ends as in a process
/// that dies there; the message comes to another.
/// </summary>
public sealed class Every_effect_and_every_fault
{
    public static TheoryData<string> Deaths =>
    [
        StopPoints.SweepSigned, StopPoints.SweepPrepared, StopPoints.SweepSent, StopPoints.SweepSeen, StopPoints.SweepCompleted,
    ];

    public static TheoryData<string> Faults => ["lost", "away", "cut", "refused", "full", "known", "forgotten", "behind"];

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task A_death_at_a_step_sweeps_once(string step)
    {
        await using var scene = await TreasuryScene.StartAsync(countsSteps: true);
        scene.Service.Steps!.DieAt(step, 1);

        await SweepsOnceAsync(scene);

        // What was committed is seen before the step behind the commit is reached.
        await Eventually.HoldsAsync("it died there", () => scene.Service.Steps.Of(step) > 0, Ct);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_of_the_chain_node_sweeps_once(string fault)
    {
        await using var scene = await TreasuryScene.StartAsync();
        var control = scene.Chain.Control;
        await scene.Chain.FundAsync(1_000, 3, Ct);
        await (fault switch
        {
            "lost" => control.LoseAnswersAsync(3, Ct),
            "away" => control.GoAwayAsync(TimeSpan.FromSeconds(2), Ct),
            "cut" => control.CutByChanceAsync(0.2, 0.2, 7, Ct),
            "refused" => control.RefuseAsync("send_transaction", -302, "TransactionFailedToVerify", 2, Ct),
            "full" => control.RefuseAsync("send_transaction", -1106, "PoolIsFull", 2, Ct),
            "known" => control.RefuseAsync("send_transaction", -1107, "PoolRejectedDuplicatedTransaction", 1, Ct),
            "forgotten" => control.RefuseAsync("get_transaction", -32603, "Internal error", 2, Ct),
            "behind" => control.RefuseAsync("get_indexer_tip", -32603, "Internal error", 2, Ct),
            _ => throw new ArgumentOutOfRangeException(nameof(fault)),
        });

        await SweepsOnceAsync(scene);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_taken_back_before_it_counts_is_sent_again_and_posted_once(bool forget)
    {
        await using var scene = await TreasuryScene.StartAsync();
        await scene.Chain.FundAsync(1_000, 1, Ct);
        var id = await scene.SweepAsync(500);
        await scene.MinedUntilAsync(id, "InBlock");

        var block = await scene.Service.Database.CountAsync("select block_number::bigint from read_models.treasury_movements");
        var tip = (long)(await scene.Chain.Control.StateAsync(Ct)).TipNumber;
        await scene.Chain.Control.ReorganiseAsync((int)(tip - block + 1), null, forget, Ct);
        await scene.MinedUntilAsync(id, "Completed");

        await scene.IsSweptOnceAsync(500);
        Assert.Equal(1, await scene.EventsAsync("movement.prepared.v1"));

        // Where the node forgets it, nobody but the service brings it back, and it has told so before.
        Assert.InRange(await scene.EventsAsync("movement.taken_back.v1"), forget ? 1 : 0, 1);
    }

    [Fact]
    public async Task It_counts_at_its_depth_and_not_before()
    {
        await using var scene = await TreasuryScene.StartAsync(
            s => s with { Payouts = s.Payouts with { Confirmations = PayoutSettings.ConfirmationRule.Parse("500") } });
        await scene.Chain.FundAsync(1_000, 1, Ct);
        var id = await scene.SweepAsync(500);
        await scene.MinedUntilAsync(id, "InBlock");

        await scene.WaitsAsync(" deep.", TimeSpan.FromSeconds(5));

        Assert.Equal(0, await scene.EventsAsync("movement.completed.v1"));
    }

    /// <summary>The block that has it now is the one whose depth counts from then on.</summary>
    [Fact]
    public async Task What_is_complete_and_in_another_block_is_told_to_have_been_taken_back()
    {
        await using var scene = await TreasuryScene.StartAsync(s => s with { Payouts = s.Payouts with { FinalDepth = 10_000 } });
        await scene.Chain.FundAsync(1_000, 1, Ct);
        var id = await scene.SweepAsync(500);
        await scene.MinedUntilAsync(id, "Completed");
        await scene.WaitsAsync("It is not final yet.", TimeSpan.Zero);
        var block = await scene.Service.Database.CountAsync("select block_number::bigint from read_models.treasury_movements");
        var tip = (long)(await scene.Chain.Control.StateAsync(Ct)).TipNumber;

        await scene.Chain.Control.ReorganiseAsync((int)(tip - block + 1), null, forget: false, Ct);
        await scene.Chain.Control.MineAsync(2, Ct);
        await Eventually.HoldsAsync(
            "it is in another block",
            async () =>
            {
                scene.Service.Clock.Move(TimeSpan.FromSeconds(30));
                return await scene.EventsAsync("movement.included_in_block.v1") == 2;
            },
            Ct);

        Assert.Equal(1, await scene.EventsAsync("movement.taken_back.v1"));
        await scene.IsSweptOnceAsync(500);
    }

    /// <summary>Somebody with the wallet's key spent the cell by hand. Only when that is final is another transaction made.</summary>
    [Fact]
    public async Task What_can_never_arrive_is_made_anew_once_that_is_final_and_arrives_once()
    {
        await using var scene = await TreasuryScene.StartAsync(s => s with { Payouts = s.Payouts with { FinalDepth = 24 } });
        await scene.Chain.FundAsync(1_000, 1, Ct);
        var id = await scene.SweepAsync(500);
        await scene.StageIsAsync(id, "Sent");
        var spent = (await scene.Service.Database.TextsAsync("select out_point from read_models.wallet_cells")).Single();

        await scene.Chain.Control.CommitAsync(await scene.Chain.SweepAsync(spent), Ct);
        await scene.Chain.FundAsync(800, 1, Ct);
        await scene.MinedUntilAsync(id, "Completed", TimeSpan.FromSeconds(5));

        await scene.IsSweptOnceAsync(500);
        Assert.Equal(2, await scene.EventsAsync("movement.prepared.v1"));
        Assert.Equal(1, await scene.EventsAsync("movement.attempt_failed.v1"));
    }

    /// <summary>What was noticed long ago must not count for what is spent anew.</summary>
    [Fact]
    public async Task It_is_doubted_only_as_long_as_its_cell_is_spent()
    {
        await using var scene = await TreasuryScene.StartAsync(s => s with { Payouts = s.Payouts with { FinalDepth = 48 } });
        await scene.Chain.FundAsync(1_000, 1, Ct);
        var id = await scene.SweepAsync(500);
        await scene.StageIsAsync(id, "Sent");
        var funded = (await scene.Chain.Control.StateAsync(Ct)).TipNumber;
        var spent = (await scene.Service.Database.TextsAsync("select out_point from read_models.wallet_cells")).Single();

        await scene.Chain.Control.CommitAsync(await scene.Chain.SweepAsync(spent), Ct);
        await scene.LooksUntilAsync(isDoubted: true);
        var tip = (await scene.Chain.Control.StateAsync(Ct)).TipNumber;
        await scene.Chain.Control.ReorganiseAsync((int)(tip - funded), null, forget: true, Ct);
        await scene.LooksUntilAsync(isDoubted: false);

        await scene.MinedUntilAsync(id, "Completed");
        await scene.IsSweptOnceAsync(500);
        Assert.Equal(1, await scene.EventsAsync("movement.prepared.v1"));
    }

    [Fact]
    public async Task Cells_are_kept_until_the_sweep_is_final_and_then_let_go()
    {
        await using var scene = await TreasuryScene.StartAsync(s => s with { Payouts = s.Payouts with { FinalDepth = 24 } });
        await scene.Chain.FundAsync(1_000, 1, Ct);
        var id = await scene.SweepAsync(500);
        await scene.MinedUntilAsync(id, "Completed");

        await scene.Chain.Control.MineAsync(30, Ct);
        await Eventually.HoldsAsync(
            "the cells are let go",
            async () =>
            {
                scene.Service.Clock.Move(TimeSpan.FromSeconds(30));
                return await scene.Service.Database.CountAsync("select count(*) from read_models.wallet_cells") == 0;
            },
            Ct);
        Assert.Equal(1, await scene.EventsAsync("movement.made_final.v1"));
    }

    private static async Task SweepsOnceAsync(TreasuryScene scene)
    {
        await scene.Chain.FundAsync(1_000, 3, Ct);
        var id = await scene.SweepAsync(500);

        // What waits for seconds to pass has them pass.
        await scene.MinedUntilAsync(id, "Completed", TimeSpan.FromMilliseconds(50));
        await scene.Chain.Control.ResetAsync(Ct);
        await scene.IsSweptOnceAsync(500);
    }
}
