using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Money;
using FiberLink.Service.Startup;

namespace FiberLink.Service.Withdrawals;

/// <summary>Why a withdrawal is refused, in the words of the published contract where it has any.</summary>
internal static class RefusalTexts
{
    public const string InvoiceIsUsed = "payment request is used by another withdrawal already";

    public static string Of(PayoutRefusal refusal, string app, Amount amount, PayoutFacts facts, DateTimeOffset now, AssetSettings assets)
    {
        string Text(UInt128 units) => assets.Format(amount with { Units = units });
        var limits = facts.Limits;
        return refusal switch
        {
            PayoutRefusal.AssetIsNotAllowed => $"asset {amount.Asset} is not allowed for withdrawals in app {app}",
            PayoutRefusal.BelowMinimum =>
                $"withdrawal amount {assets.Format(amount)} is below minimum required {Text(facts.Minimum)} for destination address",
            PayoutRefusal.AboveRequestMax =>
                $"withdrawal amount {assets.Format(amount)} exceeds per-request limit {assets.Format(limits.RequestMax)}",
            PayoutRefusal.AboveMemberDayMax =>
                $"daily user withdrawal limit exceeded: {Text(facts.MemberDay + amount.Units)} > {assets.Format(limits.MemberDayMax)}",
            PayoutRefusal.AboveCommunityDayMax =>
                $"daily app withdrawal limit exceeded: {Text(facts.CommunityDay + amount.Units)} > {assets.Format(limits.CommunityDayMax)}",
            PayoutRefusal.CooldownIsActive =>
                $"withdrawal cooldown active, retry in {Math.Ceiling(PayoutRules.Cooldown(facts, now).TotalSeconds):0}s",
            PayoutRefusal.BalanceIsInsufficient => "Insufficient balance for withdrawal",
            PayoutRefusal.CannotBeSent =>
                "CKB address withdrawals are temporarily unavailable because the withdrawal signer is not configured",
            PayoutRefusal.Paused => $"withdrawals are paused: {facts.PausedBecause}",
            PayoutRefusal.MemberIsDenied => "withdrawals of this member are stopped; please ask the operators",
            PayoutRefusal.DestinationIsDenied => "withdrawals to this destination are stopped; please ask the operators",
            PayoutRefusal.AboveMemberOpenMax =>
                $"open withdrawals limit exceeded: {Text(facts.MemberOpen + amount.Units)} > {assets.Format(limits.MemberOpenMax!.Value)}",
            PayoutRefusal.AmountIsOutOfRange => $"withdrawal amount {assets.Format(amount)} is out of range",
            _ => refusal.ToString(),
        };
    }
}
