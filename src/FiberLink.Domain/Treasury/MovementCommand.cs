using FiberLink.Events.Money;
using FiberLink.Events.Treasury;

namespace FiberLink.Domain.Treasury;

/// <summary>What can be asked of a movement. Ids, time and what was seen outside come in with the command.</summary>
public abstract record MovementCommand
{
    private MovementCommand()
    {
    }

    /// <param name="MovementId">Names the stream.</param>
    /// <param name="Amount">What the address is to get.</param>
    /// <param name="To">In full.</param>
    /// <param name="IsAllowed">Whether the address is on the list of cold ones.</param>
    /// <param name="By">Who.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="Now">When.</param>
    public sealed record RequestSweep(
        Guid MovementId, Amount Amount, string To, bool IsAllowed, string By, string Reason, DateTimeOffset Now) : MovementCommand;

    public sealed record RequestBooking(
        Guid MovementId, HubPlace Place, BookingWay Way, Amount Amount, string By, string Reason, DateTimeOffset Now) : MovementCommand;

    /// <param name="MovementId">Names the stream.</param>
    /// <param name="Amount">What is put in, with what the node keeps back of it.</param>
    /// <param name="Peer">The other side's public key.</param>
    /// <param name="IsAllowed">Whether the peer is on the list.</param>
    /// <param name="By">Who.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="Now">When.</param>
    public sealed record RequestOpening(
        Guid MovementId, Amount Amount, string Peer, bool IsAllowed, string By, string Reason, DateTimeOffset Now) : MovementCommand;

    public sealed record RequestClosing(Guid MovementId, string ChannelId, string By, string Reason, DateTimeOffset Now)
        : MovementCommand;

    /// <summary>What a person decides about it.</summary>
    public abstract record Decision(string By, string Reason, DateTimeOffset Now) : MovementCommand;

    public sealed record Approve(string By, string Reason, DateTimeOffset Now) : Decision(By, Reason, Now);

    public sealed record Cancel(string By, string Reason, DateTimeOffset Now) : Decision(By, Reason, Now);

    /// <param name="Attempt">The number it is to have: one more than the last.</param>
    /// <param name="Transaction">Signed.</param>
    /// <param name="Now">When.</param>
    public sealed record Prepare(int Attempt, SweepTransaction Transaction, DateTimeOffset Now) : MovementCommand;

    /// <param name="Attempt">The number it is to have: one more than the last.</param>
    /// <param name="Transaction">Signed; it pays a token.</param>
    /// <param name="Capacity">The coins that the token's cell is made of.</param>
    /// <param name="Now">When.</param>
    public sealed record PrepareToken(int Attempt, SweepTransaction Transaction, Amount Capacity, DateTimeOffset Now) : MovementCommand;

    /// <param name="Attempt">The number it is to have: one more than the last.</param>
    /// <param name="ChannelId">The channel's name.</param>
    /// <param name="Capacity">What the channel holds of both sides.</param>
    /// <param name="Transaction">Signed for our cells; its fee is our part.</param>
    /// <param name="Now">When.</param>
    public sealed record PrepareFunding(
        int Attempt, string ChannelId, Amount Capacity, SweepTransaction Transaction, DateTimeOffset Now) : MovementCommand;

    /// <param name="Balance">Ours of the channel, as it was seen.</param>
    /// <param name="Reserved">What the books say that the node keeps back of ours.</param>
    /// <param name="Now">When.</param>
    public sealed record PrepareClose(Amount Balance, Amount Reserved, DateTimeOffset Now) : MovementCommand;

    /// <summary>What was seen of an attempt.</summary>
    public abstract record Sighting(int Attempt, DateTimeOffset Now) : MovementCommand;

    public sealed record ReportSent(int Attempt, DateTimeOffset Now) : Sighting(Attempt, Now);

    public sealed record ReportInBlock(int Attempt, ulong BlockNumber, string BlockHash, DateTimeOffset Now) : Sighting(Attempt, Now);

    /// <summary>The block is gone from the chain.</summary>
    public sealed record ReportTakenBack(int Attempt, string BlockHash, DateTimeOffset Now) : Sighting(Attempt, Now);

    /// <summary>It lies deep enough to count.</summary>
    public sealed record ReportDeep(int Attempt, DateTimeOffset Now) : Sighting(Attempt, Now);

    /// <summary>It lies deep enough not to be watched any longer.</summary>
    public sealed record ReportFinal(int Attempt, DateTimeOffset Now) : Sighting(Attempt, Now);

    /// <summary>It was taken back, and it is certain that it can never be in the chain again. Not a guess, not a time-out.</summary>
    /// <param name="Attempt">The one that had moved it.</param>
    /// <param name="Detail">Why.</param>
    /// <param name="Now">When.</param>
    public sealed record ReportLost(int Attempt, string Detail, DateTimeOffset Now) : Sighting(Attempt, Now);

    /// <summary>What was lost lies deep enough in the chain to count, by whichever attempt.</summary>
    public sealed record ReportArrived(int Attempt, DateTimeOffset Now) : Sighting(Attempt, Now);

    /// <summary>It is certain that the attempt has moved nothing and never will. Not a guess, not a time-out.</summary>
    /// <param name="Attempt">Which.</param>
    /// <param name="Detail">Why.</param>
    /// <param name="RetryAt">When another may be made.</param>
    /// <param name="Now">When.</param>
    public sealed record ReportDead(int Attempt, string Detail, DateTimeOffset RetryAt, DateTimeOffset Now) : Sighting(Attempt, Now);

    /// <summary>The funding of a channel lies deep enough to count.</summary>
    /// <param name="Attempt">Which.</param>
    /// <param name="Reserved">What the node keeps back of ours.</param>
    /// <param name="Now">When.</param>
    public sealed record ReportFunded(int Attempt, Amount Reserved, DateTimeOffset Now) : Sighting(Attempt, Now);

    /// <summary>The node no longer has the channel: the coins are to be sent back to the wallet.</summary>
    /// <param name="Attempt">Which.</param>
    /// <param name="Transaction">Signed; it spends the same cells of ours.</param>
    /// <param name="Now">When.</param>
    public sealed record PrepareReturn(int Attempt, SweepTransaction Transaction, DateTimeOffset Now) : Sighting(Attempt, Now);

    /// <summary>What sends the coins back lies so deep that it stays, so the channel can never be funded.</summary>
    /// <param name="Attempt">Which.</param>
    /// <param name="RetryAt">When another may be made.</param>
    /// <param name="Now">When.</param>
    public sealed record ReportReturned(int Attempt, DateTimeOffset RetryAt, DateTimeOffset Now) : Sighting(Attempt, Now);

    /// <summary>The channel is closed, with the peer's agreement.</summary>
    /// <param name="Attempt">Which.</param>
    /// <param name="Evidence">The transaction that closed it.</param>
    /// <param name="Balance">Ours of the channel at its end.</param>
    /// <param name="Returned">What the transaction gives to the wallet.</param>
    /// <param name="Now">When.</param>
    public sealed record ReportClosed(int Attempt, string Evidence, Amount Balance, Amount Returned, DateTimeOffset Now)
        : Sighting(Attempt, Now);

    /// <summary>The channel has ended in another way, and what is ours of it comes back in another.</summary>
    public sealed record ReportClosedOtherwise(int Attempt, string Detail, DateTimeOffset Now) : Sighting(Attempt, Now);

    /// <summary>It has waited too long, or may not be done, and nothing was sent.</summary>
    public sealed record GiveUp(MovementFailure Reason, string Detail, DateTimeOffset Now) : MovementCommand;
}

public enum MovementRefusal
{
    MovementIsUnknown = 1,

    /// <summary>The same id with other words: a mistake to point out.</summary>
    ExistsWithOtherTerms = 2,

    /// <summary>The address, or the peer, is not on the list.</summary>
    DestinationNotAllowed = 3,

    /// <summary>It is nothing, more than there can be, or of an asset that is not moved so.</summary>
    AmountDoesNotFit = 4,

    /// <summary>Who asked for it cannot be the one who agrees to it.</summary>
    ApproverIsRequester = 5,

    /// <summary>Something may have been sent: nobody can call it back.</summary>
    IsOnItsWay = 6,

    /// <summary>It is over.</summary>
    IsOver = 7,

    /// <summary>Nobody has agreed to it yet.</summary>
    IsNotApproved = 8,

    /// <summary>The attempt is not the next one, or comes too early, or beside one that may still be taken.</summary>
    AttemptDoesNotFit = 9,
}
