using FiberLink.Domain.Money;
using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;
using static FiberLink.Domain.Tests.Withdrawals.WithdrawalExamples;

namespace FiberLink.Domain.Tests.Withdrawals;

public sealed class What_limits_must_be
{
    private static readonly PayoutLimits Equal = Limits with
    {
        RequestMax = Ckb(5),
        MemberDayMax = Ckb(5),
        CommunityDayMax = Ckb(5),
        MemberOpenMax = Ckb(5),
    };

    private static Dictionary<string, (PayoutLimits Limits, string[] Wrong)> Sets { get; } = new()
    {
        ["the defaults"] = (Limits, []),
        ["all the same"] = (Equal, []),
        ["as much as there can be"] = (Limits with { CommunityDayMax = Shannon(Amount.UnitsMax) }, []),
        ["more than there can be"] = (Limits with { CommunityDayMax = Shannon(Amount.UnitsMax + 1) }, ["community-day-max"]),
        ["another asset"] = (Limits with { RequestMax = new(Usdi, 1) }, ["request-max"]),
        ["another asset where there need be none"] = (Limits with { ApprovalAbove = new(Usdi, 1) }, ["approval-above"]),
        ["nothing in a request"] = (Limits with { RequestMax = Ckb(0) }, ["request-max"]),
        ["nothing in a day"] = (Equal with { MemberDayMax = Ckb(0) }, ["member-day-max", "request-max"]),
        ["nothing open"] = (Equal with { MemberOpenMax = Ckb(0) }, ["member-open-max", "request-max"]),
        ["approval for everything"] = (Limits with { ApprovalAbove = Ckb(0) }, []),
        ["a request above the member's day"] = (Equal with { RequestMax = Shannon(5_00000001) }, ["request-max", "request-max"]),
        ["a member's day above the community's"] = (Equal with { MemberDayMax = Shannon(5_00000001) }, ["member-day-max"]),
        ["a request above what may be open"] = (Equal with { MemberOpenMax = Shannon(4_99999999) }, ["request-max"]),
        ["a year's cooldown"] = (Limits with { CooldownSeconds = 31_536_000 }, []),
        ["more than a year's cooldown"] = (Limits with { CooldownSeconds = 31_536_001 }, ["cooldown"]),
        ["a cooldown below zero"] = (Limits with { CooldownSeconds = -1 }, ["cooldown"]),
        ["a year's wait"] = (Limits with { NewDestinationWaitSeconds = 31_536_000 }, []),
        ["a wait that is as long as can be written"] =
            (Limits with { NewDestinationWaitSeconds = long.MaxValue }, ["new-destination-wait"]),
    };

    public static TheoryData<string> Names => [.. Sets.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Is_said_of_the_set_by_the_limits_name(string name) =>
        Assert.Equal(Sets[name].Wrong, PayoutLimitRules.Problems(Sets[name].Limits, Asset.Ckb).Select(p => p.Limit));

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(18)]
    [InlineData(30)]
    public void Holds_for_the_defaults_of_any_asset(int decimals)
    {
        var asset = AssetDefinition.Token(Usdi, decimals, new("0x00", "type", "0x"));
        var limits = PayoutLimitRules.Default(asset);

        Assert.Empty(PayoutLimitRules.Problems(limits, Usdi));
        Assert.Equal(5_000 * System.Numerics.BigInteger.Pow(10, decimals), (System.Numerics.BigInteger)limits.RequestMax.Units);
    }

    [Fact]
    public void Is_as_published_where_nobody_has_said_anything() =>
        Assert.Equal(new(true, Ckb(5_000), Ckb(20_000), Ckb(200_000), null, 0, null, 0), Limits);
}
