using System.Collections.Immutable;
using System.Diagnostics;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;

namespace FiberLink.Domain.Withdrawals;

/// <summary>Where one withdrawal stands, with no more than the next decision needs.</summary>
public abstract record WithdrawalState
{
    private WithdrawalState()
    {
    }

    public static WithdrawalState Initial { get; } = new Unknown();

    public sealed record Unknown : WithdrawalState;

    /// <param name="Terms">What was agreed.</param>
    /// <param name="Attempts">All that were ever made, in order.</param>
    public abstract record Known(WithdrawalTerms Terms, ImmutableArray<PayoutAttempt> Attempts) : WithdrawalState
    {
        public PayoutAttempt? Last => Attempts.IsEmpty ? null : Attempts[^1];

        /// <summary>
        /// Whether two attempts, by their numbers, could both have been paid. Two transactions over one cell cannot both be in the
        /// chain, and two payments of one invoice are the same one to the node.
        /// </summary>
        public bool CanBothBePaid(int one, int other)
        {
            var (a, b) = (Attempts[one - 1], Attempts[other - 1]);
            return a.Evidence != b.Evidence
                && a.Transaction?.Inputs.Intersect(b.Transaction?.Inputs ?? [], StringComparer.Ordinal).Any() != true;
        }
    }

    /// <summary>The money is held, and nothing is under way.</summary>
    /// <param name="Terms">What was agreed.</param>
    /// <param name="Attempts">Those that failed.</param>
    /// <param name="NeedsApproval">Somebody must agree first.</param>
    /// <param name="IsHeldBack">An operator wants nothing sent.</param>
    /// <param name="AwaitsLiquidity">It was not covered when it was looked at last. It may be by now.</param>
    /// <param name="NotBefore">The end of a cooling-off or of the pause between attempts.</param>
    public sealed record Queued(
        WithdrawalTerms Terms,
        ImmutableArray<PayoutAttempt> Attempts,
        bool NeedsApproval,
        bool IsHeldBack,
        bool AwaitsLiquidity,
        DateTimeOffset? NotBefore) : Known(Terms, Attempts)
    {
        /// <summary>Since when an operator wants nothing sent; null where none does.</summary>
        public DateTimeOffset? HeldBackAt { get; init; }

        /// <summary>Somebody has agreed.</summary>
        public bool IsApproved { get; init; }

        public bool IsReady(DateTimeOffset now) => !NeedsApproval && !IsHeldBack && (NotBefore is not { } time || time <= now);
    }

    /// <summary>Something may have been sent. Only what is seen outside leads on from here.</summary>
    public abstract record UnderWay(WithdrawalTerms Terms, ImmutableArray<PayoutAttempt> Attempts) : Known(Terms, Attempts);

    /// <summary>The intent is stored; whether the network has it is not known.</summary>
    public sealed record Prepared(WithdrawalTerms Terms, ImmutableArray<PayoutAttempt> Attempts) : UnderWay(Terms, Attempts);

    /// <summary>The network was seen to have it.</summary>
    public sealed record Sent(WithdrawalTerms Terms, ImmutableArray<PayoutAttempt> Attempts) : UnderWay(Terms, Attempts);

    /// <summary>A block has it.</summary>
    public sealed record InBlock(
        WithdrawalTerms Terms, ImmutableArray<PayoutAttempt> Attempts, int Attempt, ulong BlockNumber, string BlockHash)
        : UnderWay(Terms, Attempts);

    /// <summary>It is over.</summary>
    public abstract record Over(WithdrawalTerms Terms, ImmutableArray<PayoutAttempt> Attempts) : Known(Terms, Attempts);

    /// <summary>The recipient has it.</summary>
    /// <param name="Terms">What was agreed.</param>
    /// <param name="Attempts">All of them.</param>
    /// <param name="Attempt">The one that paid; 0 for a transfer within the hub, which nobody attempts.</param>
    /// <param name="BlockHash">The block that has it; null for a payment, and while none is known to have it.</param>
    /// <param name="HasUsd">What it was worth is known.</param>
    /// <param name="IsFinal">It is not watched any longer.</param>
    /// <param name="CompletedAt">When.</param>
    public sealed record Completed(
        WithdrawalTerms Terms,
        ImmutableArray<PayoutAttempt> Attempts,
        int Attempt,
        string? BlockHash,
        bool HasUsd,
        bool IsFinal,
        DateTimeOffset CompletedAt)
        : Over(Terms, Attempts);

    public sealed record Failed(WithdrawalTerms Terms, ImmutableArray<PayoutAttempt> Attempts, WithdrawalFailure Reason)
        : Over(Terms, Attempts);

    public sealed record Cancelled(WithdrawalTerms Terms, ImmutableArray<PayoutAttempt> Attempts) : Over(Terms, Attempts);

    /// <summary>It was completed, and can never be in the chain again: an operator decides about what is in suspense.</summary>
    /// <param name="Terms">What was agreed.</param>
    /// <param name="Attempts">All of them.</param>
    /// <param name="Attempt">The one that had paid.</param>
    public sealed record Lost(WithdrawalTerms Terms, ImmutableArray<PayoutAttempt> Attempts, int Attempt) : Over(Terms, Attempts);

    /// <summary>What had failed or was lost was paid after all: an operator decides.</summary>
    /// <param name="Terms">What was agreed.</param>
    /// <param name="Attempts">All of them.</param>
    /// <param name="Paid">Those that paid.</param>
    public sealed record PaidAfterFailure(WithdrawalTerms Terms, ImmutableArray<PayoutAttempt> Attempts, ImmutableArray<int> Paid)
        : Over(Terms, Attempts);

    /// <summary>Repeats what happened. It never refuses: history is not up for decision.</summary>
    public static WithdrawalState Evolve(WithdrawalState state, WithdrawalEvent @event) =>
        (state, @event) switch
        {
            (Unknown, WithdrawalEvent.Requested e) => new Queued(
                new(e.WithdrawalId, e.Member, e.Amount, e.Pays, e.Hold, e.Destination, e.RequestedAt),
                [],
                e.NeedsApproval,
                IsHeldBack: false,
                e.NeedsLiquidity,
                e.NotBefore),
            (Queued s, WithdrawalEvent.Approved) => s with { NeedsApproval = false, IsApproved = true },
            (Queued s, WithdrawalEvent.HeldBack e) => s with { IsHeldBack = true, HeldBackAt = e.HeldBackAt },
            (Queued s, WithdrawalEvent.Released) => s with { IsHeldBack = false, HeldBackAt = null, NotBefore = null },
            (Queued s, WithdrawalEvent.LiquidityAwaited) => s with { AwaitsLiquidity = true },
            (Queued s, WithdrawalEvent.LiquidityCovered) => s with { AwaitsLiquidity = false },
            (Known s, WithdrawalEvent.TransactionPrepared e) =>
                new Prepared(
                    s.Terms, s.Attempts.Add(new(e.Attempt, e.Transaction.Hash, e.Transaction.Fee, e.Transaction, e.PreparedAt))),
            (Known s, WithdrawalEvent.PaymentPrepared e) =>
                new Prepared(s.Terms, s.Attempts.Add(new(e.Attempt, e.PaymentHash, e.FeeMax, null, e.PreparedAt))),
            (UnderWay s, WithdrawalEvent.Sent) => new Sent(s.Terms, s.Attempts),
            (UnderWay or Queued, WithdrawalEvent.IncludedInBlock e) when state is Known s =>
                new InBlock(s.Terms, s.Attempts, e.Attempt, e.BlockNumber, e.BlockHash),
            (UnderWay s, WithdrawalEvent.TakenBack) => new Sent(s.Terms, s.Attempts),
            (UnderWay s, WithdrawalEvent.AttemptFailed e) => new Queued(s.Terms, s.Attempts, false, false, false, e.RetryAt),
            (Known s, WithdrawalEvent.Completed e) => new Completed(
                s.Terms,
                s.Attempts,
                e.Attempt,
                s is InBlock block && block.Attempt == e.Attempt ? block.BlockHash : null,
                e.Usd is not null,
                IsFinal: s.Terms.Destination.Kind is DestinationKind.PaymentRequest,
                e.CompletedAt),
            (Queued s, WithdrawalEvent.Transferred e) => new Completed(
                s.Terms, s.Attempts, Attempt: 0, BlockHash: null, e.Usd is not null, IsFinal: true, e.TransferredAt),
            (Completed s, WithdrawalEvent.UsdQuoted) => s with { HasUsd = true },
            (Completed s, WithdrawalEvent.MadeFinal) => s with { IsFinal = true },
            (Completed s, WithdrawalEvent.TakenBack) => s with { BlockHash = null },
            (Completed s, WithdrawalEvent.IncludedInBlock e) => s with { BlockHash = e.BlockHash },
            (Completed s, WithdrawalEvent.Lost e) => new Lost(s.Terms, s.Attempts, e.Attempt),
            (Known s, WithdrawalEvent.Failed e) => new Failed(s.Terms, s.Attempts, e.Reason),
            (Queued s, WithdrawalEvent.Cancelled) => new Cancelled(s.Terms, s.Attempts),
            (PaidAfterFailure s, WithdrawalEvent.PaidAfterFailure e) => s with { Paid = s.Paid.Add(e.Attempt) },
            (Completed s, WithdrawalEvent.PaidAfterFailure e) => new PaidAfterFailure(s.Terms, s.Attempts, [s.Attempt, e.Attempt]),
            (Known s, WithdrawalEvent.PaidAfterFailure e) => new PaidAfterFailure(s.Terms, s.Attempts, [e.Attempt]),
            _ => throw new UnreachableException(
                $"A withdrawal that is {state.GetType().Name} cannot have been {@event.GetType().Name}."),
        };
}

/// <summary>What was agreed when the withdrawal was requested. It never changes.</summary>
/// <param name="WithdrawalId">Names the stream.</param>
/// <param name="Member">Whose balance it is.</param>
/// <param name="Amount">What was asked for.</param>
/// <param name="Pays">What the recipient gets.</param>
/// <param name="Hold">What is held.</param>
/// <param name="Destination">Where it goes.</param>
/// <param name="RequestedAt">When.</param>
public sealed record WithdrawalTerms(
    Guid WithdrawalId, string Member, Amount Amount, Amount Pays, Amount Hold, Destination Destination, DateTimeOffset RequestedAt)
{
    /// <summary>The most that the member pays in fees.</summary>
    public Amount FeeMax => new(Hold.Asset, Hold.Units - Pays.Units);
}

/// <summary>One try to pay.</summary>
/// <param name="Number">1 for the first.</param>
/// <param name="Evidence">The hash of the transaction, or of the payment.</param>
/// <param name="Fee">What the transaction costs, or the most that the payment may.</param>
/// <param name="Transaction">Null for a payment.</param>
/// <param name="PreparedAt">When its intent was stored.</param>
public sealed record PayoutAttempt(
    int Number, string Evidence, Amount Fee, PayoutTransaction? Transaction, DateTimeOffset PreparedAt);
