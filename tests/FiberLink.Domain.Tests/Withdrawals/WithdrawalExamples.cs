using FiberLink.Domain.Money;
using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;

namespace FiberLink.Domain.Tests.Withdrawals;

/// <summary>
/// alice withdraws 100 CKB: to an address, where a fee of 1,000 shannon is taken off, or to an invoice, where up to 0.5 CKB are held on
/// top. What happens, and what it is made of.
/// </summary>
internal static class WithdrawalExamples
{
    public const string BlockA = "0xaa";
    public const string BlockB = "0xbb";

    public static readonly Guid Id = Guid.Parse("01990000-0000-7000-8000-0000000000f1");
    public static readonly Asset Usdi = new("USDI");
    public static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset Now = Noon.AddMinutes(7);

    /// <summary>When a pause between attempts, or a cooling-off, is over.</summary>
    public static readonly DateTimeOffset Later = Now.AddHours(2);

    public static readonly DateTimeOffset RetryAt = Now.AddMinutes(1);
    public static readonly Destination Address = new(DestinationKind.CkbAddress, "ckt1qalice", null, null);

    public static readonly Destination Invoice =
        new(DestinationKind.PaymentRequest, "fibt1alice", "0x" + new string('7', 64), Noon.AddDays(1));

    /// <summary>An invoice of a member's of the same hub.</summary>
    public static readonly Destination TipInvoice = Invoice with { Kind = DestinationKind.TipInvoice };

    public static readonly UsdQuote Usd = new("0.0042", 42, "sandbox", Noon);

    /// <summary>Limits that nobody meets.</summary>
    public static readonly PayoutLimits Limits = PayoutLimitRules.Default(AssetDefinition.Ckb);

    public static readonly PayoutFacts OnChainFacts = new()
    {
        Limits = Limits,
        Available = Ckb(100).Units,
        Minimum = Ckb(61).Units,
        Fee = 1_000,
    };

    public static readonly PayoutFacts InvoiceFacts = OnChainFacts with { Available = Ckb(101).Units, Minimum = 0, Fee = 50_000_000 };

    public static readonly PayoutTransaction Transaction = Spending("0x01", ["0xc1:0", "0xc1:1"], null) with { Fee = Shannon(1_000) };

    /// <summary>Spends the same and one more, for a fee above what alice pays.</summary>
    public static readonly PayoutTransaction Replacement =
        Spending("0x02", ["0xc2:0", "0xc1:1", "0xc1:0"], Transaction.Hash) with { Fee = Shannon(3_000) };

    /// <summary>Leaves out a cell of the first, so that both could be in the chain.</summary>
    public static readonly PayoutTransaction BadReplacement = Replacement with { Hash = "0x03", Inputs = ["0xc1:0", "0xc2:0"] };

    /// <summary>Another one over other cells, when the first is dead.</summary>
    public static readonly PayoutTransaction Independent = Spending("0x04", ["0xc4:0"], null) with { Fee = Shannon(1_000) };

    // What happens on chain.
    public static readonly WithdrawalEvent.Requested Requested = new(
        Id, "alice", Ckb(100), Shannon(99_99999000), Ckb(100), Address, false, null, false, Hold(Ckb(100)), Now);

    public static readonly WithdrawalEvent Approved = new WithdrawalEvent.Approved(Id, "olga", "known", Now);
    public static readonly WithdrawalEvent HeldBack = new WithdrawalEvent.HeldBack(Id, "olga", "wait", Now);
    public static readonly WithdrawalEvent Released = new WithdrawalEvent.Released(Id, "olga", "go on", Now);
    public static readonly WithdrawalEvent Awaited = new WithdrawalEvent.LiquidityAwaited(Id, Ckb(5), Now);
    public static readonly WithdrawalEvent Covered = new WithdrawalEvent.LiquidityCovered(Id, Now);
    public static readonly WithdrawalEvent Prepared = new WithdrawalEvent.TransactionPrepared(Id, 1, Transaction, Now);
    public static readonly WithdrawalEvent Replaced = new WithdrawalEvent.TransactionPrepared(Id, 2, Replacement, Later);
    public static readonly WithdrawalEvent PreparedAgain = new WithdrawalEvent.TransactionPrepared(Id, 2, Independent, Later);
    public static readonly WithdrawalEvent Sent = new WithdrawalEvent.Sent(Id, 1, Now);
    public static readonly WithdrawalEvent SentSecond = new WithdrawalEvent.Sent(Id, 2, Now);
    public static readonly WithdrawalEvent InBlockA = new WithdrawalEvent.IncludedInBlock(Id, 1, 500, BlockA, Now);
    public static readonly WithdrawalEvent InBlockB = new WithdrawalEvent.IncludedInBlock(Id, 1, 501, BlockB, Now);
    public static readonly WithdrawalEvent SecondInBlockB = new WithdrawalEvent.IncludedInBlock(Id, 2, 501, BlockB, Now);
    public static readonly WithdrawalEvent TakenBackA = new WithdrawalEvent.TakenBack(Id, 1, BlockA, Now);
    public static readonly WithdrawalEvent SecondTakenBackB = new WithdrawalEvent.TakenBack(Id, 2, BlockB, Now);
    public static readonly WithdrawalEvent AttemptFailed = FailedOf(1, "0x01", RetryAt);
    public static readonly WithdrawalEvent AttemptFailedForGood = FailedOf(1, "0x01", null);
    public static readonly WithdrawalEvent ReplacementFailed = FailedOf(2, "0x02", RetryAt);
    public static readonly WithdrawalEvent SecondFailed = FailedOf(2, "0x04", RetryAt);

    public static readonly WithdrawalEvent Completed = CompletedBy(
        1, "0x01", Shannon(1_000), Left(Account.HubOnChain, Ckb(100), 100_00000000));

    /// <summary>The replacement's fee is above what was held: the hub pays the rest.</summary>
    public static readonly WithdrawalEvent CompletedByReplacement = CompletedBy(
        2, "0x02", Shannon(3_000), Left(Account.HubOnChain, Ckb(100), 100_00002000, (Account.NetworkFees, null, -2_000)));

    public static readonly WithdrawalEvent CompletedBySecond = CompletedBy(
        2, "0x04", Shannon(1_000), Left(Account.HubOnChain, Ckb(100), 100_00000000));

    public static readonly WithdrawalEvent UsdQuoted = new WithdrawalEvent.UsdQuoted(Id, Usd, Now);
    public static readonly WithdrawalEvent MadeFinal = new WithdrawalEvent.MadeFinal(Id, "0x01", Now);

    public static readonly WithdrawalEvent Failed = FailedFor(WithdrawalFailure.CannotBePaid, Ckb(100));
    public static readonly WithdrawalEvent NotApproved = FailedFor(WithdrawalFailure.NotApproved, Ckb(100));
    public static readonly WithdrawalEvent NotReleased = FailedFor(WithdrawalFailure.NotReleased, Ckb(100));
    public static readonly WithdrawalEvent Cancelled = new WithdrawalEvent.Cancelled(Id, "olga", "not wanted", GiveBack(Ckb(100)), Now);
    public static readonly WithdrawalEvent PaidAfterFailure = PaidLate(1, "0x01", Shannon(1_000), Account.HubOnChain, 100_00000000);
    public static readonly WithdrawalEvent SecondPaidLate = PaidLate(2, "0x04", Shannon(1_000), Account.HubOnChain, 100_00000000);

    public static readonly WithdrawalEvent Lost = LostOf(1, "0x01", 100_00000000);
    public static readonly WithdrawalEvent LostSecond = LostOf(2, "0x04", 100_00000000);

    /// <summary>What the hub has paid of the fee is the hub's again: it was not spent.</summary>
    public static readonly WithdrawalEvent LostReplacement = LostOf(2, "0x02", 100_00002000);

    public static readonly WithdrawalEvent PaidAfterLoss = PaidLate(
        1,
        "0x01",
        Shannon(1_000),
        new([new(Account.Suspense, null, Asset.Ckb, -100_00000000), new(Account.HubOnChain, null, Asset.Ckb, 100_00000000)]));

    public static readonly WithdrawalEvent SecondPaidAfterLoss = PaidLate(
        2,
        "0x04",
        Shannon(1_000),
        new([new(Account.Suspense, null, Asset.Ckb, -100_00000000), new(Account.HubOnChain, null, Asset.Ckb, 100_00000000)]));

    public static readonly WithdrawalEvent ReplacementPaidAfterLoss = PaidLate(
        2,
        "0x02",
        Shannon(3_000),
        new(
        [
            new(Account.Suspense, null, Asset.Ckb, -100_00000000),
            new(Account.HubOnChain, null, Asset.Ckb, 100_00002000),
            new(Account.NetworkFees, null, Asset.Ckb, -2_000),
        ]));

    // What happens to an invoice.
    public static readonly WithdrawalEvent.Requested InvoiceRequested = Requested with
    {
        Pays = Ckb(100),
        Hold = Shannon(100_50000000),
        Destination = Invoice,
        Entry = Hold(Shannon(100_50000000)),
    };

    public static readonly WithdrawalEvent PaymentPrepared =
        new WithdrawalEvent.PaymentPrepared(Id, 1, Invoice.PaymentHash!, Shannon(50_000_000), Now);

    public static readonly WithdrawalEvent PaymentPreparedAgain =
        new WithdrawalEvent.PaymentPrepared(Id, 2, Invoice.PaymentHash!, Shannon(50_000_000), Later);

    public static readonly WithdrawalEvent PaymentFailed = FailedOf(1, Invoice.PaymentHash!, RetryAt);
    public static readonly WithdrawalEvent PaymentFailedForGood = FailedOf(1, Invoice.PaymentHash!, null);
    public static readonly WithdrawalEvent SecondPaymentFailed = FailedOf(2, Invoice.PaymentHash!, RetryAt);
    public static readonly WithdrawalEvent InvoiceFailed = FailedFor(WithdrawalFailure.CannotBePaid, Shannon(100_50000000));

    public static readonly WithdrawalEvent InvoiceCancelled =
        new WithdrawalEvent.Cancelled(Id, "olga", "not wanted", GiveBack(Shannon(100_50000000)), Now);

    // What happens to an invoice of the hub's own.
    public static readonly WithdrawalEvent.Requested TipRequested = Requested with { Pays = Ckb(100), Destination = TipInvoice };

    public static readonly WithdrawalEvent Transferred = new WithdrawalEvent.Transferred(
        Id,
        TipInvoice.PaymentHash!,
        null,
        new([new(Account.WithinHub, null, Asset.Ckb, 100_00000000), new(Account.MemberHeld, "alice", Asset.Ckb, -100_00000000)]),
        Now);

    public static Specification<WithdrawalCommand, WithdrawalState, WithdrawalEvent, WithdrawalRefusal> Specification { get; } =
        new(WithdrawalState.Initial, WithdrawalState.Evolve, WithdrawalDecider.Decide);

    /// <summary>By the first attempt or the second, which are one payment to the node, for a fee of 0.2 CKB.</summary>
    public static WithdrawalEvent InvoicePaid(int attempt) => CompletedBy(
        attempt,
        Invoice.PaymentHash!,
        Shannon(20_000_000),
        Left(Account.HubChannels, Shannon(100_50000000), 100_20000000, (Account.MemberAvailable, "alice", 30_000_000)));

    public static WithdrawalEvent InvoicePaidLate(int attempt) =>
        PaidLate(attempt, Invoice.PaymentHash!, Shannon(20_000_000), Account.HubChannels, 100_20000000);

    public static Amount Ckb(uint coins) => new(Asset.Ckb, coins * (UInt128)100_000_000);

    public static Amount Shannon(UInt128 units) => new(Asset.Ckb, units);

    public static WithdrawalEvent FailedOf(int attempt, string evidence, DateTimeOffset? retryAt) =>
        new WithdrawalEvent.AttemptFailed(Id, attempt, evidence, "dead", retryAt, Now);

    /// <summary>alice gave 100 CKB; what had left beyond them was the hub's own.</summary>
    public static WithdrawalEvent LostOf(int attempt, string evidence, Int128 units)
    {
        var postings = new List<Posting>
        {
            new(Account.Suspense, null, Asset.Ckb, 100_00000000),
            new(Account.HubOnChain, null, Asset.Ckb, -units),
        };
        if (units != 100_00000000)
        {
            postings.Add(new(Account.NetworkFees, null, Asset.Ckb, units - 100_00000000));
        }

        return new WithdrawalEvent.Lost(Id, attempt, evidence, "gone", new(postings), Now);
    }

    public static PayoutTransaction Spending(string hash, string[] inputs, string? replaces) =>
        new(hash, "AAEC", inputs, 0, Shannon(1_000), Shannon(0), replaces);

    public static JournalEntry Hold(Amount amount) =>
        JournalEntry.Move(amount, (Account.MemberAvailable, "alice"), (Account.MemberHeld, "alice"));

    public static JournalEntry GiveBack(Amount amount) =>
        JournalEntry.Move(amount, (Account.MemberHeld, "alice"), (Account.MemberAvailable, "alice"));

    private static WithdrawalEvent FailedFor(WithdrawalFailure reason, Amount hold) =>
        new WithdrawalEvent.Failed(Id, reason, "dead", GiveBack(hold), Now);

    private static WithdrawalEvent CompletedBy(int attempt, string evidence, Amount fee, JournalEntry entry) =>
        new WithdrawalEvent.Completed(Id, attempt, evidence, fee, null, entry, Now);

    private static WithdrawalEvent PaidLate(int attempt, string evidence, Amount fee, Account hub, Int128 units) =>
        PaidLate(attempt, evidence, fee, new([new(hub, null, Asset.Ckb, units), new(Account.Suspense, null, Asset.Ckb, -units)]));

    private static WithdrawalEvent PaidLate(int attempt, string evidence, Amount fee, JournalEntry entry) =>
        new WithdrawalEvent.PaidAfterFailure(Id, attempt, evidence, fee, entry, Now);

    private static JournalEntry Left(
        Account hub, Amount hold, Int128 units, params (Account Account, string? Member, Int128 Units)[] rest) =>
        new(
        [
            new(Account.MemberHeld, "alice", Asset.Ckb, -(Int128)hold.Units),
            new(hub, null, Asset.Ckb, units),
            .. rest.Select(r => new Posting(r.Account, r.Member, Asset.Ckb, r.Units)),
        ]);
}
