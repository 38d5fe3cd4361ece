using System.Numerics;
using FiberLink.Domain.Money;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;

namespace FiberLink.Domain.Withdrawals;

/// <summary>What limits must be, as a set, and what they are where nobody has said anything.</summary>
public static class PayoutLimitRules
{
    /// <summary>The longest cooldown, and the longest wait of a new destination.</summary>
    public static TimeSpan WaitMax { get; } = TimeSpan.FromDays(365);

    private const int RequestMax = 5_000;
    private const int MemberDayMax = 20_000;
    private const int CommunityDayMax = 200_000;

    /// <summary>Of the published service: 5,000 in a request, 20,000 of a member and 200,000 of a community in a day.</summary>
    public static PayoutLimits Default(AssetDefinition asset) =>
        new(
            IsAllowed: true,
            Whole(RequestMax, asset),
            Whole(MemberDayMax, asset),
            Whole(CommunityDayMax, asset),
            MemberOpenMax: null,
            CooldownSeconds: 0,
            ApprovalAbove: null,
            NewDestinationWaitSeconds: 0);

    /// <returns>What is wrong, by the limit's name; empty when nothing is.</returns>
    public static IReadOnlyList<(string Limit, string Problem)> Problems(PayoutLimits limits, Asset asset)
    {
        var problems = new List<(string, string)>();
        void Must(bool holds, string limit, string problem)
        {
            if (!holds)
            {
                problems.Add((limit, problem));
            }
        }

        (string Name, Amount? Value)[] amounts =
        [
            ("request-max", limits.RequestMax), ("member-day-max", limits.MemberDayMax), ("community-day-max", limits.CommunityDayMax),
            ("member-open-max", limits.MemberOpenMax), ("approval-above", limits.ApprovalAbove),
        ];
        foreach (var (name, value) in amounts.Where(a => a.Value is not null))
        {
            Must(value!.Value.Asset == asset, name, $"is not in {asset}");
            Must(value.Value.Units <= Amount.UnitsMax, name, "is more than there can be");
            Must(name == "approval-above" || value.Value.Units > 0, name, "must be more than zero");
        }

        Must(limits.RequestMax.Units <= limits.MemberDayMax.Units, "request-max", "is more than member-day-max");
        Must(limits.MemberDayMax.Units <= limits.CommunityDayMax.Units, "member-day-max", "is more than community-day-max");
        Must(
            limits.MemberOpenMax is null || limits.RequestMax.Units <= limits.MemberOpenMax.Value.Units,
            "request-max",
            "is more than member-open-max");
        Must(IsWait(limits.CooldownSeconds), "cooldown", $"must be 0 to {WaitMax.TotalSeconds} seconds");
        Must(IsWait(limits.NewDestinationWaitSeconds), "new-destination-wait", $"must be 0 to {WaitMax.TotalSeconds} seconds");
        return problems;
    }

    private static bool IsWait(long seconds) => seconds >= 0 && seconds <= (long)WaitMax.TotalSeconds;

    private static Amount Whole(int count, AssetDefinition asset)
    {
        var units = count * BigInteger.Pow(10, asset.Decimals);
        return new(asset.Asset, units > (BigInteger)Amount.UnitsMax ? Amount.UnitsMax : (UInt128)units);
    }
}
