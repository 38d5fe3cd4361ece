using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;
using static FiberLink.Domain.Tests.Withdrawals.WithdrawalExamples;

namespace FiberLink.Domain.Tests.Withdrawals;

/// <summary>Who pays for the way, whatever the node says it cost.</summary>
public sealed class What_a_withdrawal_costs
{
    private static readonly WithdrawalEvent.Requested TokenRequested = Requested with
    {
        Amount = new(Usdi, 5_000),
        Pays = new(Usdi, 5_000),
        Hold = new(Usdi, 5_000),
        Entry = Hold(new(Usdi, 5_000)),
    };

    private static readonly PayoutTransaction TokenTransaction = Transaction with { Capacity = Ckb(142) };

    /// <summary>In shannon: what is said, what is booked, and what alice gets back of the 0.5 CKB.</summary>
    [Theory]
    [InlineData("0", "0", "50000000")]
    [InlineData("20000000", "20000000", "30000000")]
    [InlineData("50000000", "50000000", "0")]
    [InlineData("50000001", "50000001", "0")]
    [InlineData("10000000000", "10000000000", "0")]
    [InlineData("10000000001", "50000000", "0")]
    [InlineData("170141183460469231731687303715884105727", "50000000", "0")]
    [InlineData("170141183460469231731687303715884105728", "50000000", "0")]
    [InlineData("340282366920938463463374607431768211455", "50000000", "0")]
    public void Of_an_invoice_is_the_members_up_to_what_was_held_and_the_hubs_beyond_it(string said, string booked, string back)
    {
        var paid = Assert.IsType<WithdrawalEvent.Completed>(Assert.Single(
            Follows([InvoiceRequested, PaymentPrepared], new WithdrawalCommand.ReportPaid(1, Shannon(Number(said)), null, Now))));

        var fee = Number(booked);
        Assert.Equal(Shannon(fee), paid.Fee);
        Assert.Equal(-(Int128)100_50000000, Sum(paid, Account.MemberHeld, Asset.Ckb));
        Assert.Equal((Int128)Number(back), Sum(paid, Account.MemberAvailable, Asset.Ckb));
        Assert.Equal((Int128)(Ckb(100).Units + fee), Sum(paid, Account.HubChannels, Asset.Ckb));
        Assert.Equal(-(Int128)(fee - UInt128.Min(fee, 50_000_000)), Sum(paid, Account.NetworkFees, Asset.Ckb));
    }

    [Fact]
    public void Of_an_invoice_in_an_asset_that_it_cannot_be_in_is_what_was_allowed()
    {
        var paid = Follows([InvoiceRequested, PaymentPrepared], new WithdrawalCommand.ReportPaid(1, new(Usdi, 7), null, Now));

        Assert.Equal(Shannon(50_000_000), Assert.IsType<WithdrawalEvent.Completed>(Assert.Single(paid)).Fee);
    }

    [Fact]
    public void Of_an_invoice_of_which_nothing_is_said_is_what_was_allowed()
    {
        var paid = Follows([InvoiceRequested, PaymentPrepared], new WithdrawalCommand.ReportPaid(1, null, null, Now));

        Assert.Equal(Shannon(50_000_000), Assert.IsType<WithdrawalEvent.Completed>(Assert.Single(paid)).Fee);
    }

    [Fact]
    public void On_chain_is_what_the_transaction_says_whoever_says_otherwise()
    {
        var paid = Follows([Requested, Prepared], new WithdrawalCommand.ReportPaid(1, Shannon(UInt128.MaxValue), null, Now));

        Assert.Equal([Completed], paid);
    }

    [Fact]
    public void Of_a_token_on_chain_are_coins_of_the_hubs_and_the_cell_it_arrives_in()
    {
        WithdrawalEvent[] history = [TokenRequested, new WithdrawalEvent.TransactionPrepared(Id, 1, TokenTransaction, Now)];
        var paid = Assert.Single(Follows(history, new WithdrawalCommand.ReportPaid(1, null, null, Now)));

        Assert.Equal((-5_000, 0), (Sum(paid, Account.MemberHeld, Usdi), Sum(paid, Account.MemberAvailable, Usdi)));
        Assert.Equal((5_000, 142_00001000), (Sum(paid, Account.HubOnChain, Usdi), Sum(paid, Account.HubOnChain, Asset.Ckb)));
        Assert.Equal((0, -142_00001000), (Sum(paid, Account.NetworkFees, Usdi), Sum(paid, Account.NetworkFees, Asset.Ckb)));
    }

    [Fact]
    public void Of_a_token_that_was_paid_after_failure_is_in_suspense_with_it()
    {
        WithdrawalEvent[] history =
        [
            TokenRequested,
            new WithdrawalEvent.TransactionPrepared(Id, 1, TokenTransaction, Now),
            AttemptFailedForGood,
            new WithdrawalEvent.Failed(Id, WithdrawalFailure.CannotBePaid, "dead", GiveBack(new(Usdi, 5_000)), Now),
        ];
        var paid = Assert.Single(Follows(history, new WithdrawalCommand.ReportPaid(1, null, null, Now)));

        Assert.Equal((5_000, 142_00001000), (Sum(paid, Account.HubOnChain, Usdi), Sum(paid, Account.HubOnChain, Asset.Ckb)));
        Assert.Equal((-5_000, -142_00001000), (Sum(paid, Account.Suspense, Usdi), Sum(paid, Account.Suspense, Asset.Ckb)));
    }

    /// <summary>What the hub gave for the way and for the room of the cell, it has not given: it does not stay booked as gone.</summary>
    [Fact]
    public void Of_a_token_that_was_lost_is_the_hubs_again_and_the_token_is_in_suspense()
    {
        WithdrawalEvent[] prepared = [TokenRequested, new WithdrawalEvent.TransactionPrepared(Id, 1, TokenTransaction, Now)];
        var paid = Assert.Single(Follows(prepared, new WithdrawalCommand.ReportPaid(1, null, null, Now)));
        var lost = Assert.Single(Follows([.. prepared, paid], new WithdrawalCommand.ReportLost(1, "gone", Now)));
        var found = Assert.Single(Follows([.. prepared, paid, lost], new WithdrawalCommand.ReportPaid(1, null, null, Now)));

        Assert.Equal((-5_000, -142_00001000), (Sum(lost, Account.HubOnChain, Usdi), Sum(lost, Account.HubOnChain, Asset.Ckb)));
        Assert.Equal((0, 142_00001000), (Sum(lost, Account.NetworkFees, Usdi), Sum(lost, Account.NetworkFees, Asset.Ckb)));
        Assert.Equal((5_000, 0), (Sum(lost, Account.Suspense, Usdi), Sum(lost, Account.Suspense, Asset.Ckb)));
        Assert.Equal((5_000, 142_00001000), (Sum(found, Account.HubOnChain, Usdi), Sum(found, Account.HubOnChain, Asset.Ckb)));
        Assert.Equal((0, -142_00001000), (Sum(found, Account.NetworkFees, Usdi), Sum(found, Account.NetworkFees, Asset.Ckb)));
        Assert.Equal((-5_000, 0), (Sum(found, Account.Suspense, Usdi), Sum(found, Account.Suspense, Asset.Ckb)));
    }

    [Fact]
    public void An_absurd_fee_of_what_was_paid_after_failure_is_not_booked_either()
    {
        var paid = Follows(
            [InvoiceRequested, PaymentPrepared, PaymentFailedForGood, InvoiceFailed],
            new WithdrawalCommand.ReportPaid(1, Shannon(UInt128.MaxValue), null, Now));

        Assert.Equal(Ckb(100).Units + 50_000_000, (UInt128)Sum(Assert.Single(paid), Account.HubChannels, Asset.Ckb));
    }

    private static Dictionary<string, PayoutTransaction> Unfit { get; } = new()
    {
        ["spends nothing"] = Transaction with { Inputs = [] },
        ["costs a token"] = Transaction with { Fee = new(Usdi, 1) },
        ["costs more than can be posted"] = Transaction with { Fee = Shannon(Amount.UnitsMax) },
        ["costs as much as can be written"] = Transaction with { Fee = Shannon(UInt128.MaxValue) },
        ["puts coins beside coins"] = Transaction with { Capacity = Ckb(61) },
        ["puts tokens beside coins"] = Transaction with { Capacity = new(Usdi, 0) },
        ["replaces what never was"] = Transaction with { Replaces = "0x09" },
    };

    public static TheoryData<string> UnfitNames => [.. Unfit.Keys];

    [Theory]
    [MemberData(nameof(UnfitNames))]
    public void Must_be_what_can_be_booked_before_anything_is_sent(string unfit) =>
        Specification.Given(Requested)
            .When(new WithdrawalCommand.PrepareTransaction(1, Unfit[unfit], Now))
            .ThenRefused(WithdrawalRefusal.AttemptDoesNotFit);

    [Fact]
    public void Of_a_token_must_be_what_can_be_booked_together()
    {
        var dear = TokenTransaction with { Capacity = Shannon(Amount.UnitsMax), Fee = Shannon(1) };

        Specification.Given(TokenRequested)
            .When(new WithdrawalCommand.PrepareTransaction(1, dear, Now))
            .ThenRefused(WithdrawalRefusal.AttemptDoesNotFit);
        Specification.Given(TokenRequested)
            .When(new WithdrawalCommand.PrepareTransaction(1, dear with { Capacity = Shannon(Amount.UnitsMax - 1) }, Now))
            .Then(new WithdrawalEvent.TransactionPrepared(
                Id, 1, dear with { Capacity = Shannon(Amount.UnitsMax - 1) }, Now));
    }

    /// <summary>A transaction that was dead is not prepared a second time under another number.</summary>
    [Fact]
    public void Is_not_tried_again_with_a_transaction_that_is_dead() =>
        Specification.Given(Requested, Prepared, AttemptFailed)
            .When(new WithdrawalCommand.PrepareTransaction(2, Transaction, Later))
            .ThenRefused(WithdrawalRefusal.AttemptDoesNotFit);

    /// <summary>Whichever was seen last counts, also when one block is said to have both.</summary>
    [Fact]
    public void Is_that_of_the_attempt_that_a_block_has() =>
        Specification.Given(Requested, Prepared, Replaced, InBlockA)
            .When(new WithdrawalCommand.ReportInBlock(2, 500, BlockA, Now))
            .Then(new WithdrawalEvent.IncludedInBlock(Id, 2, 500, BlockA, Now));

    private static IReadOnlyList<WithdrawalEvent> Follows(WithdrawalEvent[] history, WithdrawalCommand command) =>
        Assert.IsType<Decision<WithdrawalEvent, WithdrawalRefusal>.Accepted>(
            WithdrawalDecider.Decide(command, Specification.StateAfter(history))).Events;

    private static Int128 Sum(WithdrawalEvent @event, Account account, Asset asset) =>
        ((IMovesMoney)@event).Entry!.Postings.Where(p => p.Account == account && p.Asset == asset)
            .Aggregate(Int128.Zero, (sum, p) => sum + p.Units);

    private static UInt128 Number(string text) => UInt128.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
