using System.Globalization;
using FiberLink.Domain.Withdrawals;

namespace FiberLink.Service.Withdrawals.Administration;

/// <summary>Why an operator's wish is not granted, and what to do instead.</summary>
internal static class OperatorTexts
{
    public static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <param name="refusal">Why not.</param>
    /// <param name="state">The state it was refused in.</param>
    /// <param name="done">What it cannot be, as in "approved".</param>
    /// <param name="now">As of when.</param>
    public static string Of(WithdrawalRefusal refusal, WithdrawalState.Known state, string done, DateTimeOffset now) =>
        $"It cannot be {done}: {WhyOf(refusal, state, now)}";

    private static string WhyOf(WithdrawalRefusal refusal, WithdrawalState.Known state, DateTimeOffset now) =>
        refusal switch
        {
            WithdrawalRefusal.IsOnItsWay =>
                "something may have been sent already, and nobody can call that back. It ends as what is seen of it says; "
                + "'withdrawals show' tells how far it is.",
            WithdrawalRefusal.IsOver => Ended(state),
            WithdrawalRefusal.ApproverIsRequester =>
                $"{state.Terms.Member} has asked for it, and whoever asks cannot agree to it. Another person must.",
            WithdrawalRefusal.NothingToApprove => $"nobody need agree to it. {Standing(state, now)}",
            WithdrawalRefusal.IsNotReady => $"it does not wait for its next attempt. {Standing(state, now)}",
            _ => $"{refusal}.",
        };

    private static string Ended(WithdrawalState.Known state) =>
        state switch
        {
            WithdrawalState.Completed => "it is complete, the recipient has the money.",
            WithdrawalState.Cancelled => "it was cancelled, the member has the money again and may ask anew.",
            WithdrawalState.Failed failed => $"it has failed ({failed.Reason}), the member has the money again and may ask anew.",
            WithdrawalState.Lost => "it was complete and is lost; what the member gave is in suspense, see the runbook.",
            _ => "it was paid after it had failed; what left the hub is in suspense, see the runbook.",
        };

    private static string Standing(WithdrawalState.Known state, DateTimeOffset now) =>
        state is not WithdrawalState.Queued queued ? ""
        : queued.IsHeldBack ? "It is held back: release it."
        : queued.NeedsApproval ? "It waits for somebody to agree: approve it."
        : queued.NotBefore is { } end && end > now
            ? queued.Attempts.IsEmpty
                ? $"Its destination cools off until {Moment(end)}: release it."
                : $"It waits until {Moment(end)}: retry it."
        : queued.AwaitsLiquidity ? "It waits for the wallet to be filled."
        : "It waits for its turn, and for nothing that you could end.";
}
