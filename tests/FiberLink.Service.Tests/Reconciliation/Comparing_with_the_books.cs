using FiberLink.Chain.Node;
using FiberLink.Crypto;
using FiberLink.Events.Money;
using FiberLink.Events.Tips;
using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;
using FiberLink.Service.Reconciliation;
using FiberLink.Service.Reconciliation.Books;
using FiberLink.Service.Reconciliation.OnChain;

namespace FiberLink.Service.Tests.Reconciliation;

/// <summary>What is wrong within the log itself: our deciders cannot make it, and a superuser can.</summary>
public sealed class Comparing_with_the_books
{
    private const string Hash = "0x0000000000000000000000000000000000000000000000000000000000000001";

    private static readonly Guid Id = new("00000000-0000-0000-0000-0000000000aa");
    private static readonly DateTimeOffset At = DateTimeOffset.UnixEpoch.AddYears(50);
    private static readonly Destination Invoice = new(DestinationKind.PaymentRequest, "fibt1", Hash, null);

    [Theory]
    [InlineData("to", 10, null, null, null, null)]
    [InlineData("other", 10, "CreditAccountDiffers", "other", "to", 10)]
    [InlineData("to", 12, "CreditAmountDiffers", "to", null, 2)]
    [InlineData("to", 7, "CreditAmountDiffers", null, "to", 3)]
    [InlineData(null, 10, "SettledTipWithoutCredit", null, "to", 10)]
    public void A_settlement_credits_whom_the_tip_was_for_with_what_was_ordered(
        string? member, int units, string? kind, string? from, string? to, int? corrected)
    {
        var found = TipComparison.Compare(Tip(Settlement(member, units)), Row).SingleOrDefault();

        Assert.Equal(
            (kind, from, to, corrected),
            (found?.Kind.ToString(), found?.Correction?.From.Member, found?.Correction?.To.Member, (int?)found?.Correction?.Amount.Units));
    }

    [Fact]
    public void A_tip_that_is_settled_twice_is_credited_twice_and_the_second_goes_to_suspense()
    {
        var found = TipComparison.Compare(Tip(Settlement("to", 10), Settlement("to", 10)), Row).Single();

        Assert.Equal(DifferenceKind.CreditedTwice, found.Kind);
        Assert.Equal(("to", Account.Suspense), (found.Correction?.From.Member, found.Correction?.To.Account));
    }

    [Theory]
    [InlineData(20, 0, null)]
    [InlineData(20, 3, null)]
    [InlineData(20, 4, "DebitAmountDiffers")]
    [InlineData(21, 0, "DebitAmountDiffers")]
    [InlineData(20, 20, "CompletedWithoutDebit")]
    public void A_withdrawal_costs_at_least_what_was_paid_and_at_most_what_was_held(int debited, int returned, string? kind) =>
        Assert.Equal(
            kind,
            WithdrawalComparison.Compare(Withdrawal(Completion(Hash, debited, returned)), Shown("Completed"))
                .SingleOrDefault()?.Kind.ToString());

    [Fact]
    public void What_a_withdrawal_moved_wrongly_is_named()
    {
        var twice = WithdrawalComparison.Compare(
            Withdrawal(Completion(Hash, 20, 0), Completion(Hash, 20, 0)), Shown("Completed")).Single();
        Assert.Equal((DifferenceKind.DebitedTwice, "of"), (twice.Kind, twice.Correction?.To.Member));

        var nowhere = WithdrawalComparison.Compare(Withdrawal(Completion("", 20, 0)), Shown("Completed")).Single();
        Assert.Equal(DifferenceKind.CompletedWithoutEvidence, nowhere.Kind);
        Assert.Null(nowhere.ReadModel);

        var kept = JournalEntry.Move(Ckb(15), (Account.MemberHeld, "of"), (Account.NetworkFees, null));
        var lost = WithdrawalComparison.Compare(
            Withdrawal(new WithdrawalEvent.Cancelled(Id, "by", "why", kept, At)), Shown("Cancelled")).Single();
        Assert.Equal((DifferenceKind.DebitOfUncompletedWithdrawal, (UInt128?)15), (lost.Kind, lost.Correction?.Amount.Units));

        var others = JournalEntry.Move(Ckb(20), (Account.MemberHeld, "other"), (Account.HubChannels, null));
        var wrong = WithdrawalComparison.Compare(
            Withdrawal(new WithdrawalEvent.Completed(Id, 1, Hash, Ckb(0), null, others, At)), Shown("Completed")).Single();
        Assert.Equal(DifferenceKind.DebitAccountDiffers, wrong.Kind);
    }

    /// <summary>Asked for by its id, a correction is asked for once, whoever finds it and however often.</summary>
    [Fact]
    public void A_correction_has_one_id_for_one_wrong_event()
    {
        var stream = Tip(Settlement("other", 10));
        var ids = Enumerable.Range(0, 2).Select(_ => TipComparison.Compare(stream, Row).Single().Correction!.Id).ToList();

        Assert.Single(ids.Distinct());
        var another = stream with { Events = [.. stream.Events.Select(e => e with { Id = Guid.CreateVersion7() })] };
        Assert.NotEqual(ids[0], TipComparison.Compare(another, Row).Single().Correction!.Id);
    }

    [Theory]
    [InlineData("Meant", false, "- - -")]
    [InlineData("Sent", false, "TransactionMissing - TransactionNotRecorded")]
    [InlineData("InBlock", false, "TransactionTakenBack TransactionTakenBack BlockDiffers")]
    [InlineData("InBlock", true, "FinalNotOnChain FinalNotOnChain BlockDiffers")]
    [InlineData("TakenBack", false, "- - TransactionNotRecorded")]
    [InlineData("Dead", false, "- - FailedButPaid")]
    public void A_transaction_is_compared_with_where_the_chain_has_it(string stage, bool isFinal, string expected)
    {
        var claim = new ChainClaim(new("demo", "withdrawal-1"), 1, Hash, Enum.Parse<ClaimStage>(stage), At)
        {
            IsFinal = isFinal,
            BlockHash = "0x",
        };
        TransactionState[] states =
        [
            new TransactionState.Unknown(), new TransactionState.Pending(), new TransactionState.Committed(1, Bytes32.Parse(Hash)),
        ];

        Assert.Equal(
            expected.Split(' '), states.Select(s => ClaimComparison.Compare(claim, s, isDeep: true)?.Kind.ToString() ?? "-"));
    }

    private static TipRow Row { get; } = new(Hash, "CKB", "Settled", new("to", "10", At), long.MaxValue);

    private static Amount Ckb(int units) => new(Asset.Ckb, (UInt128)units);

    private static ShownWithdrawal Shown(string stage) => new("of", "CKB", "17", "17", "20", stage, Hash);

    private static EventStream Tip(params TipEvent[] events) => Stream(
        "tip",
        [
            new TipEvent.Requested(Id, "post", "from", "to", Ckb(10), null, new(Hash, HashAlgorithm.CkbHash, "key", "Fibt", 60), At),
            .. events,
        ]);

    private static TipEvent.Settled Settlement(string? member, int units) =>
        new(
            Id,
            "to",
            Ckb(units),
            false,
            JournalEntry.Move(
                Ckb(units), (Account.HubChannels, null), member is null ? (Account.Suspense, null) : (Account.MemberAvailable, member)),
            At);

    private static EventStream Withdrawal(params WithdrawalEvent[] events) => Stream(
        "withdrawal",
        [
            new WithdrawalEvent.Requested(
                Id, "of", Ckb(17), Ckb(17), Ckb(20), Invoice, false, null, false,
                JournalEntry.Move(Ckb(20), (Account.MemberAvailable, "of"), (Account.MemberHeld, "of")), At),
            .. events,
        ]);

    private static WithdrawalEvent.Completed Completion(string evidence, int debited, int returned)
    {
        Posting[] postings =
        [
            new(Account.MemberHeld, "of", Asset.Ckb, -debited),
            new(Account.MemberAvailable, "of", Asset.Ckb, returned),
            new(Account.HubChannels, null, Asset.Ckb, debited - returned),
        ];
        return new(Id, 1, evidence, Ckb(0), null, new([.. postings.Where(p => p.Units != 0)]), At);
    }

    private static EventStream Stream(string kind, IReadOnlyList<object> events)
    {
        var id = new StreamId("demo", $"{kind}-{Id:N}");
        return new(
            id,
            events.Count,
            [
                .. events.Select((e, i) =>
                    new RecordedEvent(i + 1, id, i + 1, new Guid(i + 1, 0, 0, new byte[8]), kind, e, At, EventMetadata.None)),
            ]);
    }
}
