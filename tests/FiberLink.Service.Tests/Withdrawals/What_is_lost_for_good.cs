using FiberLink.Chain.Transactions;
using FiberLink.Events.Money;
using FiberLink.Service.Adjustments;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Startup;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FiberLink.Service.Tests.Withdrawals;

/// <summary>
/// A reorganisation goes deeper than what counted as paid, and what was paid with is spent by something else there. It is told once, the
/// books have nothing as gone that has not gone, and nothing is paid a second time.
/// </summary>
public sealed class What_is_lost_for_good
{
    private const ulong FinalDepth = 48;

    public static MatrixTheoryData<string, string> Deaths =>
        new(["none", StopPoints.LossCertain, StopPoints.LossStored], ["CKB", TokenScene.Code]);

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task Is_told_once_and_is_in_suspense_as_the_member_gave_it(string death, string asset)
    {
        await using var service = await StartAsync();
        var chain = service.OnChain!;
        await FundAsync(service, 1, asset);
        var (id, recipient) = await service.GrantedAsync("alice", 100, asset);
        await service.StageIsAsync(id, "Sent");
        var other = await chain.SweepAsync(await service.CoinsReservedAsync(1_000));
        await service.MinedUntilAsync(id, "Completed");
        service.Steps!.DieAt(death, 1);

        await TurnBackAsync(service, other);
        await SeenUntilAsync(service, id, "Lost");

        // Other blocks come, and nobody pays anything more.
        await chain.Control.MineAsync(5, Ct);
        await NothingIsWaitedForAsync(service);
        Assert.Equal(
            [
                "requested", "transaction_prepared", "sent", "included_in_block", "completed", "taken_back", "lost",
            ],
            await EventsAsync(service));
        Assert.Empty(await chain.CellsOfAsync(recipient, Ct));
        Assert.Empty(await service.Database.TextsAsync("select out_point from read_models.wallet_cells"));
        Assert.Single(service.Logs.AtLeast(LogLevel.Critical), t => t.Contains("undone it for good", StringComparison.Ordinal));

        // Of what a transaction may cost she keeps what it did not.
        var one = (long)(asset == TokenScene.Code ? TokenScene.One : PaidChain.Ckb);
        var given = await service.UnitsOfAsync("Suspense", asset);
        Assert.InRange(given, asset == TokenScene.Code ? 100 * one : (100 * one) - 1_000, 100 * one);
        Assert.Equal(200 * one, given + await service.UnitsOfAsync("MemberAvailable", asset));
        foreach (var account in (string[])["HubOnChain", "NetworkFees", "MemberHeld"])
        {
            Assert.Equal((0, 0), (await service.UnitsOfAsync(account, asset), await service.UnitsOfAsync(account, "CKB")));
        }

        await service.EachAssetIsEvenAsync();
    }

    /// <summary>As <c>withdrawals show</c> says it is done.</summary>
    [Fact]
    public async Task Is_given_back_by_two_persons()
    {
        await using var service = await StartAsync();
        await FundAsync(service, 1, "CKB");
        var (id, _) = await service.GrantedAsync("alice", 100, "CKB");
        await service.StageIsAsync(id, "Sent");
        var other = await service.OnChain!.SweepAsync(await service.CoinsReservedAsync(1_000));
        await service.MinedUntilAsync(id, "Completed");
        await TurnBackAsync(service, other);
        await SeenUntilAsync(service, id, "Lost");

        await using var operators = new OperatorsProcess(service);
        var given = new Amount(Asset.Ckb, (UInt128)await service.UnitsOfAsync("Suspense", "CKB"));
        var report = (await operators.Reports.FindAsync(null, Guid.Parse(id), Ct))!;
        Assert.Contains(
            $"adjust request --app {RunningService.App} --from suspense --to member:alice "
                + $"--amount {new AssetSettings([]).Format(given)} --asset CKB",
            report.Standing.Next,
            StringComparison.Ordinal);
        await operators.Withdrawals.RetryAsync(null, Guid.Parse(id), "ann", "pay it again", Ct)
            .IsRefusedAsync("It cannot be retried: it was complete and is lost; what the member gave is in suspense, see the runbook.");

        await using var tools = ServiceHost.BuildTools(service.Settings, s => s.AddSingleton<TimeProvider>(service.Clock));
        var adjustments = tools.GetRequiredService<AdjustmentAdministration>();
        var asked = Assert.IsType<AdjustmentAnswer.Done>(await adjustments.RequestAsync(
            RunningService.App,
            new(Account.Suspense, null),
            new(Account.MemberAvailable, "alice"),
            given,
            isNewMember: false,
            "ann",
            "lost in a reorganisation",
            Ct));
        Assert.Equal(
            new AdjustmentAnswer.Done(asked.AdjustmentId, true),
            await adjustments.ApproveAsync(asked.AdjustmentId, "bob", "seen", Ct));

        Assert.Equal("200", await service.Client.BalanceAsync("alice", Ct));
        Assert.Equal(0, await service.UnitsOfAsync("Suspense", "CKB"));
    }

    /// <summary>The first transaction had died and another was paid; the reorganisation gives the first one its cell back.</summary>
    [Fact]
    public async Task Comes_out_of_suspense_when_an_attempt_that_was_dead_has_paid_in_its_place()
    {
        await using var service = await StartAsync();
        var chain = service.OnChain!;
        await FundAsync(service, 2, "CKB");
        var (id, recipient) = await service.GrantedAsync("alice", 100, "CKB");
        await service.StageIsAsync(id, "Sent");
        var first = Transaction.FromMolecule(Convert.FromBase64String(Assert.Single(await service.Database.TextsAsync(
            "select data -> 'transaction' ->> 'bytes' from event_store.mt_events where type = 'withdrawal.transaction_prepared.v1'"))))!;
        var before = (await chain.Control.StateAsync(Ct)).TipNumber;

        var spent = await service.CoinsReservedAsync(1_000);
        var other = await chain.SweepAsync((await chain.CellsOfAsync(chain.Wallet, Ct))
            .Single(c => c.Output.Type is null && c.OutPoint.ToString() != spent).OutPoint.ToString());
        await chain.Control.CommitAsync(await chain.SweepAsync(spent), Ct);
        await BlocksComeUntilAsync(service, "another is made", "select count(*) from read_models.withdrawals where attempt = 2");
        await service.MinedUntilAsync(id, "Completed");

        var tip = (await chain.Control.StateAsync(Ct)).TipNumber;
        await chain.Control.ReorganiseAsync((int)(tip - before), other, forget: true, Ct);
        await chain.Control.CommitAsync(first, Ct);
        await SeenUntilAsync(service, id, "PaidAfterFailure");

        Assert.Equal(["completed", "taken_back", "lost", "paid_after_failure"], (await EventsAsync(service)).TakeLast(4));
        await NothingIsWaitedForAsync(service);
        await chain.HasOnceAsync(recipient, 100, "CKB");
        Assert.Equal(0, await service.UnitsOfAsync("Suspense", "CKB"));
        Assert.Equal(
            200 * (long)PaidChain.Ckb,
            await service.UnitsOfAsync("HubOnChain", "CKB") + await service.UnitsOfAsync("MemberAvailable", "CKB"));
        Assert.Equal(0, await service.UnitsOfAsync("NetworkFees", "CKB"));
        await service.EachAssetIsEvenAsync();
    }

    /// <summary>What was noticed long ago must not count for what is spent anew: for so long as it lasts.</summary>
    [Theory]
    [InlineData("Sent")]
    [InlineData("Completed")]
    public async Task Is_doubted_only_as_long_as_its_cell_is_spent(string stage)
    {
        await using var service = await StartAsync();
        var chain = service.OnChain!;
        await FundAsync(service, 1, "CKB");
        var (id, recipient) = await service.GrantedAsync("alice", 100, "CKB");
        await service.StageIsAsync(id, "Sent");
        var before = (await chain.Control.StateAsync(Ct)).TipNumber;
        var other = await chain.SweepAsync(await service.CoinsReservedAsync(1_000));
        if (stage == "Completed")
        {
            await service.MinedUntilAsync(id, stage);
            await TurnBackAsync(service, other);
        }
        else
        {
            await chain.Control.CommitAsync(other, Ct);
        }

        await LooksUntilAsync(service, "its cell is seen to be spent", isDoubted: true);
        await chain.Control.ReorganiseAsync((int)((await chain.Control.StateAsync(Ct)).TipNumber - before), null, forget: true, Ct);
        await LooksUntilAsync(service, "nothing speaks against it", isDoubted: false);

        Assert.Equal(stage, await service.StageOfAsync(id));
        await service.MinedUntilAsync(id, "Completed");
        await BlocksComeUntilAsync(service, "it is final", "select count(*) from read_models.withdrawals where is_final");
        await chain.HasOnceAsync(recipient, 100, "CKB");
    }

    // Time goes by in leaps here, and nothing is to be replaced for having waited long.
    private static Task<RunningService> StartAsync() => TokenScene.StartAsync(
        s => s with { Payouts = s.Payouts with { FinalDepth = FinalDepth, BumpAfter = TimeSpan.FromDays(365) } }, countsSteps: true);

    private static async Task FundAsync(RunningService service, int cells, string asset)
    {
        // So that there are blocks to go back to in which the wallet has its cells already.
        await service.OnChain!.FundAsync(1_000, cells, Ct);
        await service.OnChain.FundTokenAsync(500);
        await service.OnChain.Control.MineAsync(1, Ct);
        await service.GiveAsync("alice", 200, asset);
    }

    /// <summary>All blocks since the one before that which pays are taken back, and another transaction has its cell.</summary>
    private static async Task TurnBackAsync(RunningService service, Transaction other)
    {
        var block = await service.Database.CountAsync("select block_number::bigint from read_models.withdrawals");
        var tip = (long)(await service.OnChain!.Control.StateAsync(Ct)).TipNumber;
        await service.OnChain.Control.ReorganiseAsync((int)(tip - block + 1), other, forget: true, Ct);
    }

    private static Task SeenUntilAsync(RunningService service, string id, string stage) => BlocksComeUntilAsync(
        service, $"withdrawal {id} is {stage}", "select count(*) from read_models.withdrawals where stage = $1", stage);

    private static Task BlocksComeUntilAsync(
        RunningService service, string what, string sql, params object[] values) => Eventually.HoldsAsync(
        what,
        async () =>
        {
            await service.OnChain!.Control.MineAsync(1, Ct);
            service.Clock.Move(TimeSpan.FromSeconds(30));
            return await service.Database.CountAsync(sql, values) > 0;
        },
        Ct);

    private static Task LooksUntilAsync(RunningService service, string what, bool isDoubted) => Eventually.HoldsAsync(
        what,
        async () =>
        {
            service.Clock.Move(TimeSpan.FromSeconds(30));
            return isDoubted == await service.Database.CountAsync(
                "select count(*) from messaging.waiting where body::text like '%CellSpent%'") > 0;
        },
        Ct);

    private static Task NothingIsWaitedForAsync(RunningService service) => Eventually.HoldsAsync(
        "there is nothing left to do",
        async () =>
        {
            service.Clock.Move(TimeSpan.FromSeconds(30));
            return await service.Database.CountAsync("select count(*) from messaging.waiting where name = 'advance-withdrawal.v1'") == 0;
        },
        Ct);

    private static async Task<IReadOnlyList<string>> EventsAsync(RunningService service) =>
        await service.Database.TextsAsync(
            """
            select split_part(type, '.', 2) from event_store.mt_events
             where type like 'withdrawal.%' and type not like '%.usd_quoted.%' order by seq_id
            """);
}
