using FiberLink.Domain.Money;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;

using Decision = FiberLink.Domain.Decision<FiberLink.Events.Withdrawals.PayoutPolicyEvent, FiberLink.Domain.Withdrawals.PayoutRulesRefusal>;

namespace FiberLink.Domain.Withdrawals;

/// <summary>What was decided last about an asset's withdrawals in one community.</summary>
/// <param name="Limits">Null while nobody has said anything.</param>
public sealed record PayoutPolicyState(PayoutLimits? Limits)
{
    public static PayoutPolicyState Initial { get; } = new((PayoutLimits?)null);

    public static PayoutPolicyState Evolve(PayoutPolicyState state, PayoutPolicyEvent @event) =>
        @event is PayoutPolicyEvent.Changed e ? new(e.Limits) : state;
}

/// <summary>A limit that may be none.</summary>
/// <param name="Units">In smallest units; null for no limit.</param>
public readonly record struct OptionalLimit(UInt128? Units);

/// <summary>What is to be different. Null leaves a limit as it is. Amounts are in smallest units of the asset.</summary>
public sealed record PayoutLimitChanges
{
    public bool? IsAllowed { get; init; }

    public UInt128? RequestMax { get; init; }

    public UInt128? MemberDayMax { get; init; }

    public UInt128? CommunityDayMax { get; init; }

    public OptionalLimit? MemberOpenMax { get; init; }

    public long? CooldownSeconds { get; init; }

    public OptionalLimit? ApprovalAbove { get; init; }

    public long? NewDestinationWaitSeconds { get; init; }

    /// <summary>The limits with what is to be different.</summary>
    public PayoutLimits Over(PayoutLimits limits, Asset asset)
    {
        Amount Of(UInt128? units, Amount otherwise) => units is { } given ? new(asset, given) : otherwise;
        Amount? OfOptional(OptionalLimit? limit, Amount? otherwise) =>
            limit is not { } given ? otherwise : given.Units is { } units ? new Amount(asset, units) : null;
        return new(
            IsAllowed ?? limits.IsAllowed,
            Of(RequestMax, limits.RequestMax),
            Of(MemberDayMax, limits.MemberDayMax),
            Of(CommunityDayMax, limits.CommunityDayMax),
            OfOptional(MemberOpenMax, limits.MemberOpenMax),
            CooldownSeconds ?? limits.CooldownSeconds,
            OfOptional(ApprovalAbove, limits.ApprovalAbove),
            NewDestinationWaitSeconds ?? limits.NewDestinationWaitSeconds);
    }
}

/// <summary>An operator changes limits.</summary>
/// <param name="Asset">Of which asset; what it is where nobody has said anything follows from its decimals.</param>
/// <param name="Changes">What is to be different.</param>
/// <param name="By">Who.</param>
/// <param name="Reason">Why.</param>
/// <param name="Now">When.</param>
public sealed record ChangePayoutLimits(
    AssetDefinition Asset, PayoutLimitChanges Changes, string By, string Reason, DateTimeOffset Now);

/// <summary>Limits are changed as a set: what is not named stays, and what comes of it holds together or is refused.</summary>
public static class PayoutPolicyDecider
{
    public static Decision Decide(ChangePayoutLimits command, PayoutPolicyState state)
    {
        var after = After(command, state);
        return OperatorWords.Objection(command.By, command.Reason) is { } objection ? new Decision.Refused(objection)
            : PayoutLimitRules.Problems(after, command.Asset.Asset).Count > 0 ? new Decision.Refused(PayoutRulesRefusal.LimitsDoNotFit)
            : after == state.Limits ? new Decision.Accepted([])
            : new Decision.Accepted(
                [new PayoutPolicyEvent.Changed(command.Asset.Asset, after, command.By, command.Reason, command.Now)]);
    }

    /// <summary>The limits that the command would leave, whether or not they hold together.</summary>
    public static PayoutLimits After(ChangePayoutLimits command, PayoutPolicyState state) =>
        command.Changes.Over(state.Limits ?? PayoutLimitRules.Default(command.Asset), command.Asset.Asset);
}
