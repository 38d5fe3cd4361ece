using System.Diagnostics;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;

using Decision = FiberLink.Domain.Decision<FiberLink.Events.Withdrawals.WithdrawalEvent, FiberLink.Domain.Withdrawals.WithdrawalRefusal>;

namespace FiberLink.Domain.Withdrawals;

/// <summary>All rules about one withdrawal. Pure: the same command in the same state is always answered alike.</summary>
public static class WithdrawalDecider
{
    /// <summary>The first attempt and three more, as the published service has it.</summary>
    public const int AttemptsMax = 4;

    /// <summary>How long an operator may hold one back. Then it fails: nothing is sent, and the member has the money.</summary>
    public static TimeSpan HeldBackMax { get; } = TimeSpan.FromDays(30);

    public static Decision Decide(WithdrawalCommand command, WithdrawalState state) =>
        (command, state) switch
        {
            (WithdrawalCommand.Request c, WithdrawalState.Unknown) => Request(c),

            // A retry repeats its words. The same id with other words is a mistake to point out.
            (WithdrawalCommand.Request c, WithdrawalState.Known s) =>
                (c.Member, c.Amount, c.Destination) == (s.Terms.Member, s.Terms.Amount, s.Terms.Destination)
                    ? NothingNew
                    : Refuse(WithdrawalRefusal.ExistsWithOtherTerms),

            (_, WithdrawalState.Unknown) => Refuse(WithdrawalRefusal.WithdrawalIsUnknown),

            (WithdrawalCommand.Decision c, WithdrawalState.Queued s) => Decided(c, s),
            (WithdrawalCommand.Cancel, WithdrawalState.Cancelled) => NothingNew,
            (WithdrawalCommand.Decision, WithdrawalState.UnderWay) => Refuse(WithdrawalRefusal.IsOnItsWay),
            (WithdrawalCommand.Decision, WithdrawalState.Known) => Refuse(WithdrawalRefusal.IsOver),

            (WithdrawalCommand.AwaitLiquidity c, WithdrawalState.Queued { AwaitsLiquidity: false } s) =>
                Accept(new WithdrawalEvent.LiquidityAwaited(s.Terms.WithdrawalId, c.Missing, c.Now)),
            (WithdrawalCommand.AwaitLiquidity, WithdrawalState.Known) => NothingNew,

            (WithdrawalCommand.ReportCovered c, WithdrawalState.Queued { AwaitsLiquidity: true } s) =>
                Accept(new WithdrawalEvent.LiquidityCovered(s.Terms.WithdrawalId, c.Now)),
            (WithdrawalCommand.ReportCovered, WithdrawalState.Known) => NothingNew,

            (WithdrawalCommand.PrepareTransaction c, WithdrawalState.Known s) => Prepare(c, s),
            (WithdrawalCommand.PreparePayment c, WithdrawalState.Known s) => Prepare(c, s),

            (WithdrawalCommand.Transfer, WithdrawalState.Completed { Terms.Destination.Kind: DestinationKind.TipInvoice }) => NothingNew,
            (WithdrawalCommand.Transfer c, WithdrawalState.Known s) => Transfer(c, s),

            (WithdrawalCommand.Sighting c, WithdrawalState.Known s) => WithdrawalSightings.Seen(c, s),

            // Somebody has released it, or agreed, in the meantime.
            (WithdrawalCommand.GiveUp { Reason: WithdrawalFailure.NotReleased }, WithdrawalState.Queued { IsHeldBack: false }) =>
                NothingNew,
            (WithdrawalCommand.GiveUp { Reason: WithdrawalFailure.NotApproved }, WithdrawalState.Queued { NeedsApproval: false }) =>
                NothingNew,
            (WithdrawalCommand.GiveUp c, WithdrawalState.Queued s) => Accept(WithdrawalBooks.Fail(s.Terms, c.Reason, c.Detail, c.Now)),
            (WithdrawalCommand.GiveUp, WithdrawalState.UnderWay) => Refuse(WithdrawalRefusal.IsOnItsWay),
            (WithdrawalCommand.GiveUp, WithdrawalState.Known) => NothingNew,

            (WithdrawalCommand.QuoteUsd c, WithdrawalState.Completed { HasUsd: false } s) =>
                Accept(new WithdrawalEvent.UsdQuoted(s.Terms.WithdrawalId, c.Usd, c.Now)),
            (WithdrawalCommand.QuoteUsd, WithdrawalState.Known) => NothingNew,

            _ => throw new UnreachableException($"{command.GetType().Name} when the withdrawal is {state.GetType().Name}."),
        };

    private static Decision Request(WithdrawalCommand.Request c)
    {
        var verdict = PayoutRules.Judge(c.Amount.Units, c.Destination.Kind, c.Facts, c.Now);
        if (verdict.Refusal is not null)
        {
            return Refuse(WithdrawalRefusal.RuleIsBroken);
        }

        var asset = c.Amount.Asset;
        var hold = new Amount(asset, verdict.Hold);
        return Accept(new WithdrawalEvent.Requested(
            c.WithdrawalId,
            c.Member,
            c.Amount,
            new(asset, verdict.Pays),
            hold,
            c.Destination,
            verdict.NeedsApproval,
            verdict.NotBefore,
            verdict.NeedsLiquidity,
            JournalEntry.Move(hold, (Account.MemberAvailable, c.Member), (Account.MemberHeld, c.Member)),
            c.Now));
    }

    private static Decision Decided(WithdrawalCommand.Decision command, WithdrawalState.Queued s) =>
        command switch
        {
            WithdrawalCommand.Approve when !s.NeedsApproval && !s.IsApproved => Refuse(WithdrawalRefusal.NothingToApprove),
            WithdrawalCommand.Approve c when c.By == s.Terms.Member => Refuse(WithdrawalRefusal.ApproverIsRequester),
            WithdrawalCommand.Approve when s.IsApproved => NothingNew,
            WithdrawalCommand.Approve c => Accept(new WithdrawalEvent.Approved(s.Terms.WithdrawalId, c.By, c.Reason, c.Now)),
            WithdrawalCommand.HoldBack when s.IsHeldBack => NothingNew,
            WithdrawalCommand.HoldBack c => Accept(new WithdrawalEvent.HeldBack(s.Terms.WithdrawalId, c.By, c.Reason, c.Now)),

            // What waits for its next attempt, or for a new destination to cool off, need not wait when an operator says so.
            WithdrawalCommand.Release when !s.IsHeldBack && s.NotBefore is null => NothingNew,
            WithdrawalCommand.Release c => Accept(new WithdrawalEvent.Released(s.Terms.WithdrawalId, c.By, c.Reason, c.Now)),
            WithdrawalCommand.Cancel c => Accept(new WithdrawalEvent.Cancelled(
                s.Terms.WithdrawalId, c.By, c.Reason, WithdrawalBooks.GiveBack(s.Terms), c.Now)),
            _ => throw new UnreachableException($"{command.GetType().Name} is not a decision."),
        };

    private static Decision Prepare(WithdrawalCommand.PrepareTransaction c, WithdrawalState.Known s)
    {
        if (s is WithdrawalState.UnderWay && s.Last?.Evidence == c.Transaction.Hash)
        {
            return NothingNew;
        }

        var isReplacement = s is WithdrawalState.Prepared or WithdrawalState.Sent;
        return Objection(c.Attempt, DestinationKind.CkbAddress, isReplacement, c.Now, s) is { } objection ? Refuse(objection)

            : c.Transaction.Inputs.Count == 0
                || s.Attempts.Any(a => a.Evidence == c.Transaction.Hash)
                || !WithdrawalBooks.CanPost(s.Terms, c.Transaction)
                ? Refuse(WithdrawalRefusal.AttemptDoesNotFit)

            // Two transactions that spend one cell cannot both be in the chain. Without that both could.
            : c.Transaction.Replaces != (isReplacement ? s.Last?.Evidence : null)
                || (isReplacement && s.Last!.Transaction!.Inputs.Except(c.Transaction.Inputs, StringComparer.Ordinal).Any())
                ? Refuse(WithdrawalRefusal.AttemptDoesNotFit)
            : Accept(new WithdrawalEvent.TransactionPrepared(s.Terms.WithdrawalId, c.Attempt, c.Transaction, c.Now));
    }

    private static Decision Prepare(WithdrawalCommand.PreparePayment c, WithdrawalState.Known s) =>
        s is WithdrawalState.UnderWay { Last: { Transaction: null } last } && (last.Number, last.Fee) == (c.Attempt, c.FeeMax) ? NothingNew
        : Objection(c.Attempt, DestinationKind.PaymentRequest, isReplacement: false, c.Now, s) is { } objection ? Refuse(objection)
        : c.FeeMax.Asset != s.Terms.Hold.Asset || c.FeeMax.Units > s.Terms.FeeMax.Units ? Refuse(WithdrawalRefusal.AttemptDoesNotFit)
        : Accept(new WithdrawalEvent.PaymentPrepared(
            s.Terms.WithdrawalId, c.Attempt, s.Terms.Destination.PaymentHash!, c.FeeMax, c.Now));

    private static Decision Transfer(WithdrawalCommand.Transfer c, WithdrawalState.Known s) =>
        Objection(s.Attempts.Length + 1, DestinationKind.TipInvoice, isReplacement: false, c.Now, s) is { } objection ? Refuse(objection)
        : Accept(new WithdrawalEvent.Transferred(
            s.Terms.WithdrawalId, s.Terms.Destination.PaymentHash!, c.Usd, WithdrawalBooks.PayWithin(s.Terms), c.Now));

    private static WithdrawalRefusal? Objection(
        int attempt, DestinationKind kind, bool isReplacement, DateTimeOffset now, WithdrawalState.Known s) =>
        s is WithdrawalState.Over ? WithdrawalRefusal.IsOver
        : s is WithdrawalState.UnderWay && !isReplacement ? WithdrawalRefusal.IsOnItsWay
        : s is WithdrawalState.Queued queued && !queued.IsReady(now) ? WithdrawalRefusal.IsNotReady
        : attempt != s.Attempts.Length + 1 || s.Terms.Destination.Kind != kind ? WithdrawalRefusal.AttemptDoesNotFit
        : null;

    private static Decision.Accepted Accept(params WithdrawalEvent[] events) => new(events);

    private static Decision.Accepted NothingNew { get; } = new([]);

    private static Decision.Refused Refuse(WithdrawalRefusal reason) => new(reason);
}
