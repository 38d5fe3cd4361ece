using FiberLink.Events.Money;

namespace FiberLink.Events.Withdrawals;

/// <summary>Everything that can have happened to one withdrawal. Stored for good: add versions, never edit one.</summary>
public abstract record WithdrawalEvent
{
    private WithdrawalEvent()
    {
    }

    /// <summary>The wish is granted, and what it may cost the member is held.</summary>
    /// <param name="WithdrawalId">Names the stream.</param>
    /// <param name="Member">Whose balance it is.</param>
    /// <param name="Amount">What was asked for.</param>
    /// <param name="Pays">What the recipient gets.</param>
    /// <param name="Hold">What is held: what the recipient gets, and the most that the member pays in fees.</param>
    /// <param name="Destination">Where it goes.</param>
    /// <param name="NeedsApproval">It is above the policy's threshold: another person must agree.</param>
    /// <param name="NotBefore">The end of the cooling-off of a new destination; null where there is none.</param>
    /// <param name="NeedsLiquidity">The wallet does not cover it yet.</param>
    /// <param name="Entry">Available to held.</param>
    /// <param name="RequestedAt">When.</param>
    public sealed record Requested(
        Guid WithdrawalId,
        string Member,
        Amount Amount,
        Amount Pays,
        Amount Hold,
        Destination Destination,
        bool NeedsApproval,
        DateTimeOffset? NotBefore,
        bool NeedsLiquidity,
        JournalEntry Entry,
        DateTimeOffset RequestedAt) : WithdrawalEvent, IMovesMoney;

    public sealed record Approved(Guid WithdrawalId, string By, string Reason, DateTimeOffset ApprovedAt) : WithdrawalEvent;

    /// <summary>An operator wants nothing sent for now.</summary>
    public sealed record HeldBack(Guid WithdrawalId, string By, string Reason, DateTimeOffset HeldBackAt) : WithdrawalEvent;

    /// <summary>An operator lets it go on at once, whatever time it waited for. An approval it still needs.</summary>
    public sealed record Released(Guid WithdrawalId, string By, string Reason, DateTimeOffset ReleasedAt) : WithdrawalEvent;

    /// <summary>It was its turn, and what there was did not cover it. It keeps its place.</summary>
    /// <param name="WithdrawalId">Names the stream.</param>
    /// <param name="Missing">How much more is needed, as far as is known.</param>
    /// <param name="AwaitedAt">When.</param>
    public sealed record LiquidityAwaited(Guid WithdrawalId, Amount Missing, DateTimeOffset AwaitedAt) : WithdrawalEvent;

    /// <summary>The wallet covers it by now. Something else still keeps it from being paid.</summary>
    public sealed record LiquidityCovered(Guid WithdrawalId, DateTimeOffset CoveredAt) : WithdrawalEvent;

    /// <summary>The intent to pay on chain, stored before anybody is sent anything.</summary>
    /// <param name="WithdrawalId">Names the stream.</param>
    /// <param name="Attempt">1 for the first.</param>
    /// <param name="Transaction">What will be sent, and sent again, byte for byte.</param>
    /// <param name="PreparedAt">When.</param>
    public sealed record TransactionPrepared(
        Guid WithdrawalId, int Attempt, PayoutTransaction Transaction, DateTimeOffset PreparedAt) : WithdrawalEvent;

    /// <summary>The intent to pay the invoice, stored before the node is asked to.</summary>
    /// <param name="WithdrawalId">Names the stream.</param>
    /// <param name="Attempt">1 for the first.</param>
    /// <param name="PaymentHash">What the payment is known by.</param>
    /// <param name="FeeMax">The most that the node may pay on top.</param>
    /// <param name="PreparedAt">When.</param>
    public sealed record PaymentPrepared(
        Guid WithdrawalId, int Attempt, string PaymentHash, Amount FeeMax, DateTimeOffset PreparedAt) : WithdrawalEvent;

    /// <summary>The network was seen to have it: in a pool, or with the node.</summary>
    public sealed record Sent(Guid WithdrawalId, int Attempt, DateTimeOffset SentAt) : WithdrawalEvent;

    /// <summary>The transaction is in a block.</summary>
    public sealed record IncludedInBlock(
        Guid WithdrawalId, int Attempt, ulong BlockNumber, string BlockHash, DateTimeOffset IncludedAt) : WithdrawalEvent;

    /// <summary>The block that it was in is no longer part of the chain. The same transaction is sent again.</summary>
    public sealed record TakenBack(Guid WithdrawalId, int Attempt, string BlockHash, DateTimeOffset TakenBackAt) : WithdrawalEvent;

    /// <summary>It is certain that this attempt has paid nothing, and never will.</summary>
    /// <param name="WithdrawalId">Names the stream.</param>
    /// <param name="Attempt">Which.</param>
    /// <param name="Evidence">The hash of its transaction, whose cells are free again, or of its payment.</param>
    /// <param name="Detail">Why, for people.</param>
    /// <param name="RetryAt">When the next one may be made; null when there will be none.</param>
    /// <param name="FailedAt">When.</param>
    public sealed record AttemptFailed(
        Guid WithdrawalId, int Attempt, string Evidence, string Detail, DateTimeOffset? RetryAt, DateTimeOffset FailedAt)
        : WithdrawalEvent;

    /// <summary>The recipient has it.</summary>
    /// <param name="WithdrawalId">Names the stream.</param>
    /// <param name="Attempt">The one that paid.</param>
    /// <param name="Evidence">The transaction's hash, or the payment's.</param>
    /// <param name="Fee">What it cost.</param>
    /// <param name="Usd">What it was worth; null when no rate could be had: <see cref="UsdQuoted"/> follows.</param>
    /// <param name="Entry">Held to the hub's account that paid; what is left of the fee goes back to the member.</param>
    /// <param name="CompletedAt">When.</param>
    public sealed record Completed(
        Guid WithdrawalId, int Attempt, string Evidence, Amount Fee, UsdQuote? Usd, JournalEntry Entry, DateTimeOffset CompletedAt)
        : WithdrawalEvent, IMovesMoney;

    /// <summary>The recipient is a member of this hub, and was credited in the same commit. Nothing has left the hub, for no fee.</summary>
    /// <param name="WithdrawalId">Names the stream.</param>
    /// <param name="PaymentHash">Of the invoice, and so of the tip that is settled with it.</param>
    /// <param name="Usd">What it was worth; null when no rate could be had: <see cref="UsdQuoted"/> follows.</param>
    /// <param name="Entry">Held to what is paid within the hub.</param>
    /// <param name="TransferredAt">When.</param>
    public sealed record Transferred(
        Guid WithdrawalId, string PaymentHash, UsdQuote? Usd, JournalEntry Entry, DateTimeOffset TransferredAt)
        : WithdrawalEvent, IMovesMoney;

    /// <summary>What it was worth, learned after it was completed.</summary>
    public sealed record UsdQuoted(Guid WithdrawalId, UsdQuote Usd, DateTimeOffset QuotedAt) : WithdrawalEvent;

    /// <summary>It lies so deep in the chain that it is not watched any longer.</summary>
    /// <param name="WithdrawalId">Names the stream.</param>
    /// <param name="Evidence">The hash of the last transaction that was prepared: its cells need not be kept any longer.</param>
    /// <param name="FinalAt">When.</param>
    public sealed record MadeFinal(Guid WithdrawalId, string Evidence, DateTimeOffset FinalAt) : WithdrawalEvent;

    /// <summary>
    /// It was completed, a reorganisation took it back, and it is certain that it can never be in the chain again: other transactions
    /// have spent its cells for good. The recipient has nothing of it; what the member gave is in suspense, and an operator decides.
    /// </summary>
    /// <param name="WithdrawalId">Names the stream.</param>
    /// <param name="Attempt">The one that had paid.</param>
    /// <param name="Evidence">The hash of the last transaction that was prepared: its cells are free again.</param>
    /// <param name="Detail">Why, for people.</param>
    /// <param name="Entry">What left the hub and the fees that it paid, undone; against suspense what the member gave.</param>
    /// <param name="LostAt">When.</param>
    public sealed record Lost(
        Guid WithdrawalId, int Attempt, string Evidence, string Detail, JournalEntry Entry, DateTimeOffset LostAt)
        : WithdrawalEvent, IMovesMoney;

    /// <summary>It will not be paid, and what was held is the member's again.</summary>
    public sealed record Failed(
        Guid WithdrawalId, WithdrawalFailure Reason, string Detail, JournalEntry Entry, DateTimeOffset FailedAt)
        : WithdrawalEvent, IMovesMoney;

    /// <summary>Called off before anything was sent.</summary>
    public sealed record Cancelled(
        Guid WithdrawalId, string By, string Reason, JournalEntry Entry, DateTimeOffset CancelledAt) : WithdrawalEvent, IMovesMoney;

    /// <summary>
    /// What was certain to have failed, or to be lost, has arrived all the same. What left the hub comes out of suspense; an operator
    /// decides.
    /// </summary>
    public sealed record PaidAfterFailure(
        Guid WithdrawalId, int Attempt, string Evidence, Amount Fee, JournalEntry Entry, DateTimeOffset SeenAt)
        : WithdrawalEvent, IMovesMoney;
}

/// <summary>A transaction that pays one or several withdrawals, signed.</summary>
/// <param name="Hash">0x and 64 lower-case hex digits.</param>
/// <param name="Bytes">The signed transaction in CKB's encoding, base64.</param>
/// <param name="Inputs">The cells it spends, each a hash, a colon and an index.</param>
/// <param name="OutputIndex">Which of its outputs is this withdrawal's.</param>
/// <param name="Fee">This withdrawal's part of the fee.</param>
/// <param name="Capacity">Shannon that the hub puts into the recipient's cell beside a token; zero for CKB.</param>
/// <param name="Replaces">The transaction whose cells it spends, all of them, so that only one of the two can ever be in the chain.</param>
public sealed record PayoutTransaction(
    string Hash, string Bytes, IReadOnlyList<string> Inputs, int OutputIndex, Amount Fee, Amount Capacity, string? Replaces)
{
    // The serializer does not look for nulls within a list.
    public IReadOnlyList<string> Inputs { get; init; } =
        Inputs.All(i => i is not null) ? Inputs : throw new ArgumentException("A cell has no name.", nameof(Inputs));

    public bool Equals(PayoutTransaction? other) =>
        other is not null
        && (Hash, Bytes, OutputIndex, Fee, Capacity, Replaces)
            == (other.Hash, other.Bytes, other.OutputIndex, other.Fee, other.Capacity, other.Replaces)
        && Inputs.SequenceEqual(other.Inputs);

    public override int GetHashCode() => HashCode.Combine(Hash, OutputIndex);
}

/// <summary>What an amount was worth in US dollars.</summary>
/// <param name="Rate">Dollars for one unit of the asset as people count it (1 CKB), a decimal string.</param>
/// <param name="Cents">The amount's worth, rounded down.</param>
/// <param name="Source">
/// Who said so, with <c>+late</c> behind it when no rate was known at the completion; <c>static_1p0</c> for a stablecoin.
/// </param>
/// <param name="FetchedAt">When we were told.</param>
public sealed record UsdQuote(string Rate, long Cents, string Source, DateTimeOffset FetchedAt);

public enum WithdrawalFailure
{
    /// <summary>The attempts are used up.</summary>
    AttemptsExhausted = 1,

    /// <summary>The destination cannot be paid, whoever tries.</summary>
    CannotBePaid = 2,

    /// <summary>Nobody agreed to it in time.</summary>
    NotApproved = 3,

    /// <summary>The wallet did not cover it in time.</summary>
    NoLiquidity = 4,

    /// <summary>The invoice expired before it was paid.</summary>
    InvoiceExpired = 5,

    /// <summary>An operator held it back, and nobody released it in time.</summary>
    NotReleased = 6,
}
