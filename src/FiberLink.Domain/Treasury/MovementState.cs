using System.Collections.Immutable;
using System.Diagnostics;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;

namespace FiberLink.Domain.Treasury;

/// <summary>Where one movement stands, with no more than the next decision needs.</summary>
public abstract record MovementState
{
    private MovementState()
    {
    }

    public static MovementState Initial { get; } = new Unknown();

    public sealed record Unknown : MovementState;

    /// <param name="Terms">What was asked for.</param>
    /// <param name="Attempts">All that were ever made, in order.</param>
    public abstract record Known(MovementTerms Terms, ImmutableArray<MovementAttempt> Attempts) : MovementState
    {
        public MovementAttempt? Last => Attempts.IsEmpty ? null : Attempts[^1];

        /// <summary>What an attempt moves to where it is to be.</summary>
        public Amount Moved(MovementAttempt attempt) =>
            attempt is ClosingAttempt { Closed: { } closed } ? closed.Returned : Terms.Amount;
    }

    /// <summary>Somebody else must agree first.</summary>
    public sealed record Requested(MovementTerms Terms) : Known(Terms, []);

    /// <summary>It is to be done, and nothing is under way.</summary>
    /// <param name="Terms">What was asked for.</param>
    /// <param name="Attempts">Those that came to nothing.</param>
    /// <param name="ApprovedAt">Since when.</param>
    /// <param name="NotBefore">The end of the pause between attempts.</param>
    public sealed record Approved(
        MovementTerms Terms, ImmutableArray<MovementAttempt> Attempts, DateTimeOffset ApprovedAt, DateTimeOffset? NotBefore)
        : Known(Terms, Attempts)
    {
        public bool IsReady(DateTimeOffset now) => NotBefore is not { } time || time <= now;
    }

    /// <summary>Something may have been sent. Only what is seen outside leads on from here.</summary>
    /// <param name="Terms">What was asked for.</param>
    /// <param name="Attempts">The last one is the one that lives.</param>
    /// <param name="ApprovedAt">Since when it is to be done.</param>
    public abstract record UnderWay(MovementTerms Terms, ImmutableArray<MovementAttempt> Attempts, DateTimeOffset ApprovedAt)
        : Known(Terms, Attempts);

    /// <summary>The intent is stored; whether the network has it is not known.</summary>
    public sealed record Prepared(MovementTerms Terms, ImmutableArray<MovementAttempt> Attempts, DateTimeOffset ApprovedAt)
        : UnderWay(Terms, Attempts, ApprovedAt);

    /// <summary>The network was seen to have it; for a channel, the node.</summary>
    public sealed record Sent(MovementTerms Terms, ImmutableArray<MovementAttempt> Attempts, DateTimeOffset ApprovedAt)
        : UnderWay(Terms, Attempts, ApprovedAt);

    /// <summary>A block has it.</summary>
    public sealed record InBlock(
        MovementTerms Terms, ImmutableArray<MovementAttempt> Attempts, DateTimeOffset ApprovedAt, string BlockHash)
        : UnderWay(Terms, Attempts, ApprovedAt);

    /// <summary>It is over.</summary>
    public abstract record Over(MovementTerms Terms, ImmutableArray<MovementAttempt> Attempts) : Known(Terms, Attempts);

    /// <summary>It is where it was to be.</summary>
    /// <param name="Terms">What was asked for.</param>
    /// <param name="Attempts">The last one is the one that moved it.</param>
    /// <param name="BlockHash">The block that has it; null while none is known to have it.</param>
    /// <param name="IsFinal">It is not watched any longer.</param>
    /// <param name="Entry">What was booked when it arrived.</param>
    public sealed record Completed(
        MovementTerms Terms, ImmutableArray<MovementAttempt> Attempts, string? BlockHash, bool IsFinal, JournalEntry Entry)
        : Over(Terms, Attempts);

    /// <summary>It was completed, and can never be in the chain again.</summary>
    /// <param name="Terms">What was asked for.</param>
    /// <param name="Attempts">The last one is the one that had moved it.</param>
    /// <param name="Entry">What was undone.</param>
    public sealed record Lost(MovementTerms Terms, ImmutableArray<MovementAttempt> Attempts, JournalEntry Entry) : Over(Terms, Attempts);

    /// <summary>What was lost is where it was to be all the same.</summary>
    public sealed record ArrivedAfterLoss(MovementTerms Terms, ImmutableArray<MovementAttempt> Attempts) : Over(Terms, Attempts);

    /// <summary>The books have it.</summary>
    public sealed record Booked(MovementTerms Terms) : Over(Terms, []);

    public sealed record Failed(MovementTerms Terms, ImmutableArray<MovementAttempt> Attempts, MovementFailure Reason)
        : Over(Terms, Attempts);

    public sealed record Cancelled(MovementTerms Terms, ImmutableArray<MovementAttempt> Attempts) : Over(Terms, Attempts);

    /// <summary>Repeats what happened. It never refuses: history is not up for decision.</summary>
    public static MovementState Evolve(MovementState state, MovementEvent @event) =>
        (state, @event) switch
        {
            (Unknown, MovementEvent.SweepRequested e) => new Requested(
                new MovementTerms.Sweep(e.MovementId, e.Amount, e.To, e.By, e.RequestedAt)),
            (Unknown, MovementEvent.BookingRequested e) => new Requested(
                new MovementTerms.Booking(e.MovementId, e.Amount, e.Place, e.Way, e.By, e.RequestedAt)),
            (Unknown, MovementEvent.OpeningRequested e) => new Requested(
                new MovementTerms.Opening(e.MovementId, e.Amount, e.Peer, e.By, e.RequestedAt)),
            (Unknown, MovementEvent.ClosingRequested e) => new Requested(
                new MovementTerms.Closing(e.MovementId, e.ChannelId, e.By, e.RequestedAt)),
            (Requested s, MovementEvent.Approved e) => new Approved(s.Terms, s.Attempts, e.ApprovedAt, null),
            (Approved s, MovementEvent.Booked) => new Booked(s.Terms),
            (Approved s, MovementEvent.Prepared e) => new Prepared(
                s.Terms, s.Attempts.Add(new SpendingAttempt(e.Attempt, e.Transaction, e.PreparedAt)), s.ApprovedAt),
            (Approved s, MovementEvent.TokenPrepared e) => new Prepared(
                s.Terms, s.Attempts.Add(new TokenAttempt(e.Attempt, e.Transaction, e.Capacity, e.PreparedAt)), s.ApprovedAt),
            (Approved s, MovementEvent.FundingPrepared e) => new Prepared(
                s.Terms,
                s.Attempts.Add(new FundingAttempt(e.Attempt, e.ChannelId, e.Capacity, e.Transaction, null, e.PreparedAt)),
                s.ApprovedAt),
            (Approved s, MovementEvent.ClosePrepared e) => new Prepared(
                s.Terms,
                s.Attempts.Add(new ClosingAttempt(e.Attempt, e.ChannelId, e.Balance, e.Reserved, null, e.PreparedAt)),
                s.ApprovedAt),
            (UnderWay { Last: FundingAttempt last } s, MovementEvent.ReturnPrepared e) =>
                s with { Attempts = s.Attempts.SetItem(s.Attempts.Length - 1, last with { Return = e.Transaction }) },
            (UnderWay { Last: ClosingAttempt last } s, MovementEvent.CloseSeen e) => new Sent(
                s.Terms,
                s.Attempts.SetItem(s.Attempts.Length - 1, last with { Closed = new(e.Evidence, e.Balance, e.Returned) }),
                s.ApprovedAt),
            (UnderWay s, MovementEvent.Sent) => new Sent(s.Terms, s.Attempts, s.ApprovedAt),
            (UnderWay s, MovementEvent.IncludedInBlock e) => new InBlock(s.Terms, s.Attempts, s.ApprovedAt, e.BlockHash),
            (Completed s, MovementEvent.IncludedInBlock e) => s with { BlockHash = e.BlockHash },
            (UnderWay s, MovementEvent.TakenBack) => new Sent(s.Terms, s.Attempts, s.ApprovedAt),
            (Completed s, MovementEvent.TakenBack) => s with { BlockHash = null },
            (UnderWay s, MovementEvent.AttemptFailed e) => new Approved(s.Terms, s.Attempts, s.ApprovedAt, e.RetryAt),
            (InBlock s, MovementEvent.Completed e) => new Completed(s.Terms, s.Attempts, s.BlockHash, IsFinal: false, e.Entry),
            (Completed s, MovementEvent.MadeFinal) => s with { IsFinal = true },
            (Completed s, MovementEvent.Lost e) => new Lost(s.Terms, s.Attempts, e.Entry),
            (Lost s, MovementEvent.ArrivedAfterLoss) => new ArrivedAfterLoss(s.Terms, s.Attempts),
            (Known s, MovementEvent.Failed e) => new Failed(s.Terms, s.Attempts, e.Reason),
            (Known s, MovementEvent.Cancelled) => new Cancelled(s.Terms, s.Attempts),
            _ => throw new UnreachableException(
                $"A movement that is {state.GetType().Name} cannot have been {@event.GetType().Name}."),
        };
}
