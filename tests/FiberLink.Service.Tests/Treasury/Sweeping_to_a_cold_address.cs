using FiberLink.Events.Money;
using FiberLink.Service.Tests.Scene;
using FiberLink.Service.Tests.Withdrawals;
using FiberLink.Service.Treasury.Administration;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Service.Tests.Treasury;

/// <summary>W-21, W-22: what one asks for another agrees to; it is kept to a budget, stored before it is sent, and done once.</summary>
public sealed class Sweeping_to_a_cold_address
{
    [Fact]
    public async Task What_another_agrees_to_arrives_and_the_books_say_where_it_went()
    {
        await using var scene = await TreasuryScene.StartAsync();
        await scene.Chain.FundAsync(2_000, 5, Ct);

        var id = await scene.AskAsync(1_000);
        Assert.Equal(
            "ann has asked for it, and whoever asks cannot agree to it. Another person must.",
            Assert.IsType<TreasuryAnswer.Refused>(await scene.Operators.ApproveAsync(id, "Ann ", "mine", Ct)).Why);
        Assert.Equal(new TreasuryAnswer.Done(id, true), await scene.Operators.ApproveAsync(id, "bob", "fine", Ct));
        Assert.Equal(new TreasuryAnswer.Done(id, false), await scene.Operators.ApproveAsync(id, "carol", "fine too", Ct));
        await scene.MinedUntilAsync(id, "Completed");

        await scene.IsSweptOnceAsync(1_000);
        Assert.Contains(
            "nobody can call that back",
            Assert.IsType<TreasuryAnswer.Refused>(await scene.Operators.CancelAsync(await SentAsync(scene), "bob", "no", Ct)).Why,
            StringComparison.Ordinal);
        Assert.Contains(
            "It is over",
            Assert.IsType<TreasuryAnswer.Refused>(await scene.Operators.CancelAsync(id, "bob", "no", Ct)).Why,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_leaves_for_an_address_that_is_not_on_the_list_of_the_service_whatever_an_operators_own_list_says()
    {
        await using var scene = await TreasuryScene.StartAsync();
        await scene.Chain.FundAsync(2_000, 5, Ct);
        var (other, owner) = PaidChain.NewRecipient();
        var amount = new Amount(Asset.Ckb, 100 * TreasuryScene.Ckb);
        Assert.IsType<TreasuryAnswer.Refused>(await scene.Operators.RequestSweepAsync(other, amount, "ann", "mine", Ct));
        Assert.IsType<TreasuryAnswer.Refused>(await scene.Operators.RequestSweepAsync("ckt1q", amount, "ann", "x", Ct));
        Assert.Equal(0, await scene.EventsAsync("movement.sweep_requested.v1"));

        var settings = scene.Service.Settings;
        await using var liars = scene.OperatorsWith(
            settings with { Treasury = settings.Treasury with { ColdAddresses = [other] } });
        var admin = liars.GetRequiredService<TreasuryAdministration>();
        var asked = await admin.RequestSweepAsync(other, new(Asset.Ckb, 100 * TreasuryScene.Ckb), "ann", "mine", Ct);
        var id = Assert.IsType<TreasuryAnswer.Done>(asked).MovementId;
        await admin.ApproveAsync(id, "bob", "ours", Ct);

        await scene.StageIsAsync(id, "Failed");
        Assert.Equal((UInt128)0, await scene.Chain.HeldByAsync(owner, Ct));
        Assert.Equal(0, await scene.EventsAsync("movement.prepared.v1"));
    }

    [Fact]
    public async Task Of_ten_that_are_agreed_to_at_once_no_more_than_the_budget_of_a_day_is()
    {
        await using var scene = await TreasuryScene.StartAsync();
        var ids = new List<Guid>();
        for (var i = 0; i < 10; i++)
        {
            ids.Add(await scene.AskAsync(300));
        }

        var answers = await Task.WhenAll(ids.Select(id => scene.Operators.ApproveAsync(id, "bob", "fine", Ct)));

        Assert.Equal(3, answers.Count(a => a is TreasuryAnswer.Done { IsNew: true }));
        Assert.All(
            answers.OfType<TreasuryAnswer.Refused>(), r => Assert.Contains("budget of a day", r.Why, StringComparison.Ordinal));
        Assert.Equal(
            900_00000000,
            await scene.Service.Database.CountAsync(
                "select sum(amount)::bigint from read_models.treasury_movements where stage <> 'Requested'"));
    }

    [Fact]
    public async Task The_budget_of_the_service_counts_whatever_budget_it_was_agreed_to_under()
    {
        await using var scene = await TreasuryScene.StartAsync();
        await scene.Chain.FundAsync(3_000, 5, Ct);
        var settings = scene.Service.Settings;
        await using var generous = scene.OperatorsWith(settings with
        {
            Treasury = settings.Treasury with { DayMax = new Dictionary<Asset, UInt128> { [Asset.Ckb] = 9_000 * TreasuryScene.Ckb } },
        });
        var admin = generous.GetRequiredService<TreasuryAdministration>();
        var first = await scene.SweepAsync(600);
        await scene.MinedUntilAsync(first, "Completed");
        var second = await scene.AskAsync(600);
        Assert.IsType<TreasuryAnswer.Refused>(await scene.Operators.ApproveAsync(second, "bob", "fine", Ct));
        Assert.IsType<TreasuryAnswer.Done>(await admin.ApproveAsync(second, "bob", "fine", Ct));

        await scene.WaitsAsync("budget of a day");
        Assert.Equal(1, await scene.EventsAsync("movement.prepared.v1"));

        scene.Service.Clock.Move(TimeSpan.FromHours(25));
        await scene.MinedUntilAsync(second, "Completed");
        Assert.Equal((UInt128)1_200 * TreasuryScene.Ckb, await scene.Chain.HeldByAsync(scene.Cold, Ct));
    }

    [Fact]
    public async Task What_waits_to_be_withdrawn_is_not_swept_away_and_a_sweep_that_waits_can_be_called_off()
    {
        await using var scene = await TreasuryScene.StartAsync();
        var service = scene.Service;
        await scene.Chain.FundAsync(500, 1, Ct);
        await service.LimitAsync(RunningService.App, new() { ApprovalAbove = 1 });
        await service.GiveAsync(RunningService.App, "alice", "300");
        await service.Client.WithdrawAsync("alice", "300", PaidChain.NewRecipient().Address, Ct);

        var sweep = await scene.SweepAsync(250);
        await scene.WaitsAsync("beside what waits to be withdrawn");

        Assert.Equal("Approved", await scene.StageOfAsync(sweep));
        Assert.Equal(new TreasuryAnswer.Done(sweep, true), await scene.Operators.CancelAsync(sweep, "ann", "not now", Ct));
        Assert.Equal(new TreasuryAnswer.Done(sweep, false), await scene.Operators.CancelAsync(sweep, "ann", "not now", Ct));
        Assert.Equal(0, await scene.EventsAsync("movement.prepared.v1"));
    }

    [Fact]
    public async Task What_nobody_agrees_to_ends_by_itself()
    {
        await using var scene = await TreasuryScene.StartAsync();
        var id = await scene.AskAsync(100);

        scene.Service.Clock.Move(TimeSpan.FromDays(8));

        await scene.StageIsAsync(id, "Failed");
        Assert.Contains(
            "It is over",
            Assert.IsType<TreasuryAnswer.Refused>(await scene.Operators.ApproveAsync(id, "bob", "fine", Ct)).Why,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sweeps_and_withdrawals_at_once_never_spend_one_cell_and_are_all_done()
    {
        await using var scene = await TreasuryScene.StartAsync();
        var service = scene.Service;
        await using var other = await service.StartAnotherAsync();
        await scene.Chain.FundAsync(3_000, 12, Ct);
        await service.GiveAsync(RunningService.App, "alice", "900");
        var recipients = Enumerable.Range(0, 3).Select(_ => PaidChain.NewRecipient()).ToArray();

        var asked = recipients.Select(r => service.Client.WithdrawAsync("alice", "300", r.Address, Ct)).ToArray();
        var sweeps = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => scene.SweepAsync(300)));
        var withdrawals = await Task.WhenAll(asked);
        foreach (var sweep in sweeps)
        {
            await scene.MinedUntilAsync(sweep, "Completed");
        }

        foreach (var withdrawal in withdrawals)
        {
            await service.MinedUntilAsync(withdrawal.Result.GetProperty("id").GetString()!, "Completed");
        }

        Assert.Equal((UInt128)900 * TreasuryScene.Ckb, await scene.Chain.HeldByAsync(scene.Cold, Ct));
        foreach (var (_, owner) in recipients)
        {
            Assert.Equal((UInt128)299_99999000, await scene.Chain.HeldByAsync(owner, Ct));
        }

        Assert.Equal(3, await scene.EventsAsync("movement.prepared.v1"));
        Assert.Equal(0, await service.Database.CountAsync("select sum(units)::bigint from read_models.account_balances"));
    }

    private static async Task<Guid> SentAsync(TreasuryScene scene)
    {
        // A day later: the budget of this one is used up.
        scene.Service.Clock.Move(TimeSpan.FromHours(25));
        var id = await scene.SweepAsync(100);
        await scene.StageIsAsync(id, "Sent");
        return id;
    }
}
