using System.Diagnostics;
using FiberLink.Domain.Money;
using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;

using Decision = FiberLink.Domain.Decision<FiberLink.Events.Treasury.MovementEvent, FiberLink.Domain.Treasury.MovementRefusal>;

namespace FiberLink.Domain.Treasury;

/// <summary>All rules about one movement. Pure: the same command in the same state is always answered alike.</summary>
public static partial class MovementDecider
{
    public const int AttemptsMax = 4;

    public static Decision Decide(MovementCommand command, MovementState state) =>
        (command, state) switch
        {
            (MovementCommand.RequestSweep c, MovementState.Unknown) => Request(c),
            (MovementCommand.RequestBooking c, MovementState.Unknown) => Request(c),
            (MovementCommand.RequestOpening c, MovementState.Unknown) => Request(c),
            (MovementCommand.RequestClosing c, MovementState.Unknown) =>
                Accept(new MovementEvent.ClosingRequested(c.MovementId, c.ChannelId, c.By, c.Reason, c.Now)),

            // A retry repeats its words. The same id with other words is a mistake to point out.
            (MovementCommand.RequestSweep c, MovementState.Known { Terms: MovementTerms.Sweep terms }) =>
                Same((c.Amount, c.To, c.By) == (terms.Amount, terms.To, terms.By)),
            (MovementCommand.RequestBooking c, MovementState.Known { Terms: MovementTerms.Booking terms }) =>
                Same((c.Amount, c.Place, c.Way, c.By) == (terms.Amount, terms.Place, terms.Way, terms.By)),
            (MovementCommand.RequestOpening c, MovementState.Known { Terms: MovementTerms.Opening terms }) =>
                Same((c.Amount, c.Peer, c.By) == (terms.Amount, terms.Peer, terms.By)),
            (MovementCommand.RequestClosing c, MovementState.Known { Terms: MovementTerms.Closing terms }) =>
                Same((c.ChannelId, c.By) == (terms.ChannelId, terms.By)),
            (MovementCommand.RequestSweep or MovementCommand.RequestBooking or MovementCommand.RequestOpening
                or MovementCommand.RequestClosing, _) => Refuse(MovementRefusal.ExistsWithOtherTerms),

            (_, MovementState.Unknown) => Refuse(MovementRefusal.MovementIsUnknown),

            (MovementCommand.Approve c, MovementState.Requested s) => Approve(c, s),
            (MovementCommand.Approve, MovementState.Failed or MovementState.Cancelled) => Refuse(MovementRefusal.IsOver),
            (MovementCommand.Approve, MovementState.Known) => NothingNew,

            (MovementCommand.Cancel c, MovementState.Requested or MovementState.Approved) =>
                Accept(new MovementEvent.Cancelled(IdOf(state), c.By, c.Reason, c.Now)),
            (MovementCommand.Cancel, MovementState.Cancelled) => NothingNew,
            (MovementCommand.Cancel, MovementState.UnderWay) => Refuse(MovementRefusal.IsOnItsWay),
            (MovementCommand.Cancel, MovementState.Known) => Refuse(MovementRefusal.IsOver),

            (MovementCommand.Prepare c, MovementState.Known s) => Prepare(c, s),
            (MovementCommand.PrepareToken c, MovementState.Known s) => Prepare(c, s),
            (MovementCommand.PrepareFunding c, MovementState.Known s) => Prepare(c, s),
            (MovementCommand.PrepareClose c, MovementState.Known s) => Prepare(c, s),
            (MovementCommand.Sighting c, MovementState.Known s) =>
                c.Attempt < 1 || c.Attempt > s.Attempts.Length ? Refuse(MovementRefusal.AttemptDoesNotFit)

                // Of those before the last it is certain that they are dead, and nothing more is asked of them; unless it turns out that
                // this was so of the last one, and not of them.
                : c.Attempt < s.Attempts.Length && (c, s) is not (MovementCommand.ReportArrived, MovementState.Lost) ? NothingNew
                : !Fits(c, s.Attempts[c.Attempt - 1]) ? Refuse(MovementRefusal.AttemptDoesNotFit)
                : Seen(c, s),

            // Somebody has agreed in the meantime; or nobody had, and it was not looked at whether it is covered.
            (MovementCommand.GiveUp { Reason: MovementFailure.NotApproved } c, MovementState.Requested) => Fail(c, state),
            (MovementCommand.GiveUp { Reason: not MovementFailure.NotApproved } c, MovementState.Approved) => Fail(c, state),
            (MovementCommand.GiveUp, MovementState.UnderWay) => Refuse(MovementRefusal.IsOnItsWay),
            (MovementCommand.GiveUp, MovementState.Known) => NothingNew,

            _ => throw new UnreachableException($"{command.GetType().Name} when the movement is {state.GetType().Name}."),
        };

    private static Decision Request(MovementCommand.RequestSweep c) =>
        !c.IsAllowed ? Refuse(MovementRefusal.DestinationNotAllowed)
        : c.Amount.Units == 0 || c.Amount.Units > (c.Amount.Asset == Asset.Ckb ? AssetDefinition.Ckb.UnitsMax : Amount.UnitsMax)
            ? Refuse(MovementRefusal.AmountDoesNotFit)
        : Accept(new MovementEvent.SweepRequested(c.MovementId, c.Amount, c.To, c.By, c.Reason, c.Now));

    private static Decision Request(MovementCommand.RequestBooking c) =>
        c.Amount.Units == 0 || c.Amount.Units > Amount.UnitsMax
            ? Refuse(MovementRefusal.AmountDoesNotFit)
            : Accept(new MovementEvent.BookingRequested(c.MovementId, c.Place, c.Way, c.Amount, c.By, c.Reason, c.Now));

    private static Decision Approve(MovementCommand.Approve c, MovementState.Requested s)
    {
        var approved = new MovementEvent.Approved(s.Terms.MovementId, c.By, c.Reason, c.Now);
        return OperatorWords.IsSamePerson(c.By, s.Terms.By) ? Refuse(MovementRefusal.ApproverIsRequester)
            : s.Terms is MovementTerms.Booking booking
                ? Accept(approved, new MovementEvent.Booked(booking.MovementId, MovementBooks.Book(booking), c.Now))
            : Accept(approved);
    }

    private static Decision Prepare(MovementCommand.Prepare c, MovementState.Known s) => PrepareSpending(
        s,
        new SpendingAttempt(c.Attempt, c.Transaction, c.Now),
        s.Terms is MovementTerms.Sweep,
        entry => new MovementEvent.Prepared(s.Terms.MovementId, c.Attempt, c.Transaction, entry, c.Now));

    private static Decision Prepare(MovementCommand.PrepareToken c, MovementState.Known s) => PrepareSpending(
        s,
        new TokenAttempt(c.Attempt, c.Transaction, c.Capacity, c.Now),
        s.Terms is MovementTerms.Sweep,
        entry => new MovementEvent.TokenPrepared(s.Terms.MovementId, c.Attempt, c.Transaction, c.Capacity, entry, c.Now));

    private static Decision PrepareSpending(
        MovementState.Known s, SpendingAttempt attempt, bool isMeant, Func<JournalEntry, MovementEvent> prepared) =>
        s is MovementState.UnderWay && s.Last!.Evidence == attempt.Evidence
            ? NothingNew
            : WhenReady(s, attempt.Number, attempt.PreparedAt, () => isMeant && CanSpend(attempt, s)
                ? prepared(MovementBooks.Leave(s.Terms.Amount, attempt))
                : null);

    private static bool CanSpend(SpendingAttempt attempt, MovementState.Known s) =>
        attempt.Transaction.Inputs.Count > 0
        && s.Attempts.All(a => a.Evidence != attempt.Evidence)
        && MovementBooks.CanPost(s.Terms.Amount, attempt);

    private static Decision WhenReady(MovementState.Known s, int attempt, DateTimeOffset now, Func<MovementEvent?> prepare) =>
        s switch
        {
            MovementState.UnderWay => Refuse(MovementRefusal.AttemptDoesNotFit),
            MovementState.Requested => Refuse(MovementRefusal.IsNotApproved),
            MovementState.Approved ready => attempt == s.Attempts.Length + 1 && ready.IsReady(now) && prepare() is { } prepared
                ? Accept(prepared)
                : Refuse(MovementRefusal.AttemptDoesNotFit),
            _ => Refuse(MovementRefusal.IsOver),
        };

    private static Decision Seen(MovementCommand.Sighting command, MovementState.Known state) =>
        (command, state) switch
        {
            (MovementCommand.ReportSent c, MovementState.Prepared s) =>
                Accept(new MovementEvent.Sent(s.Terms.MovementId, c.Attempt, c.Now)),

            (MovementCommand.ReportInBlock c, MovementState.InBlock s) when s.BlockHash == c.BlockHash => NothingNew,
            (MovementCommand.ReportInBlock c, MovementState.UnderWay) => Included(c, state),
            (MovementCommand.ReportInBlock c, MovementState.Completed { IsFinal: false } s) when s.BlockHash != c.BlockHash =>
                Included(c, state),

            (MovementCommand.ReportTakenBack c, MovementState.InBlock s) when s.BlockHash == c.BlockHash => TakenBack(c, s),
            (MovementCommand.ReportTakenBack c, MovementState.Completed { IsFinal: false } s) when s.BlockHash == c.BlockHash =>
                TakenBack(c, s),

            (MovementCommand.ReportDeep c, MovementState.InBlock s) => Complete(c, s),
            (MovementCommand.ReportFunded c, MovementState.InBlock s) => Complete(c, s),
            (MovementCommand.ReportDead c, MovementState.Prepared or MovementState.Sent) => Dead(c, state),
            (MovementCommand.PrepareReturn c, MovementState.Prepared or MovementState.Sent) => Return(c, state),
            (MovementCommand.ReportReturned c, MovementState.Prepared or MovementState.Sent) => Returned(c, state),
            (MovementCommand.ReportClosed c, MovementState.Prepared or MovementState.Sent) => Closed(c, state),
            (MovementCommand.ReportClosedOtherwise c, MovementState.Prepared or MovementState.Sent) => ClosedOtherwise(c, state),

            (MovementCommand.ReportFinal c, MovementState.Completed { IsFinal: false, BlockHash: not null } s) =>
                Accept(new MovementEvent.MadeFinal(s.Terms.MovementId, s.Last!.Evidence!, c.Now)),

            (MovementCommand.ReportLost c, MovementState.Completed { IsFinal: false, BlockHash: null } s) => Lose(c, s),
            (MovementCommand.ReportArrived c, MovementState.Lost s) => ArriveAfterLoss(c, s),

            _ => NothingNew,
        };

    private static Decision.Accepted Included(MovementCommand.ReportInBlock c, MovementState.Known s) =>
        Accept(new MovementEvent.IncludedInBlock(s.Terms.MovementId, c.Attempt, c.BlockNumber, c.BlockHash, c.Now));

    private static Decision.Accepted TakenBack(MovementCommand.ReportTakenBack c, MovementState.Known s) =>
        Accept(new MovementEvent.TakenBack(s.Terms.MovementId, c.Attempt, c.BlockHash, c.Now));

    private static Decision.Accepted Complete(MovementCommand.ReportDeep c, MovementState.InBlock s)
    {
        if (s.Last is ClosingAttempt { Closed: { } closed } closing)
        {
            var (entry, cost) = MovementBooks.ArriveFromChannel(closing, closed);
            return Accept(new MovementEvent.Completed(s.Terms.MovementId, c.Attempt, closed.Evidence, cost, entry, c.Now));
        }

        var attempt = (SpendingAttempt)s.Last!;
        return Accept(new MovementEvent.Completed(
            s.Terms.MovementId,
            c.Attempt,
            attempt.Transaction.Hash,
            attempt.Transaction.Fee,
            MovementBooks.Arrive(s.Terms.Amount, attempt),
            c.Now));
    }

    private static Decision.Accepted Dead(MovementCommand.ReportDead c, MovementState.Known s)
    {
        if (s.Last is ClosingAttempt closing)
        {
            return Stays(s, closing, c.Attempt, c.Detail, c.Now);
        }

        var attempt = (SpendingAttempt)s.Last!;
        return Failed(s, c, attempt.Transaction.Hash, c.Detail, c.RetryAt, MovementBooks.Return(s.Terms.Amount, attempt));
    }

    private static Decision.Accepted Failed(
        MovementState.Known s, MovementCommand.Sighting c, string evidence, string detail, DateTimeOffset retryAt, JournalEntry entry)
    {
        var isLast = s.Attempts.Length >= AttemptsMax;
        var failed = new MovementEvent.AttemptFailed(
            s.Terms.MovementId, c.Attempt, evidence, detail, isLast ? null : retryAt, entry, c.Now);
        return isLast
            ? Accept(failed, new MovementEvent.Failed(s.Terms.MovementId, MovementFailure.AttemptsExhausted, detail, c.Now))
            : Accept(failed);
    }

    private static Decision.Accepted Fail(MovementCommand.GiveUp c, MovementState state) =>
        Accept(new MovementEvent.Failed(IdOf(state), c.Reason, c.Detail, c.Now));

    private static Guid IdOf(MovementState state) => ((MovementState.Known)state).Terms.MovementId;

    private static Decision Same(bool isSame) => isSame ? NothingNew : Refuse(MovementRefusal.ExistsWithOtherTerms);

    private static Decision.Accepted Accept(params MovementEvent[] events) => new(events);

    private static Decision.Refused Refuse(MovementRefusal reason) => new(reason);

    private static Decision.Accepted NothingNew { get; } = new([]);
}
