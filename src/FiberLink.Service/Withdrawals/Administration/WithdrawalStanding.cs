using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;
using FiberLink.Service.Startup;

namespace FiberLink.Service.Withdrawals.Administration;

/// <summary>Where a withdrawal stands, in words for operators.</summary>
/// <param name="Where">How far it is.</param>
/// <param name="Waits">Everything that keeps it from going on, with who and why where a person does.</param>
/// <param name="Next">What happens next, or what somebody has to do.</param>
internal sealed record WithdrawalStanding(string Where, IReadOnlyList<string> Waits, string Next)
{
    /// <param name="state">The state.</param>
    /// <param name="events">All that has happened, in order.</param>
    /// <param name="approvalWait">How long somebody has for agreeing to it, from its request on.</param>
    /// <param name="assets">How amounts are written.</param>
    /// <param name="now">As of when.</param>
    public static WithdrawalStanding Of(
        WithdrawalState.Known state,
        IReadOnlyList<RecordedEvent> events,
        TimeSpan approvalWait,
        AssetSettings assets,
        DateTimeOffset now) =>
        state switch
        {
            WithdrawalState.Queued s => Queued(s, events, approvalWait, now),
            WithdrawalState.Prepared => new(
                "prepared: the intent to pay is stored; whether the network has it is not known",
                [],
                "It is sent, and looked for, until the network is seen to have it. Never send it by hand."),
            WithdrawalState.Sent s => new(
                "sent: the network has it",
                [],
                s.Terms.Destination.Kind is DestinationKind.CkbAddress
                    ? "A block takes it. A fee that is too low makes that late, not wrong."
                    : "The Fiber node says how the payment ends."),
            WithdrawalState.InBlock s => new(
                $"in block {s.BlockNumber}",
                [],
                "It is complete when it lies deep enough."),
            WithdrawalState.Completed { IsFinal: true } => new("completed", [], "Nothing."),
            WithdrawalState.Completed { BlockHash: null } => new(
                "completed, and taken back by a reorganisation",
                [],
                "The same transaction is sent again until a block has it, or until it is certain that none ever can: then it is lost, and "
                + "you are called. The books stay as they are until then."),
            WithdrawalState.Completed => new("completed", [], "It is watched until no reorganisation can take it back."),
            WithdrawalState.Failed s => new($"failed ({s.Reason})", [], "Nothing: the member has the money again, and may ask anew."),
            WithdrawalState.Cancelled => new("cancelled", [], "Nothing: the member has the money again, and may ask anew."),
            WithdrawalState.Lost s => Lost(s, events, assets),
            _ when events.Any(e => e.Body is WithdrawalEvent.Lost) => new(
                "paid after it was lost",
                [],
                "The recipient has it after all, and what was in suspense for it is gone from there. Nothing, unless it was given to the "
                + "member meanwhile: then suspense is short of it, and that adjustment is taken back ('adjust list', 'adjust reverse')."),
            _ => new(
                "paid after it had failed",
                [],
                "Somebody decides: the member has the money, and so has the recipient. What left the hub is in suspense."),
        };

    private static WithdrawalStanding Lost(
        WithdrawalState.Lost s, IReadOnlyList<RecordedEvent> events, AssetSettings assets)
    {
        var lost = events.Last(e => e.Body is WithdrawalEvent.Lost);
        var given = ((WithdrawalEvent.Lost)lost.Body).Entry.Postings.Single(p => p.Account is Account.Suspense);
        var amount = assets.Format(new Amount(given.Asset, (UInt128)given.Units));
        return new(
            "lost: it was complete, a reorganisation took it back, and other transactions have spent its cells for good",
            [],
            $"The recipient has nothing of it, and {amount} {given.Asset} that {s.Terms.Member} gave are in suspense. Two persons decide: "
            + $"'adjust request --app {lost.Stream.Tenant} --from suspense --to member:{s.Terms.Member} --amount {amount} "
            + $"--asset {given.Asset} --by … --reason …', then 'adjust approve'; or '--to capital' where the hub has paid the recipient "
            + "otherwise. No other payment is ever made for it.");
    }

    private static WithdrawalStanding Queued(
        WithdrawalState.Queued s, IReadOnlyList<RecordedEvent> events, TimeSpan approvalWait, DateTimeOffset now)
    {
        var waits = new List<string>();
        var todo = new List<string>();
        if (s.IsHeldBack)
        {
            var held = events.Select(e => e.Body).OfType<WithdrawalEvent.HeldBack>().Last();
            waits.Add($"held back by {held.By} since {OperatorTexts.Moment(held.HeldBackAt)}: {held.Reason}");
            var end = OperatorTexts.Moment(held.HeldBackAt + WithdrawalDecider.HeldBackMax);
            todo.Add(
                $"Somebody releases it ('withdrawals release') or calls it off ('withdrawals cancel') by {end}: "
                + "then it fails, and the member has the money.");
        }

        if (s.NeedsApproval)
        {
            var end = OperatorTexts.Moment(s.Terms.RequestedAt + approvalWait);
            waits.Add($"needs somebody other than {s.Terms.Member} to agree, by {end}");
            todo.Add("Somebody agrees to it ('withdrawals approve'); if nobody does in time the member gets the money back.");
        }

        if (s.NotBefore is { } time && time > now)
        {
            waits.Add(s.Attempts.IsEmpty
                ? $"its destination is new to the member and cools off until {OperatorTexts.Moment(time)}"
                : $"attempt {s.Attempts.Length} has failed; the next one comes at {OperatorTexts.Moment(time)}");
            todo.Add(s.Attempts.IsEmpty
                ? "It goes on by itself then ('withdrawals release': now)."
                : "It goes on by itself then ('withdrawals retry': now).");
        }

        if (s.AwaitsLiquidity)
        {
            waits.Add(events.Select(e => e.Body).OfType<WithdrawalEvent.LiquidityAwaited>().LastOrDefault() is { } awaited
                ? $"the wallet did not cover it at {OperatorTexts.Moment(awaited.AwaitedAt)}: "
                    + $"{awaited.Missing.Units} units of {awaited.Missing.Asset} were missing"
                : "the wallet did not cover it when it was asked for");
            todo.Add("The wallet is filled; it keeps its place.");
        }

        return new(
            s.Attempts.IsEmpty
                ? "queued: the money is held, nothing was sent"
                : "queued again: the attempts so far have failed for certain",
            waits,
            todo.Count == 0 ? "It is paid in its turn, by itself." : string.Join(' ', todo));
    }
}
