using FiberLink.Events.Adjustments;
using FiberLink.Events.Money;
using FiberLink.Service.Adjustments;
using FiberLink.Service.Tests.Scene;
using FiberLink.Service.Tests.Withdrawals;
using FiberLink.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Service.Tests.Adjustments;

public sealed class Correcting_the_books(OneService one) : IClassFixture<OneService>
{
    private const ulong Ckb = 100_000_000;

    private static readonly AccountName Suspense = new(Account.Suspense, null);

    private readonly RunningService _service = one.Running;

    [Fact]
    public async Task Moves_money_when_another_person_agrees_and_back_when_two_agree_to_that_once()
    {
        await using var tools = Tools();
        var operators = tools.GetRequiredService<AdjustmentAdministration>();
        var member = await MemberAsync("100");
        var id = IdOf(await operators.RequestAsync(
            RunningService.App, member, Suspense, Units(40), isNewMember: false, "ann", "credited by mistake", Ct));
        Assert.Equal("100", await _service.Client.BalanceAsync(member.Member!, Ct));
        Assert.Contains("Another person must", WhyOf(await operators.ApproveAsync(id, "Ann ", "mine", Ct)), StringComparison.Ordinal);
        Assert.Contains("cancel it", WhyOf(await operators.ReverseAsync(id, "ann", "early", Ct)), StringComparison.Ordinal);

        Assert.Equal(new AdjustmentAnswer.Done(id, true), await operators.ApproveAsync(id, "bob", "seen", Ct));
        Assert.Equal(new AdjustmentAnswer.Done(id, false), await operators.ApproveAsync(id, "bob", "seen", Ct));
        Assert.Equal("60", await _service.Client.BalanceAsync(member.Member!, Ct));
        Assert.Contains("adjust reverse", WhyOf(await operators.CancelAsync(id, "bob", "no", Ct)), StringComparison.Ordinal);

        Assert.Equal(new AdjustmentAnswer.Done(id, true), await operators.ReverseAsync(id, "bob", "it was right", Ct));
        Assert.Contains("bob has asked", WhyOf(await operators.ApproveAsync(id, "bob", "it was", Ct)), StringComparison.Ordinal);
        Assert.Equal(new AdjustmentAnswer.Done(id, true), await operators.ApproveAsync(id, "ann", "it was", Ct));
        Assert.Equal("100", await _service.Client.BalanceAsync(member.Member!, Ct));
        Assert.Contains("over", WhyOf(await operators.ReverseAsync(id, "ann", "again", Ct)), StringComparison.Ordinal);

        var report = (await operators.FindAsync(id, Ct))!;
        Assert.Equal(
            ["adjustment.requested.v1", "adjustment.posted.v1", "adjustment.reversal_requested.v1", "adjustment.reversed.v1"],
            report.Events.Select(e => e.Name));
        Assert.Equal(["operator:ann", "operator:bob", "operator:bob", "operator:ann"], report.Events.Select(e => e.Metadata.Actor));
        Assert.Equal(0, await _service.Database.CountAsync("select sum(units)::bigint from read_models.account_balances"));
    }

    /// <summary>Both wait with the balance that they need in front of them, and only one finds it when it is its turn.</summary>
    [Fact]
    public async Task Takes_no_balance_below_zero_when_two_are_agreed_to_at_once()
    {
        await using var tools = Tools();
        var operators = tools.GetRequiredService<AdjustmentAdministration>();
        var member = await MemberAsync("100");
        var (one, other) = (await AskAsync(operators, member), await AskAsync(operators, member));

        var answers = await TogetherAsync(
            o => o.ApproveAsync(one, "bob", "seen", Ct), o => o.ApproveAsync(other, "bob", "seen", Ct));

        Assert.Single(answers.OfType<AdjustmentAnswer.Done>());
        Assert.Contains("does not have as much", Assert.Single(answers.OfType<AdjustmentAnswer.Refused>()).Why, StringComparison.Ordinal);
        Assert.Equal("40", await _service.Client.BalanceAsync(member.Member!, Ct));
    }

    [Fact]
    public async Task Posts_once_when_two_agree_to_one_at_once()
    {
        await using var tools = Tools();
        var operators = tools.GetRequiredService<AdjustmentAdministration>();
        var member = await MemberAsync("200");
        var id = await AskAsync(operators, member);

        var answers = await TogetherAsync(
            o => o.ApproveAsync(id, "bob", "seen", Ct), o => o.ApproveAsync(id, "carol", "seen too", Ct));

        Assert.Equal([false, true], answers.Select(a => Assert.IsType<AdjustmentAnswer.Done>(a).IsNew).Order());
        Assert.Equal("140", await _service.Client.BalanceAsync(member.Member!, Ct));
    }

    [Fact]
    public async Task Is_refused_with_what_is_in_the_way()
    {
        await using var tools = Tools();
        var operators = tools.GetRequiredService<AdjustmentAdministration>();
        var member = await MemberAsync("10");
        var nobody = new AccountName(Account.MemberAvailable, $"nobody-{Guid.NewGuid():N}");
        await RefusedAsync("no community 'x'", operators.RequestAsync("x", Suspense, member, Units(1), false, "ann", "why", Ct));
        await RefusedAsync(
            "does not have as much", operators.RequestAsync(RunningService.App, member, Suspense, Units(11), false, "ann", "why", Ct));
        await RefusedAsync(
            "--new-member", operators.RequestAsync(RunningService.App, Suspense, nobody, Units(1), false, "ann", "why", Ct));
        await RefusedAsync("--by", operators.RequestAsync(RunningService.App, Suspense, member, Units(1), false, " ", "why", Ct));
        await RefusedAsync("--reason", operators.RequestAsync(RunningService.App, Suspense, member, Units(1), false, "ann", "", Ct));
        await RefusedAsync("the same", operators.RequestAsync(RunningService.App, Suspense, Suspense, Units(1), false, "ann", "why", Ct));
        await RefusedAsync(
            "not for people",
            operators.RequestAsync(RunningService.App, new(Account.InFlight, null), member, Units(1), false, "ann", "why", Ct));
        await RefusedAsync("There is no adjustment", operators.ApproveAsync(Guid.NewGuid(), "bob", "why", Ct));

        var id = IdOf(await operators.RequestAsync(RunningService.App, Suspense, nobody, Units(1), true, "ann", "why", Ct));
        Assert.Equal(new AdjustmentAnswer.Done(id, true), await operators.CancelAsync(id, "ann", "a slip", Ct));
        await RefusedAsync("over", operators.ApproveAsync(id, "bob", "late", Ct));
    }

    private static Amount Units(ulong ckb) => new(Asset.Ckb, ckb * Ckb);

    private static Guid IdOf(AdjustmentAnswer answer) => Assert.IsType<AdjustmentAnswer.Done>(answer).AdjustmentId;

    private static string WhyOf(AdjustmentAnswer answer) => Assert.IsType<AdjustmentAnswer.Refused>(answer).Why;

    private static async Task RefusedAsync(string why, Task<AdjustmentAnswer> asked) =>
        Assert.Contains(why, WhyOf(await asked), StringComparison.Ordinal);

    private static async Task<Guid> AskAsync(AdjustmentAdministration operators, AccountName member) =>
        IdOf(await operators.RequestAsync(RunningService.App, member, Suspense, Units(60), false, "ann", "credited by mistake", Ct));

    private ServiceProvider Tools() =>
        ServiceHost.BuildTools(_service.Settings, services => services.AddSingleton<TimeProvider>(_service.Clock));

    /// <summary>Two operators at two machines have both read before either can write.</summary>
    private async Task<AdjustmentAnswer[]> TogetherAsync(
        Func<AdjustmentAdministration, Task<AdjustmentAnswer>> one, Func<AdjustmentAdministration, Task<AdjustmentAnswer>> other)
    {
        await using var here = Tools();
        await using var there = Tools();
        Task<AdjustmentAnswer>[] deciding;
        await using (await HeldHead.OfAsync(_service.Database))
        {
            deciding =
            [
                one(here.GetRequiredService<AdjustmentAdministration>()), other(there.GetRequiredService<AdjustmentAdministration>()),
            ];
            await Eventually.HoldsAsync(
                "both wait to append",
                async () => await _service.Database.CountAsync(
                    "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") >= 2,
                Ct);
        }

        return await Task.WhenAll(deciding);
    }

    private async Task<AccountName> MemberAsync(string ckb)
    {
        var member = $"member-{Guid.NewGuid():N}";
        await _service.GiveAsync(RunningService.App, member, ckb);
        return new(Account.MemberAvailable, member);
    }
}
