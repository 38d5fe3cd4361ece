using FiberLink.Domain.Money;
using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;

namespace FiberLink.Domain.Tests.Withdrawals;

public sealed class Changing_limits
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly PayoutLimits Standard = PayoutLimitRules.Default(AssetDefinition.Ckb);

    private static readonly Specification<ChangePayoutLimits, PayoutPolicyState, PayoutPolicyEvent, PayoutRulesRefusal> Policy =
        new(PayoutPolicyState.Initial, PayoutPolicyState.Evolve, PayoutPolicyDecider.Decide);

    [Fact]
    public void What_is_not_named_is_as_it_was_where_nobody_had_said_anything() =>
        Policy.Given().When(To(new() { CooldownSeconds = 60 })).Then(Changed(Standard with { CooldownSeconds = 60 }));

    [Fact]
    public void What_is_not_named_stays_as_it_was_decided()
    {
        var before = Standard with { RequestMax = Ckb(10), ApprovalAbove = Ckb(5), CooldownSeconds = 60 };

        Policy.Given(Changed(before)).When(To(new() { MemberDayMax = 20 })).Then(Changed(before with { MemberDayMax = Ckb(20) }));
    }

    [Fact]
    public void Every_limit_can_be_set() =>
        Policy.Given()
            .When(To(new()
            {
                IsAllowed = false,
                RequestMax = 1,
                MemberDayMax = 2,
                CommunityDayMax = 3,
                MemberOpenMax = new(4),
                CooldownSeconds = 5,
                ApprovalAbove = new(6),
                NewDestinationWaitSeconds = 7,
            }))
            .Then(Changed(new(false, Ckb(1), Ckb(2), Ckb(3), Ckb(4), 5, Ckb(6), 7)));

    [Fact]
    public void What_may_be_no_limit_is_taken_away_by_saying_so_and_kept_by_saying_nothing()
    {
        var limited = Standard with { MemberOpenMax = Standard.RequestMax, ApprovalAbove = Ckb(5) };

        Policy.Given(Changed(limited)).When(To(new() { CooldownSeconds = 1 })).Then(Changed(limited with { CooldownSeconds = 1 }));
        Policy.Given(Changed(limited)).When(To(new() { MemberOpenMax = new(null), ApprovalAbove = new(null) })).Then(Changed(Standard));
    }

    [Fact]
    public void The_same_again_is_nothing_new_whoever_says_so_and_why() =>
        Policy.Given(Changed(Standard with { CooldownSeconds = 60 }))
            .When(To(new() { CooldownSeconds = 60 }) with { By = "bob", Reason = "once more" })
            .ThenNothingNew();

    [Fact]
    public void Who_says_what_holds_anyway_has_decided_it_all_the_same() =>
        Policy.Given().When(To(new() { CooldownSeconds = 0 })).Then(Changed(Standard));

    [Fact]
    public void Limits_are_held_against_those_that_stay()
    {
        Policy.Given().When(To(new() { RequestMax = Standard.MemberDayMax.Units + 1 })).ThenRefused(PayoutRulesRefusal.LimitsDoNotFit);
        Policy.Given().When(To(new() { MemberDayMax = Standard.RequestMax.Units - 1 })).ThenRefused(PayoutRulesRefusal.LimitsDoNotFit);
        Policy.Given()
            .When(To(new() { RequestMax = Standard.MemberDayMax.Units + 1, MemberDayMax = Standard.MemberDayMax.Units + 1 }))
            .Then(Changed(Standard with
            {
                RequestMax = Ckb(Standard.MemberDayMax.Units + 1),
                MemberDayMax = Ckb(Standard.MemberDayMax.Units + 1),
            }));
    }

    [Fact]
    public void Somebody_stands_behind_it_and_says_why()
    {
        var change = To(new() { CooldownSeconds = 60 });

        Policy.Given().When(change with { By = " " }).ThenRefused(PayoutRulesRefusal.NotSaidByWhom);
        Policy.Given().When(change with { Reason = "" }).ThenRefused(PayoutRulesRefusal.NotSaidWhy);
    }

    private static ChangePayoutLimits To(PayoutLimitChanges changes) => new(AssetDefinition.Ckb, changes, "ann", "a plan", Noon);

    private static PayoutPolicyEvent.Changed Changed(PayoutLimits limits) => new(Asset.Ckb, limits, "ann", "a plan", Noon);

    private static Amount Ckb(UInt128 units) => new(Asset.Ckb, units);
}
