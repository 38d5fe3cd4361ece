using FiberLink.Domain.Money;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;

using Decision = FiberLink.Domain.Decision<FiberLink.Events.Treasury.MovementEvent, FiberLink.Domain.Treasury.MovementRefusal>;

namespace FiberLink.Domain.Treasury;

/// <summary>What holds for channels that are opened and closed.</summary>
public static partial class MovementDecider
{
    private static Decision Request(MovementCommand.RequestOpening c) =>
        !c.IsAllowed ? Refuse(MovementRefusal.DestinationNotAllowed)
        : c.Amount.Asset != Asset.Ckb || c.Amount.Units == 0 || c.Amount.Units > AssetDefinition.Ckb.UnitsMax
            ? Refuse(MovementRefusal.AmountDoesNotFit)
        : Accept(new MovementEvent.OpeningRequested(c.MovementId, c.Amount, c.Peer, c.By, c.Reason, c.Now));

    private static Decision Prepare(MovementCommand.PrepareFunding c, MovementState.Known s) => PrepareSpending(
        s,
        new FundingAttempt(c.Attempt, c.ChannelId, c.Capacity, c.Transaction, null, c.Now),
        s.Terms is MovementTerms.Opening && c.Capacity.Asset == s.Terms.Amount.Asset && c.Capacity.Units >= s.Terms.Amount.Units,
        entry => new MovementEvent.FundingPrepared(
            s.Terms.MovementId, c.Attempt, c.ChannelId, c.Capacity, c.Transaction, entry, c.Now));

    private static Decision Prepare(MovementCommand.PrepareClose c, MovementState.Known s) =>
        s is MovementState.UnderWay { Last: ClosingAttempt }
            ? NothingNew
            : WhenReady(s, 1, c.Now, () =>
                s.Terms is not MovementTerms.Closing terms || !MovementBooks.CanPost(c.Balance, c.Reserved)
                    ? null
                    : new MovementEvent.ClosePrepared(
                        terms.MovementId,
                        1,
                        terms.ChannelId,
                        c.Balance,
                        c.Reserved,
                        MovementBooks.LeaveChannel(c.Balance, c.Reserved),
                        c.Now));

    /// <summary>Whether what was seen can be seen of such an attempt.</summary>
    private static bool Fits(MovementCommand.Sighting command, MovementAttempt attempt) =>
        (command, attempt) switch
        {
            (MovementCommand.ReportFunded c, FundingAttempt funding) =>
                c.Reserved.Asset == funding.Capacity.Asset && c.Reserved.Units < funding.Capacity.Units,
            (MovementCommand.PrepareReturn or MovementCommand.ReportReturned, FundingAttempt) => true,
            (MovementCommand.ReportFunded or MovementCommand.PrepareReturn or MovementCommand.ReportReturned, _) => false,
            (MovementCommand.ReportClosed c, ClosingAttempt closing) =>
                c.Returned.Units > 0 && MovementBooks.CanPost(c.Balance, closing.Balance, closing.Reserved, c.Returned),
            (MovementCommand.ReportClosedOtherwise, ClosingAttempt) => true,
            (MovementCommand.ReportClosed or MovementCommand.ReportClosedOtherwise, _) => false,
            (MovementCommand.ReportDead, ClosingAttempt closing) => closing.Closed is not null,
            (MovementCommand.ReportDeep, FundingAttempt) => false,
            (MovementCommand.ReportInBlock, { Evidence: null }) => false,
            _ => true,
        };

    private static Decision Complete(MovementCommand.ReportFunded c, MovementState.InBlock s)
    {
        var transaction = ((FundingAttempt)s.Last!).Transaction;
        return c.Reserved.Units >= s.Terms.Amount.Units
            ? Refuse(MovementRefusal.AttemptDoesNotFit)
            : Accept(new MovementEvent.Completed(
                s.Terms.MovementId,
                c.Attempt,
                transaction.Hash,
                transaction.Fee,
                MovementBooks.ArriveInChannel(s.Terms.Amount, c.Reserved, transaction),
                c.Now));
    }

    private static Decision Return(MovementCommand.PrepareReturn c, MovementState.Known s)
    {
        var funding = (FundingAttempt)s.Last!;
        return funding.Return is { } prepared ? c.Transaction.Hash == prepared.Hash ? NothingNew : Refuse(MovementRefusal.AttemptDoesNotFit)
            : c.Transaction.Hash == funding.Transaction.Hash
                || !c.Transaction.Inputs.ToHashSet(StringComparer.Ordinal).SetEquals(funding.Transaction.Inputs)
                || c.Transaction.Fee.Asset != s.Terms.Amount.Asset
                || c.Transaction.Fee.Units >= s.Terms.Amount.Units
                    ? Refuse(MovementRefusal.AttemptDoesNotFit)
            : Accept(new MovementEvent.ReturnPrepared(s.Terms.MovementId, c.Attempt, c.Transaction, c.Now));
    }

    private static Decision Returned(MovementCommand.ReportReturned c, MovementState.Known s) =>
        s.Last is FundingAttempt { Return: { } sentBack } funding
            ? Failed(
                s,
                c,
                funding.Transaction.Hash,
                $"The node gave the channel up, and {sentBack.Hash} has brought the coins back.",
                c.RetryAt,
                MovementBooks.ComeBack(s.Terms.Amount, funding.Transaction, sentBack.Fee))
            : Refuse(MovementRefusal.AttemptDoesNotFit);

    private static Decision Closed(MovementCommand.ReportClosed c, MovementState.Known s) =>
        ((ClosingAttempt)s.Last!).Closed is { } known
            ? known.Evidence == c.Evidence ? NothingNew : Refuse(MovementRefusal.AttemptDoesNotFit)
            : Accept(new MovementEvent.CloseSeen(s.Terms.MovementId, c.Attempt, c.Evidence, c.Balance, c.Returned, c.Now));

    private static Decision ClosedOtherwise(MovementCommand.ReportClosedOtherwise c, MovementState.Known s)
    {
        var closing = (ClosingAttempt)s.Last!;
        return closing.Closed is not null
            ? Refuse(MovementRefusal.AttemptDoesNotFit)
            : Stays(s, closing, c.Attempt, c.Detail, c.Now);
    }

    /// <summary>It is not closed by agreement, or not any more: what is ours of it comes back in another way.</summary>
    private static Decision.Accepted Stays(
        MovementState.Known s, ClosingAttempt closing, int attempt, string detail, DateTimeOffset now) =>
        Accept(
            new MovementEvent.AttemptFailed(
                s.Terms.MovementId, attempt, closing.ChannelId, detail, null, MovementBooks.StayInChannel(closing), now),
            new MovementEvent.Failed(s.Terms.MovementId, MovementFailure.ClosedOtherwise, detail, now));
}
