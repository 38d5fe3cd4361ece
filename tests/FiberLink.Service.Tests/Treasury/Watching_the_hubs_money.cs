using FiberLink.Domain.Treasury;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;
using FiberLink.Service.Tests.Scene;
using FiberLink.Service.Tests.Withdrawals;
using FiberLink.Service.Treasury.Watching;
using Microsoft.Extensions.Logging;

namespace FiberLink.Service.Tests.Treasury;

/// <summary>W-19, W-20: what is missing is told with its amount and since when, once, and what is over ends.</summary>
public sealed class Watching_the_hubs_money
{
    [Fact]
    public async Task A_low_wallet_is_told_once_with_what_is_missing_and_is_over_when_it_is_filled()
    {
        await using var scene = await TreasuryScene.StartAsync(s => s with
        {
            Treasury = s.Treasury with { Floors = new Dictionary<Asset, UInt128> { [Asset.Ckb] = 500 * TreasuryScene.Ckb } },
        });
        await scene.Chain.FundAsync(100, 1, Ct);

        // The change of a payment is away for a block; that is nothing to be told of.
        await scene.Watch.LookAsync(Ct);
        Assert.False(Assert.Single((await scene.Reports.StatusAsync(Ct)).Alarms).IsTold);
        scene.Service.Clock.Move(TreasuryWatch.Grace + TimeSpan.FromSeconds(1));
        await scene.Watch.LookAsync(Ct);
        await scene.Watch.LookAsync(Ct);

        var alarm = Assert.Single((await scene.Reports.StatusAsync(Ct)).Alarms);
        Assert.Equal(
            (TreasuryAlarmKind.BelowFloor, HubPlace.OnChain, (Int128)400_00000000, true),
            (alarm.Kind, alarm.Place, alarm.Units, alarm.IsTold));
        Assert.Single(Told(scene), t => t.Contains("400 CKB are missing to its floor", StringComparison.Ordinal));

        await scene.Chain.FundAsync(400, 1, Ct);
        await scene.Watch.LookAsync(Ct);
        Assert.Empty((await scene.Reports.StatusAsync(Ct)).Alarms);
        Assert.Contains("BelowFloor is over", scene.Service.Logs.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_waits_beyond_what_there_is_is_told_and_the_next_wish_is_told_to_wait()
    {
        await using var scene = await TreasuryScene.StartAsync();
        var service = scene.Service;
        await service.LimitAsync(RunningService.App, new() { ApprovalAbove = 1 });
        await service.GiveAsync(RunningService.App, "alice", "900");
        await scene.Chain.FundAsync(100, 1, Ct);
        var (address, _) = PaidChain.NewRecipient();

        // Nobody has looked yet: there is nothing to promise by.
        var first = await service.Client.WithdrawAsync("alice", "300", address, Ct);
        await scene.Watch.LookAsync(Ct);
        var second = await service.Client.WithdrawAsync("alice", "200", address, Ct);
        await scene.Watch.LookAsync(Ct);

        Assert.Equal("PENDING", first.Result.GetProperty("state").GetString());
        Assert.Equal("LIQUIDITY_PENDING", second.Result.GetProperty("state").GetString());
        var status = await scene.Reports.StatusAsync(Ct);
        var figures = status.Places.Single(p => (p.Place, p.Asset) == (HubPlace.OnChain, Asset.Ckb));
        Assert.Equal((499_99998000, 2L), ((long)figures.Demand, status.QueuedAt(figures)!.Count));
        Assert.Equal(TreasuryAlarmKind.DemandAboveLiquidity, Assert.Single(status.Alarms).Kind);
        Assert.Equal((Int128)399_99998000, status.Alarms[0].Units);

        // Both wait for somebody to agree, and neither for money any longer.
        await scene.Chain.FundAsync(600, 1, Ct);
        await scene.Watch.LookAsync(Ct);
        Assert.Empty((await scene.Reports.StatusAsync(Ct)).Alarms);
        Assert.Equal(1, await scene.EventsAsync("withdrawal.liquidity_covered.v1"));
        Assert.Equal(0, await service.Database.CountAsync("select count(*) from read_models.withdrawals where awaits_liquidity"));
        await scene.Watch.LookAsync(Ct);
        Assert.Equal(1, await scene.EventsAsync("withdrawal.liquidity_covered.v1"));
    }

    [Fact]
    public async Task Channels_that_cannot_send_what_waits_are_told()
    {
        await using var scene = await TreasuryScene.StartAsync();
        var service = scene.Service;
        await scene.Watch.LookAsync(Ct);
        var spendable = (await LookAtAsync(scene, HubPlace.Channels)).Usable;
        var wish = (spendable / TreasuryScene.Ckb) + 10;
        await service.LimitAsync(
            RunningService.App,
            new()
            {
                ApprovalAbove = 1,
                RequestMax = (ulong)wish,
                MemberDayMax = (ulong)wish,
                CommunityDayMax = (ulong)wish,
            });
        await service.GiveAsync(RunningService.App, "alice", $"{wish * 2}");
        var invoice = await service.Control.Payments.IssueAsync(new(wish * TreasuryScene.Ckb), Ct);
        var reply = await service.Client.WithdrawAsync("alice", $"{wish}", invoice, Ct);
        Assert.Null(reply.ErrorCode);

        await scene.Watch.LookAsync(Ct);

        var alarm = Assert.Single((await scene.Reports.StatusAsync(Ct)).Alarms);
        Assert.Equal((TreasuryAlarmKind.DemandAboveLiquidity, HubPlace.Channels), (alarm.Kind, alarm.Place));
        Assert.Equal((Int128)((wish * TreasuryScene.Ckb) - spendable), alarm.Units);
    }

    [Fact]
    public async Task A_difference_is_told_with_its_sign_when_it_lasts_and_not_while_it_may_be_on_its_way()
    {
        await using var scene = await TreasuryScene.StartAsync();
        await scene.Chain.FundAsync(300, 3, Ct);
        await scene.Watch.LookAsync(Ct);
        Assert.Empty((await scene.Reports.StatusAsync(Ct)).Alarms);

        // From here on books and reality have to do with each other.
        await scene.BookAsync(HubPlace.OnChain, 1_000 * TreasuryScene.Ckb);
        await scene.Watch.LookAsync(Ct);
        Assert.Equal(
            (TreasuryAlarmKind.BooksDiffer, (Int128)(-100_00000000), false),
            await scene.Reports.StatusAsync(Ct) is { Alarms: [var one] } ? (one.Kind, one.Units, one.IsTold) : default);

        scene.Service.Clock.Move(TreasuryWatch.Grace + TimeSpan.FromSeconds(1));
        await scene.Watch.LookAsync(Ct);
        await scene.Watch.LookAsync(Ct);
        Assert.True(Assert.Single((await scene.Reports.StatusAsync(Ct)).Alarms).IsTold);
        Assert.Single(Told(scene), t => t.Contains("differ by -100 CKB", StringComparison.Ordinal));

        await scene.Chain.FundAsync(100, 1, Ct);
        await scene.Watch.LookAsync(Ct);
        Assert.Empty((await scene.Reports.StatusAsync(Ct)).Alarms);
    }

    [Fact]
    public async Task Books_that_were_opened_agree_with_what_is_there_through_tips_withdrawals_and_sweeps()
    {
        await using var scene = await TreasuryScene.StartAsync();
        var service = scene.Service;
        await scene.Chain.FundAsync(2_000, 4, Ct);
        await scene.Watch.LookAsync(Ct);
        await scene.BookAsync(HubPlace.OnChain, 8_000 * TreasuryScene.Ckb);
        await scene.BookAsync(HubPlace.Channels, (await LookAtAsync(scene, HubPlace.Channels)).Total);

        await service.EarnAsync(service.Client, "alice", "300");
        await AgreesAsync(scene);
        var id = (await service.Client.WithdrawAsync("alice", "200", PaidChain.NewRecipient().Address, Ct)).Result
            .GetProperty("id").GetString()!;
        await service.StageIsAsync(id, "Sent");
        await AgreesAsync(scene);
        await service.MinedUntilAsync(id, "InBlock");
        await AgreesAsync(scene);
        await service.MinedUntilAsync(id, "Completed");
        await AgreesAsync(scene);

        var sweep = await scene.SweepAsync(500);
        await scene.StageIsAsync(sweep, "Sent");
        await AgreesAsync(scene);
        await scene.MinedUntilAsync(sweep, "InBlock");
        await AgreesAsync(scene);
        await scene.MinedUntilAsync(sweep, "Completed");
        await AgreesAsync(scene);
        Assert.Equal(-500_00000000, await scene.BalanceAsync(Account.HubCold));
    }

    [Fact]
    public async Task A_place_that_does_not_answer_keeps_what_was_seen_last_and_its_alarms()
    {
        await using var scene = await TreasuryScene.StartAsync(s => s with
        {
            Treasury = s.Treasury with { Floors = new Dictionary<Asset, UInt128> { [Asset.Ckb] = 500 * TreasuryScene.Ckb } },
        });
        await scene.Chain.FundAsync(100, 1, Ct);
        await scene.Watch.LookAsync(Ct);
        var before = await LookAtAsync(scene, HubPlace.OnChain);

        await scene.Chain.Control.GoAwayAsync(null, Ct);
        await scene.Watch.LookAsync(Ct);
        await scene.Chain.Control.ComeBackAsync(Ct);

        Assert.Equal(before, await LookAtAsync(scene, HubPlace.OnChain));
        Assert.Equal(TreasuryAlarmKind.BelowFloor, Assert.Single((await scene.Reports.StatusAsync(Ct)).Alarms).Kind);
    }

    private static async Task AgreesAsync(TreasuryScene scene)
    {
        await scene.Watch.LookAsync(Ct);
        var status = await scene.Reports.StatusAsync(Ct);
        Assert.Empty(status.Alarms);
        Assert.All(status.Places.Where(p => p.IsOpened), p => Assert.Equal((Int128)0, PlaceAppraisal.Unexplained(p)));
        Assert.Equal(2, status.Places.Count(p => p.IsOpened));
    }

    private static async Task<PlaceLook> LookAtAsync(TreasuryScene scene, HubPlace place) =>
        (await scene.Reports.StatusAsync(Ct)).Looks.Single(l => (l.Place, l.Asset) == (place, Asset.Ckb));

    private static IReadOnlyList<string> Told(TreasuryScene scene) => scene.Service.Logs.AtLeast(LogLevel.Error);
}
