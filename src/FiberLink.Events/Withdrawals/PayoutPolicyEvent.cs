using FiberLink.Events.Money;

namespace FiberLink.Events.Withdrawals;

/// <summary>What was decided about an asset's withdrawals in one community. The last one counts, whole.</summary>
public abstract record PayoutPolicyEvent
{
    private PayoutPolicyEvent()
    {
    }

    /// <param name="Asset">Names the stream.</param>
    /// <param name="Limits">All of them.</param>
    /// <param name="By">Who.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="ChangedAt">When.</param>
    public sealed record Changed(Asset Asset, PayoutLimits Limits, string By, string Reason, DateTimeOffset ChangedAt) : PayoutPolicyEvent;
}

/// <summary>How much of an asset may leave a community, and how.</summary>
/// <param name="IsAllowed">Whether the asset can be withdrawn at all.</param>
/// <param name="RequestMax">The most in one withdrawal.</param>
/// <param name="MemberDayMax">The most that one member asks for in 24 hours.</param>
/// <param name="CommunityDayMax">The most that all of them ask for in 24 hours.</param>
/// <param name="MemberOpenMax">The most that one member may have open at a time; null for no limit.</param>
/// <param name="CooldownSeconds">How long a member waits between two withdrawals.</param>
/// <param name="ApprovalAbove">Beyond this another person must agree; null for never.</param>
/// <param name="NewDestinationWaitSeconds">How long the first withdrawal of a member to a destination waits.</param>
public sealed record PayoutLimits(
    bool IsAllowed,
    Amount RequestMax,
    Amount MemberDayMax,
    Amount CommunityDayMax,
    Amount? MemberOpenMax,
    long CooldownSeconds,
    Amount? ApprovalAbove,
    long NewDestinationWaitSeconds);
