using FiberLink.Events.Money;

namespace FiberLink.Events.Treasury;

/// <summary>
/// Everything that can have happened to one movement of the hub's own money. Stored for good: add versions, never edit one.
/// </summary>
public abstract record MovementEvent
{
    private MovementEvent()
    {
    }

    /// <summary>An operator wants coins, or tokens, out of the hot wallet, to a cold address.</summary>
    /// <param name="MovementId">Names the stream.</param>
    /// <param name="Amount">What the cold address gets; the fee comes on top.</param>
    /// <param name="To">The address, written in full.</param>
    /// <param name="By">Who.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="RequestedAt">When.</param>
    public sealed record SweepRequested(
        Guid MovementId, Amount Amount, string To, string By, string Reason, DateTimeOffset RequestedAt) : MovementEvent;

    /// <summary>An operator says that capital was put in or taken out, past this service: the books are to know of it.</summary>
    /// <param name="MovementId">Names the stream.</param>
    /// <param name="Place">Where it was put, or from where it was taken.</param>
    /// <param name="Way">Put in or taken out.</param>
    /// <param name="Amount">How much.</param>
    /// <param name="By">Who.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="RequestedAt">When.</param>
    public sealed record BookingRequested(
        Guid MovementId, HubPlace Place, BookingWay Way, Amount Amount, string By, string Reason, DateTimeOffset RequestedAt)
        : MovementEvent;

    /// <summary>An operator wants coins of the hot wallet in a new channel with a peer.</summary>
    /// <param name="MovementId">Names the stream.</param>
    /// <param name="Amount">What is put in, with what the node keeps back of it; the fee comes on top.</param>
    /// <param name="Peer">The other side's public key: 66 lower-case hex digits.</param>
    /// <param name="By">Who.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="RequestedAt">When.</param>
    public sealed record OpeningRequested(
        Guid MovementId, Amount Amount, string Peer, string By, string Reason, DateTimeOffset RequestedAt) : MovementEvent;

    /// <summary>An operator wants a channel closed, and what is ours of it back in the hot wallet.</summary>
    /// <param name="MovementId">Names the stream.</param>
    /// <param name="ChannelId">0x and 64 lower-case hex digits.</param>
    /// <param name="By">Who.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="RequestedAt">When.</param>
    public sealed record ClosingRequested(Guid MovementId, string ChannelId, string By, string Reason, DateTimeOffset RequestedAt)
        : MovementEvent;

    /// <summary>Another person has agreed.</summary>
    public sealed record Approved(Guid MovementId, string By, string Reason, DateTimeOffset ApprovedAt) : MovementEvent;

    /// <summary>The books have it.</summary>
    /// <param name="MovementId">Names the stream.</param>
    /// <param name="Entry">Between the place and the hub's capital.</param>
    /// <param name="BookedAt">When.</param>
    public sealed record Booked(Guid MovementId, JournalEntry Entry, DateTimeOffset BookedAt) : MovementEvent, IMovesMoney;

    /// <summary>The intent, stored before anybody is sent anything.</summary>
    /// <param name="MovementId">Names the stream.</param>
    /// <param name="Attempt">1 for the first.</param>
    /// <param name="Transaction">What will be sent, and sent again, byte for byte.</param>
    /// <param name="Entry">From the chain to what is in flight: amount and fee.</param>
    /// <param name="PreparedAt">When.</param>
    public sealed record Prepared(
        Guid MovementId, int Attempt, SweepTransaction Transaction, JournalEntry Entry, DateTimeOffset PreparedAt)
        : MovementEvent, IMovesMoney;

    /// <summary>As <see cref="Prepared"/>, of a token: its cell takes up room, which moves with it.</summary>
    /// <param name="MovementId">Names the stream.</param>
    /// <param name="Attempt">1 for the first.</param>
    /// <param name="Transaction">What will be sent, and sent again, byte for byte.</param>
    /// <param name="Capacity">The coins that its cell is made of, as much as it takes up.</param>
    /// <param name="Entry">From the chain to what is in flight: the token, and the coins for room and fee.</param>
    /// <param name="PreparedAt">When.</param>
    public sealed record TokenPrepared(
        Guid MovementId,
        int Attempt,
        SweepTransaction Transaction,
        Amount Capacity,
        JournalEntry Entry,
        DateTimeOffset PreparedAt) : MovementEvent, IMovesMoney;

    /// <summary>The intent to fund a channel, stored before the node is given our signature.</summary>
    /// <param name="MovementId">Names the stream.</param>
    /// <param name="Attempt">1 for the first.</param>
    /// <param name="ChannelId">The channel's name.</param>
    /// <param name="Capacity">What the channel holds of both sides, with what is kept back of each.</param>
    /// <param name="Transaction">
    /// Signed for our cells, which are the ones that are named; what it costs is our part. Only the node may send it: before the peer has
    /// signed how the channel ends, what is in it could be held back from us.
    /// </param>
    /// <param name="Entry">From the chain to what is in flight: amount and fee.</param>
    /// <param name="PreparedAt">When.</param>
    public sealed record FundingPrepared(
        Guid MovementId,
        int Attempt,
        string ChannelId,
        Amount Capacity,
        SweepTransaction Transaction,
        JournalEntry Entry,
        DateTimeOffset PreparedAt) : MovementEvent, IMovesMoney;

    /// <summary>
    /// The node no longer has the channel, and nobody has seen its funding. Coins that are spent otherwise cannot get into it any more, so
    /// they are sent back to the wallet. One of the two transactions at most will ever be in the chain.
    /// </summary>
    /// <param name="MovementId">Names the stream.</param>
    /// <param name="Attempt">Which.</param>
    /// <param name="Transaction">Spends the same cells of ours, and gives them back to us.</param>
    /// <param name="PreparedAt">When.</param>
    public sealed record ReturnPrepared(Guid MovementId, int Attempt, SweepTransaction Transaction, DateTimeOffset PreparedAt)
        : MovementEvent;

    /// <summary>The intent to close a channel, stored before the node is asked.</summary>
    /// <param name="MovementId">Names the stream.</param>
    /// <param name="Attempt">1: there is no other.</param>
    /// <param name="ChannelId">The channel's name.</param>
    /// <param name="Balance">Ours of it, when it was looked at; payments that are under way may still change it.</param>
    /// <param name="Reserved">What the books say that the node keeps back of ours.</param>
    /// <param name="Entry">Of both to what is in flight; null when both are nothing.</param>
    /// <param name="PreparedAt">When.</param>
    public sealed record ClosePrepared(
        Guid MovementId,
        int Attempt,
        string ChannelId,
        Amount Balance,
        Amount Reserved,
        JournalEntry? Entry,
        DateTimeOffset PreparedAt) : MovementEvent, IMovesMoney;

    /// <summary>The channel is closed, and it is known by which transaction.</summary>
    /// <param name="MovementId">Names the stream.</param>
    /// <param name="Attempt">Which.</param>
    /// <param name="Evidence">The transaction's hash.</param>
    /// <param name="Balance">Ours of the channel at its end.</param>
    /// <param name="Returned">What the transaction gives to the wallet.</param>
    /// <param name="SeenAt">When.</param>
    public sealed record CloseSeen(
        Guid MovementId, int Attempt, string Evidence, Amount Balance, Amount Returned, DateTimeOffset SeenAt) : MovementEvent;

    /// <summary>The network, or for a channel the node, was seen to have it.</summary>
    public sealed record Sent(Guid MovementId, int Attempt, DateTimeOffset SentAt) : MovementEvent;

    /// <summary>The transaction is in a block.</summary>
    public sealed record IncludedInBlock(
        Guid MovementId, int Attempt, ulong BlockNumber, string BlockHash, DateTimeOffset IncludedAt) : MovementEvent;

    /// <summary>The block that it was in is no longer part of the chain. The same transaction is sent again.</summary>
    public sealed record TakenBack(Guid MovementId, int Attempt, string BlockHash, DateTimeOffset TakenBackAt) : MovementEvent;

    /// <summary>It is certain that this attempt has moved nothing, and never will.</summary>
    /// <param name="MovementId">Names the stream.</param>
    /// <param name="Attempt">Which.</param>
    /// <param name="Evidence">The hash of its transaction, whose cells are free again.</param>
    /// <param name="Detail">Why, for people.</param>
    /// <param name="RetryAt">When the next one may be made; null when there will be none.</param>
    /// <param name="Entry">From what is in flight back to where it was; null when nothing was.</param>
    /// <param name="FailedAt">When.</param>
    public sealed record AttemptFailed(
        Guid MovementId,
        int Attempt,
        string Evidence,
        string Detail,
        DateTimeOffset? RetryAt,
        JournalEntry? Entry,
        DateTimeOffset FailedAt) : MovementEvent, IMovesMoney;

    /// <summary>The cold address, the channel or the wallet has it, at a depth that counts.</summary>
    /// <param name="MovementId">Names the stream.</param>
    /// <param name="Attempt">The one that moved it.</param>
    /// <param name="Evidence">The transaction's hash.</param>
    /// <param name="Fee">What it cost.</param>
    /// <param name="Entry">From what is in flight to where it is now, and to fees.</param>
    /// <param name="CompletedAt">When.</param>
    public sealed record Completed(
        Guid MovementId, int Attempt, string Evidence, Amount Fee, JournalEntry Entry, DateTimeOffset CompletedAt)
        : MovementEvent, IMovesMoney;

    /// <summary>It lies so deep in the chain that it is not watched any longer; its cells need not be kept.</summary>
    public sealed record MadeFinal(Guid MovementId, string Evidence, DateTimeOffset FinalAt) : MovementEvent;

    /// <summary>
    /// It was completed, a reorganisation took it back, and it is certain that it can never be in the chain again: a cell of it has been
    /// spent by another transaction for good. All that it has booked is undone; where the money is now two persons find out and book.
    /// </summary>
    /// <param name="MovementId">Names the stream.</param>
    /// <param name="Attempt">The one that had moved it.</param>
    /// <param name="Evidence">The hash of its transaction, or the name of the channel that was closed; what it spends is free.</param>
    /// <param name="Amount">What had arrived, and has not.</param>
    /// <param name="Detail">Why, for people.</param>
    /// <param name="Entry">The opposite of all that the movement has booked.</param>
    /// <param name="LostAt">When.</param>
    public sealed record Lost(
        Guid MovementId, int Attempt, string Evidence, Amount Amount, string Detail, JournalEntry Entry, DateTimeOffset LostAt)
        : MovementEvent, IMovesMoney;

    /// <summary>What was certain to be lost has arrived all the same, by this attempt or by one that was believed dead.</summary>
    /// <param name="MovementId">Names the stream.</param>
    /// <param name="Attempt">The one that has moved it.</param>
    /// <param name="Evidence">The transaction's hash.</param>
    /// <param name="Amount">What has arrived.</param>
    /// <param name="Entry">From where it was to where it is now, and to fees.</param>
    /// <param name="SeenAt">When.</param>
    public sealed record ArrivedAfterLoss(
        Guid MovementId, int Attempt, string Evidence, Amount Amount, JournalEntry Entry, DateTimeOffset SeenAt)
        : MovementEvent, IMovesMoney;

    /// <summary>Nothing will be moved.</summary>
    public sealed record Failed(Guid MovementId, MovementFailure Reason, string Detail, DateTimeOffset FailedAt) : MovementEvent;

    /// <summary>Called off before anything was sent.</summary>
    public sealed record Cancelled(Guid MovementId, string By, string Reason, DateTimeOffset CancelledAt) : MovementEvent;
}

/// <summary>A signed transaction that moves the hub's coins.</summary>
/// <param name="Hash">0x and 64 lower-case hex digits.</param>
/// <param name="Bytes">The signed transaction in CKB's encoding, base64.</param>
/// <param name="Inputs">The cells of ours that it spends, each a hash, a colon and an index.</param>
/// <param name="Fee">What it costs.</param>
public sealed record SweepTransaction(string Hash, string Bytes, IReadOnlyList<string> Inputs, Amount Fee)
{
    // The serializer does not look for nulls within a list.
    public IReadOnlyList<string> Inputs { get; init; } =
        Inputs.All(i => i is not null) ? Inputs : throw new ArgumentException("A cell has no name.", nameof(Inputs));

    public bool Equals(SweepTransaction? other) =>
        other is not null && (Hash, Bytes, Fee) == (other.Hash, other.Bytes, other.Fee) && Inputs.SequenceEqual(other.Inputs);

    public override int GetHashCode() => HashCode.Combine(Hash, Fee);
}

/// <summary>Where the hub has money.</summary>
public enum HubPlace
{
    /// <summary>In the hot wallet's cells.</summary>
    OnChain = 1,

    /// <summary>On the hub's side of its node's channels.</summary>
    Channels = 2,

    /// <summary>At cold addresses.</summary>
    Cold = 3,

    /// <summary>In channels, where the node keeps it back until they are closed.</summary>
    KeptBack = 4,
}

public enum BookingWay
{
    PutIn = 1,
    TakenOut = 2,
}

public enum MovementFailure
{
    /// <summary>Nobody agreed to it in time.</summary>
    NotApproved = 1,

    /// <summary>The wallet, or the budget of a day, did not cover it in time.</summary>
    NotCovered = 2,

    /// <summary>The attempts are used up.</summary>
    AttemptsExhausted = 3,

    /// <summary>The address or the peer is not, or no longer, on the list; or the channel is none that can be closed from here.</summary>
    NotAllowed = 4,

    /// <summary>The channel was closed without the peer's agreement: the node fetches what is ours, and an operator books it.</summary>
    ClosedOtherwise = 5,
}
