using FiberLink.Events.Treasury;

using Decision = FiberLink.Domain.Decision<FiberLink.Events.Treasury.MovementEvent, FiberLink.Domain.Treasury.MovementRefusal>;

namespace FiberLink.Domain.Treasury;

/// <summary>What a reorganisation undoes for good of a movement that was complete.</summary>
public static partial class MovementDecider
{
    private static Decision.Accepted Lose(MovementCommand.ReportLost c, MovementState.Completed s) =>
        Accept(new MovementEvent.Lost(
            s.Terms.MovementId,
            c.Attempt,
            s.Last is ClosingAttempt closing ? closing.ChannelId : s.Last!.Evidence!,
            s.Moved(s.Last!),
            c.Detail,
            MovementBooks.Lose(s),
            c.Now));

    // What the same attempt brings is what it had brought: its loss, undone. Another costs what it costs by itself.
    private static Decision.Accepted ArriveAfterLoss(MovementCommand.ReportArrived c, MovementState.Lost s)
    {
        var attempt = s.Attempts[c.Attempt - 1];
        return Accept(new MovementEvent.ArrivedAfterLoss(
            s.Terms.MovementId,
            c.Attempt,
            attempt.Evidence!,
            s.Moved(attempt),
            attempt == s.Last ? MovementBooks.Undo(s.Entry) : MovementBooks.ArriveAtOnce(s.Terms.Amount, (SpendingAttempt)attempt),
            c.Now));
    }
}
