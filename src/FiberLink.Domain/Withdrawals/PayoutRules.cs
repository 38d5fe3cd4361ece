using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;

namespace FiberLink.Domain.Withdrawals;

/// <summary>Why a withdrawal is not granted. In this order: the first that applies is the one that is told.</summary>
public enum PayoutRefusal
{
    /// <summary>Nothing would arrive, or more would be held than there can be.</summary>
    AmountIsOutOfRange = 1,
    Paused = 2,
    MemberIsDenied = 3,
    DestinationIsDenied = 4,
    AssetIsNotAllowed = 5,
    BelowMinimum = 6,
    AboveRequestMax = 7,
    AboveMemberDayMax = 8,
    AboveCommunityDayMax = 9,
    CooldownIsActive = 10,
    AboveMemberOpenMax = 11,
    BalanceIsInsufficient = 12,
    CannotBeSent = 13,
}

/// <summary>What the rules say to a wish.</summary>
/// <param name="Refusal">Null when it is granted; the rest holds then.</param>
/// <param name="Pays">What the recipient gets, in smallest units.</param>
/// <param name="Hold">What is held of the member's.</param>
/// <param name="NeedsApproval">Another person must agree.</param>
/// <param name="NotBefore">The end of the cooling-off.</param>
/// <param name="NeedsLiquidity">The wallet does not cover it yet.</param>
public sealed record PayoutVerdict(
    PayoutRefusal? Refusal, UInt128 Pays, UInt128 Hold, bool NeedsApproval, DateTimeOffset? NotBefore, bool NeedsLiquidity);

/// <summary>What a withdrawal must keep to. A quote and a request ask the same question.</summary>
public static class PayoutRules
{
    /// <summary>The window of the limits by day.</summary>
    public static TimeSpan Day { get; } = TimeSpan.FromDays(1);

    public static PayoutVerdict Judge(UInt128 amount, DestinationKind kind, PayoutFacts facts, DateTimeOffset now)
    {
        var (pays, hold) = Split(amount, kind, facts);
        return new(
            RefusalOf(amount, pays, hold, facts, now),
            pays,
            hold,
            facts.Limits.ApprovalAbove is { } threshold && amount > threshold.Units,
            CoolingOff(facts, now),
            facts.Liquidity is { } liquidity && liquidity < pays);
    }

    /// <summary>How long a member still has to wait after the last withdrawal; zero when there is nothing to wait for.</summary>
    public static TimeSpan Cooldown(PayoutFacts facts, DateTimeOffset now) =>
        facts.Limits.CooldownSeconds > 0
        && facts.LastRequestedAt is { } last && last.AddSeconds(facts.Limits.CooldownSeconds) is var end && end > now
            ? end - now
            : TimeSpan.Zero;

    // On chain the fee is taken off what is sent, as far as the recipient's cell allows; the hub pays what that leaves open. An invoice
    // asks for exactly its amount, so what the way costs is held on top. Within the hub there is no way.
    private static (UInt128 Pays, UInt128 Hold) Split(UInt128 amount, DestinationKind kind, PayoutFacts facts) =>
        kind switch
        {
            DestinationKind.PaymentRequest => (amount, Sum(amount, facts.Fee)),
            DestinationKind.TipInvoice => (amount, amount),
            _ => (amount > Sum(facts.Fee, facts.Minimum) ? amount - facts.Fee : UInt128.Min(amount, facts.Minimum), amount),
        };

    private static PayoutRefusal? RefusalOf(
        UInt128 amount, UInt128 pays, UInt128 hold, PayoutFacts facts, DateTimeOffset now)
    {
        var limits = facts.Limits;
        return pays == 0 || hold > Amount.UnitsMax ? PayoutRefusal.AmountIsOutOfRange
            : facts.PausedBecause is not null ? PayoutRefusal.Paused
            : facts.IsMemberDenied ? PayoutRefusal.MemberIsDenied
            : facts.IsDestinationDenied ? PayoutRefusal.DestinationIsDenied
            : !limits.IsAllowed ? PayoutRefusal.AssetIsNotAllowed
            : amount < facts.Minimum ? PayoutRefusal.BelowMinimum
            : amount > limits.RequestMax.Units ? PayoutRefusal.AboveRequestMax
            : Sum(facts.MemberDay, amount) > limits.MemberDayMax.Units ? PayoutRefusal.AboveMemberDayMax
            : Sum(facts.CommunityDay, amount) > limits.CommunityDayMax.Units ? PayoutRefusal.AboveCommunityDayMax
            : Cooldown(facts, now) > TimeSpan.Zero ? PayoutRefusal.CooldownIsActive
            : limits.MemberOpenMax is { } open && Sum(facts.MemberOpen, amount) > open.Units ? PayoutRefusal.AboveMemberOpenMax
            : facts.Available < hold ? PayoutRefusal.BalanceIsInsufficient
            : !facts.CanBeSent ? PayoutRefusal.CannotBeSent
            : null;
    }

    private static DateTimeOffset? CoolingOff(PayoutFacts facts, DateTimeOffset now) =>
        facts.Limits.NewDestinationWaitSeconds > 0
        && (facts.DestinationSince ?? now).AddSeconds(facts.Limits.NewDestinationWaitSeconds) is var end && end > now
            ? end
            : null;

    /// <summary>What would run over is more than any limit.</summary>
    private static UInt128 Sum(UInt128 a, UInt128 b) => UInt128.MaxValue - a < b ? UInt128.MaxValue : a + b;
}
