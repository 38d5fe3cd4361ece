using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;
using static FiberLink.Domain.Tests.Withdrawals.WithdrawalExamples;

namespace FiberLink.Domain.Tests.Withdrawals;

/// <summary>Every limit exactly reached and by one unit exceeded, and which of two broken rules is told.</summary>
public sealed class What_the_rules_say
{
    private static readonly PayoutLimits Small = Limits with
    {
        RequestMax = Ckb(70),
        MemberDayMax = Ckb(100),
        CommunityDayMax = Ckb(200),
        MemberOpenMax = Ckb(90),
        CooldownSeconds = 60,
        ApprovalAbove = Ckb(65),
    };

    /// <summary>Nothing is in the way of 70 CKB.</summary>
    private static readonly PayoutFacts Free = OnChainFacts with { Limits = Small };

    /// <summary>What a fact is when the rule is just kept, and when it is just broken, for 70 CKB.</summary>
    private static Dictionary<PayoutRefusal, (PayoutFacts Kept, PayoutFacts Broken)> Edges { get; } = new()
    {
        [PayoutRefusal.Paused] = (Free, Free with { PausedBecause = "incident" }),
        [PayoutRefusal.MemberIsDenied] = (Free, Free with { IsMemberDenied = true }),
        [PayoutRefusal.DestinationIsDenied] = (Free, Free with { IsDestinationDenied = true }),
        [PayoutRefusal.AssetIsNotAllowed] = (Free, Free with { Limits = Small with { IsAllowed = false } }),
        [PayoutRefusal.BelowMinimum] = (Free with { Minimum = Seventy }, Free with { Minimum = Seventy + 1 }),
        [PayoutRefusal.AboveRequestMax] = (Free, Free with { Limits = Small with { RequestMax = Shannon(Seventy - 1) } }),
        [PayoutRefusal.AboveMemberDayMax] =
            (Free with { MemberDay = Ckb(30).Units }, Free with { MemberDay = Ckb(30).Units + 1 }),
        [PayoutRefusal.AboveCommunityDayMax] =
            (Free with { CommunityDay = Ckb(130).Units }, Free with { CommunityDay = Ckb(130).Units + 1 }),
        [PayoutRefusal.CooldownIsActive] =
            (Free with { LastRequestedAt = Now.AddSeconds(-60) }, Free with { LastRequestedAt = Now.AddSeconds(-60).AddTicks(1) }),
        [PayoutRefusal.AboveMemberOpenMax] =
            (Free with { MemberOpen = Ckb(20).Units }, Free with { MemberOpen = Ckb(20).Units + 1 }),
        [PayoutRefusal.BalanceIsInsufficient] = (Free with { Available = Seventy }, Free with { Available = Seventy - 1 }),
        [PayoutRefusal.CannotBeSent] = (Free, Free with { CanBeSent = false }),
    };

    private static UInt128 Seventy => Ckb(70).Units;

    public static TheoryData<PayoutRefusal> Rules => [.. Edges.Keys];

    public static TheoryData<PayoutRefusal, PayoutRefusal> Pairs =>
        new(from first in Edges.Keys from second in Edges.Keys where first < second select (first, second));

    [Fact]
    public void Are_all_here() =>
        Assert.Equal(Enum.GetValues<PayoutRefusal>().Except([PayoutRefusal.AmountIsOutOfRange]), Edges.Keys.Order());

    [Theory]
    [MemberData(nameof(Rules))]
    public void At_the_edge_is_yes_and_beyond_it_is_no(PayoutRefusal rule)
    {
        Assert.Null(Judge(70, Edges[rule].Kept).Refusal);
        Assert.Equal(rule, Judge(70, Edges[rule].Broken).Refusal);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Of_two_broken_rules_is_the_first(PayoutRefusal first, PayoutRefusal second) =>
        Assert.Equal(first, Judge(70, Both(first, second)).Refusal);

    [Fact]
    public void Of_an_amount_that_cannot_be_comes_before_all_others()
    {
        var paused = Free with { PausedBecause = "incident" };
        foreach (var kind in Enum.GetValues<DestinationKind>())
        {
            Assert.Equal(PayoutRefusal.AmountIsOutOfRange, PayoutRules.Judge(0, kind, paused, Now).Refusal);
            Assert.Equal(PayoutRefusal.AmountIsOutOfRange, PayoutRules.Judge(UInt128.MaxValue, kind, paused, Now).Refusal);
            Assert.Equal(PayoutRefusal.AmountIsOutOfRange, PayoutRules.Judge(Amount.UnitsMax + 1, kind, paused, Now).Refusal);
            Assert.Equal(PayoutRefusal.Paused, PayoutRules.Judge(1, kind, paused, Now).Refusal);
        }
    }

    /// <summary>What would run over is more than any limit, and more than any balance.</summary>
    [Fact]
    public void Does_not_run_over()
    {
        var rich = Free with
        {
            Limits = Limits with { RequestMax = Most, MemberDayMax = Most, CommunityDayMax = Most, MemberOpenMax = Most },
            Available = UInt128.MaxValue,
            Fee = UInt128.MaxValue,
            Minimum = 0,
        };

        Assert.Equal(PayoutRefusal.AmountIsOutOfRange, PayoutRules.Judge(1, DestinationKind.PaymentRequest, rich, Now).Refusal);
        rich = rich with { Fee = 0 };
        Assert.Null(PayoutRules.Judge(Most.Units, DestinationKind.PaymentRequest, rich, Now).Refusal);
        foreach (var (facts, rule) in ((PayoutFacts, PayoutRefusal)[])
                 [
                     (rich with { MemberDay = UInt128.MaxValue }, PayoutRefusal.AboveMemberDayMax),
                     (rich with { CommunityDay = UInt128.MaxValue }, PayoutRefusal.AboveCommunityDayMax),
                     (rich with { MemberOpen = UInt128.MaxValue }, PayoutRefusal.AboveMemberOpenMax),
                 ])
        {
            Assert.Equal(rule, PayoutRules.Judge(1, DestinationKind.PaymentRequest, facts, Now).Refusal);
        }
    }

    [Fact]
    public void Without_a_limit_for_what_is_open_is_no_limit() =>
        Assert.Null(Judge(70, Free with { Limits = Small with { MemberOpenMax = null }, MemberOpen = UInt128.MaxValue }).Refusal);

    // In shannon: the minimum is 61 CKB and the fee 1,000.
    [Theory]
    [InlineData(61_00000000, 61_00000000)]
    [InlineData(61_00000001, 61_00000000)]
    [InlineData(61_00001000, 61_00000000)]
    [InlineData(61_00001001, 61_00000001)]
    [InlineData(100_00000000, 99_99999000)]
    public void On_chain_the_fee_is_taken_off_as_far_as_the_cell_allows(ulong amount, ulong pays)
    {
        var verdict = PayoutRules.Judge(amount, DestinationKind.CkbAddress, OnChainFacts with { Available = UInt128.MaxValue }, Now);

        Assert.Equal((null, (UInt128)pays, (UInt128)amount), (verdict.Refusal, verdict.Pays, verdict.Hold));
    }

    [Fact]
    public void On_chain_a_fee_that_eats_all_is_refused() =>
        Assert.Equal(
            PayoutRefusal.AmountIsOutOfRange,
            PayoutRules.Judge(1_000, DestinationKind.CkbAddress, OnChainFacts with { Minimum = 0 }, Now).Refusal);

    [Fact]
    public void For_an_invoice_the_fee_is_held_on_top()
    {
        var verdict = PayoutRules.Judge(Ckb(100).Units, DestinationKind.PaymentRequest, InvoiceFacts, Now);

        Assert.Equal((null, Ckb(100).Units, (UInt128)100_50000000), (verdict.Refusal, verdict.Pays, verdict.Hold));
    }

    [Fact]
    public void For_an_invoice_the_balance_must_cover_the_fee_too()
    {
        PayoutRefusal? With(UInt128 available) => PayoutRules
            .Judge(Ckb(100).Units, DestinationKind.PaymentRequest, InvoiceFacts with { Available = available }, Now).Refusal;

        Assert.Null(With(100_50000000));
        Assert.Equal(PayoutRefusal.BalanceIsInsufficient, With(100_49999999));
    }

    [Fact]
    public void Above_the_threshold_another_person_must_agree()
    {
        Assert.False(Judge(65, Free).NeedsApproval);
        Assert.True(PayoutRules.Judge(Ckb(65).Units + 1, DestinationKind.CkbAddress, Free, Now).NeedsApproval);
        Assert.False(Judge(70, Free with { Limits = Small with { ApprovalAbove = null } }).NeedsApproval);
        Assert.True(Judge(61, Free with { Limits = Small with { ApprovalAbove = Ckb(0) } }).NeedsApproval);
    }

    [Fact]
    public void A_new_destination_cools_off_from_when_it_was_first_asked_for()
    {
        DateTimeOffset? NotBefore(DateTimeOffset? since, long wait) => Judge(
            70, Free with { DestinationSince = since, Limits = Small with { NewDestinationWaitSeconds = wait } }).NotBefore;

        Assert.Equal(Now.AddHours(1), NotBefore(null, 3_600));
        Assert.Equal(Now.AddMinutes(1), NotBefore(Now.AddMinutes(-59), 3_600));
        Assert.Null(NotBefore(Now.AddHours(-1), 3_600));
        Assert.Null(NotBefore(null, 0));
    }

    [Fact]
    public void The_wallet_must_cover_what_the_recipient_gets()
    {
        Assert.False(Judge(100, OnChainFacts with { Liquidity = 99_99999000 }).NeedsLiquidity);
        Assert.True(Judge(100, OnChainFacts with { Liquidity = 99_99998999 }).NeedsLiquidity);
        Assert.False(Judge(100, OnChainFacts with { Liquidity = null }).NeedsLiquidity);
    }

    /// <summary>Of two at once the one that looks later may be the first that is stored; the clocks of two nodes differ as well.</summary>
    [Fact]
    public void Nobody_waits_after_a_withdrawal_of_a_later_moment_where_there_is_nothing_to_wait_for()
    {
        var free = Free with { Limits = Small with { CooldownSeconds = 0 }, LastRequestedAt = Now.AddSeconds(1) };

        Assert.Null(Judge(70, free).Refusal);
        Assert.Equal(TimeSpan.Zero, PayoutRules.Cooldown(free, Now));
    }

    [Fact]
    public void The_cooldown_tells_what_is_left_however_long_it_is()
    {
        var year = Free with { Limits = Small with { CooldownSeconds = 31_536_000 }, LastRequestedAt = Now.AddDays(-364) };

        Assert.Equal(TimeSpan.FromDays(1), PayoutRules.Cooldown(year, Now));
        Assert.Equal(PayoutRefusal.CooldownIsActive, Judge(70, year).Refusal);
        Assert.Equal(TimeSpan.Zero, PayoutRules.Cooldown(year with { LastRequestedAt = null }, Now));
        Assert.Equal(TimeSpan.Zero, PayoutRules.Cooldown(year, Now.AddDays(1)));
    }

    private static Amount Most => Shannon(Amount.UnitsMax);

    private static PayoutVerdict Judge(uint coins, PayoutFacts facts) =>
        PayoutRules.Judge(Ckb(coins).Units, DestinationKind.CkbAddress, facts, Now);

    /// <summary>What breaks the one and what breaks the other, in one.</summary>
    private static PayoutFacts Both(PayoutRefusal first, PayoutRefusal second)
    {
        var (a, b) = (Edges[first].Broken, Edges[second].Broken);
        return a with
        {
            Limits = a.Limits with
            {
                IsAllowed = a.Limits.IsAllowed && b.Limits.IsAllowed,
                RequestMax = a.Limits.RequestMax.Units < b.Limits.RequestMax.Units ? a.Limits.RequestMax : b.Limits.RequestMax,
            },
            PausedBecause = a.PausedBecause ?? b.PausedBecause,
            IsMemberDenied = a.IsMemberDenied || b.IsMemberDenied,
            IsDestinationDenied = a.IsDestinationDenied || b.IsDestinationDenied,
            Minimum = UInt128.Max(a.Minimum, b.Minimum),
            MemberDay = UInt128.Max(a.MemberDay, b.MemberDay),
            CommunityDay = UInt128.Max(a.CommunityDay, b.CommunityDay),
            LastRequestedAt = a.LastRequestedAt ?? b.LastRequestedAt,
            MemberOpen = UInt128.Max(a.MemberOpen, b.MemberOpen),
            Available = UInt128.Min(a.Available, b.Available),
            CanBeSent = a.CanBeSent && b.CanBeSent,
        };
    }
}
