using System.Diagnostics;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;

using Decision = FiberLink.Domain.Decision<FiberLink.Events.Withdrawals.WithdrawalEvent, FiberLink.Domain.Withdrawals.WithdrawalRefusal>;

namespace FiberLink.Domain.Withdrawals;

/// <summary>What follows from what was seen outside. It comes late, twice and out of order, and is never refused for that.</summary>
internal static class WithdrawalSightings
{
    public static Decision Seen(WithdrawalCommand.Sighting command, WithdrawalState.Known state)
    {
        if (command.Attempt < 1 || command.Attempt > state.Attempts.Length)
        {
            return new Decision.Refused(WithdrawalRefusal.AttemptDoesNotFit);
        }

        return (command, state) switch
        {
            (WithdrawalCommand.ReportPaid c, _) => Paid(c, state),

            // News of an attempt that was replaced says nothing of the one that is to be sent now.
            (WithdrawalCommand.ReportSent c, WithdrawalState.Prepared s) when c.Attempt == s.Attempts.Length =>
                Accept(new WithdrawalEvent.Sent(s.Terms.WithdrawalId, c.Attempt, c.Now)),

            (WithdrawalCommand.ReportInBlock c, _) when state.Attempts[c.Attempt - 1].Transaction is null => NothingNew,
            (WithdrawalCommand.ReportInBlock c, WithdrawalState.InBlock s)
                when (s.Attempt, s.BlockHash) == (c.Attempt, c.BlockHash) => NothingNew,
            (WithdrawalCommand.ReportInBlock c, WithdrawalState.UnderWay s) => Included(c, s),

            // It was said to be dead and is not: nothing else may be sent.
            (WithdrawalCommand.ReportInBlock c, WithdrawalState.Queued s) => Included(c, s),
            (WithdrawalCommand.ReportInBlock c, WithdrawalState.Completed { IsFinal: false } s)
                when s.BlockHash != c.BlockHash && !s.CanBothBePaid(c.Attempt, s.Attempt) => Included(c, s),

            (WithdrawalCommand.ReportTakenBack c, WithdrawalState.InBlock s) when s.BlockHash == c.BlockHash => TakenBack(c, s),
            (WithdrawalCommand.ReportTakenBack c, WithdrawalState.Completed { IsFinal: false } s) when s.BlockHash == c.BlockHash =>
                TakenBack(c, s),

            // Of several attempts only the last can be given up, and a failure says so of all of them.
            (WithdrawalCommand.ReportFailed c, WithdrawalState.UnderWay s and not WithdrawalState.InBlock)
                when c.Attempt == s.Attempts.Length => Failed(c, s),

            (WithdrawalCommand.ReportFinal c, WithdrawalState.Completed { IsFinal: false, BlockHash: not null } s) =>
                Accept(new WithdrawalEvent.MadeFinal(s.Terms.WithdrawalId, s.Last!.Evidence, c.Now)),

            (WithdrawalCommand.ReportLost c, WithdrawalState.Completed { IsFinal: false, BlockHash: null } s) when c.Attempt == s.Attempt =>
                Lost(c, s),

            _ => NothingNew,
        };
    }

    private static Decision Paid(WithdrawalCommand.ReportPaid c, WithdrawalState.Known state)
    {
        var (terms, attempt) = (state.Terms, state.Attempts[c.Attempt - 1]);
        var fee = WithdrawalBooks.FeeOf(terms, attempt, c.Fee);
        var completed = new WithdrawalEvent.Completed(
            terms.WithdrawalId, c.Attempt, attempt.Evidence, fee, c.Usd, WithdrawalBooks.Pay(terms, attempt, fee), c.Now);
        return state switch
        {
            WithdrawalState.Failed or WithdrawalState.Cancelled =>
                PaidAfterFailure(c, state, fee, WithdrawalBooks.PayFromSuspense(terms, attempt, fee)),
            WithdrawalState.Lost s => PaidAfterFailure(
                c, s, fee, WithdrawalBooks.PayAfterLoss(terms, s.Attempts[s.Attempt - 1], attempt, fee)),

            // The same payment once more, or one that took its place in the chain. Anything else was paid a second time.
            WithdrawalState.Completed s when !s.CanBothBePaid(c.Attempt, s.Attempt) => NothingNew,
            WithdrawalState.PaidAfterFailure s when s.Paid.Any(p => !s.CanBothBePaid(c.Attempt, p)) => NothingNew,
            WithdrawalState.Completed or WithdrawalState.PaidAfterFailure =>
                PaidAfterFailure(c, state, fee, WithdrawalBooks.PayFromSuspense(terms, attempt, fee)),

            WithdrawalState.InBlock s when s.Attempt != c.Attempt && !s.CanBothBePaid(c.Attempt, s.Attempt) => Accept(
                new WithdrawalEvent.TakenBack(terms.WithdrawalId, s.Attempt, s.BlockHash, c.Now), completed),

            // Given up and in the queue again: what is held is still there to pay with, and nothing more will be sent.
            WithdrawalState.Queued or WithdrawalState.UnderWay => Accept(completed),
            _ => throw new UnreachableException($"Paid when the withdrawal is {state.GetType().Name}."),
        };
    }

    private static Decision PaidAfterFailure(
        WithdrawalCommand.ReportPaid c, WithdrawalState.Known s, Amount fee, JournalEntry entry) =>
        Accept(new WithdrawalEvent.PaidAfterFailure(
            s.Terms.WithdrawalId, c.Attempt, s.Attempts[c.Attempt - 1].Evidence, fee, entry, c.Now));

    private static Decision Included(WithdrawalCommand.ReportInBlock c, WithdrawalState.Known s) =>
        Accept(new WithdrawalEvent.IncludedInBlock(s.Terms.WithdrawalId, c.Attempt, c.BlockNumber, c.BlockHash, c.Now));

    private static Decision TakenBack(WithdrawalCommand.ReportTakenBack c, WithdrawalState.Known s) =>
        Accept(new WithdrawalEvent.TakenBack(s.Terms.WithdrawalId, c.Attempt, c.BlockHash, c.Now));

    private static Decision Lost(WithdrawalCommand.ReportLost c, WithdrawalState.Completed s) =>
        Accept(new WithdrawalEvent.Lost(
            s.Terms.WithdrawalId,
            c.Attempt,
            s.Last!.Evidence,
            c.Detail,
            WithdrawalBooks.Lose(s.Terms, s.Attempts[c.Attempt - 1]),
            c.Now));

    private static Decision Failed(WithdrawalCommand.ReportFailed c, WithdrawalState.UnderWay s)
    {
        // What only paid more for the same cells was no attempt of its own.
        var tried = s.Attempts.Count(a => a.Transaction?.Replaces is null);
        var ends = c.Ends ?? (tried >= WithdrawalDecider.AttemptsMax ? WithdrawalFailure.AttemptsExhausted : null);
        var failed = new WithdrawalEvent.AttemptFailed(
            s.Terms.WithdrawalId, c.Attempt, s.Last!.Evidence, c.Detail, ends is null ? c.RetryAt : null, c.Now);
        return ends is { } reason ? Accept(failed, WithdrawalBooks.Fail(s.Terms, reason, c.Detail, c.Now)) : Accept(failed);
    }

    private static Decision.Accepted Accept(params WithdrawalEvent[] events) => new(events);

    private static Decision.Accepted NothingNew { get; } = new([]);
}
