using FiberLink.Domain.Tips;
using FiberLink.Events.Money;
using FiberLink.Events.Tips;
using static FiberLink.Domain.Tests.Tips.TipExamples;

namespace FiberLink.Domain.Tests.Tips;

/// <summary>Nobody is credited what was not ordered; what can be placed waits in suspense, in the node's words.</summary>
public sealed class Paying_an_invoice_that_differs
{
    private const string TokenText = "0x1142:type:0x878f";

    private static readonly NodeInvoice OtherHash = AsOrdered with { PaymentHash = "0x" + new string('6', 64) };

    public static TheoryData<string> OpenStates =>
        [.. States.Keys.Except([When.Unknown, When.Settled, When.SettledWithin, When.PaidTwice, When.Suspended, When.SuspendedUnissued])];

    [Theory]
    [MemberData(nameof(OpenStates))]
    public void Of_less_suspends_what_the_node_says(string state) => Suspends(state, 1_40000000);

    [Theory]
    [MemberData(nameof(OpenStates))]
    public void Of_one_unit_more_suspends_what_the_node_says(string state) => Suspends(state, OneAndAHalfCkb.Units + 1);

    [Fact]
    public void Of_all_that_a_journal_can_post_suspends_it() => Suspends(When.Awaiting, Amount.UnitsMax);

    [Theory]
    [MemberData(nameof(OpenStates))]
    public void With_another_hash_posts_nothing_because_nothing_says_the_money_is_ours(string state) =>
        Pay(state, OtherHash).Then(new TipEvent.Suspended(
            Tip, InvoiceDifference.PaymentHash, new ReportedInvoice(OtherHash.PaymentHash, "CKB", "150000000"), null, Now));

    [Fact]
    public void With_the_hash_in_other_letters_is_another_hash()
    {
        var hash = "0x" + new string('a', 64);
        var requested = ((TipEvent.Requested)Requested) with { Order = Order with { PaymentHash = hash } };

        Specification.Given(requested, Issued)
            .When(new TipCommand.ReportPaid(AsOrdered with { PaymentHash = hash.ToUpperInvariant() }, Now))
            .Then(new TipEvent.Suspended(
                Tip, InvoiceDifference.PaymentHash, new ReportedInvoice(hash.ToUpperInvariant(), "CKB", "150000000"), null, Now));
    }

    [Theory]
    [MemberData(nameof(OpenStates))]
    public void In_another_asset_that_we_know_suspends_that_asset(string state) =>
        Pay(state, AsOrdered with { Asset = Usdi, AssetText = "USDI" }).Then(new TipEvent.Suspended(
            Tip,
            InvoiceDifference.Asset,
            new ReportedInvoice(Order.PaymentHash, "USDI", "150000000"),
            IntoSuspense(Usdi, 1_50000000),
            Now));

    [Theory]
    [MemberData(nameof(OpenStates))]
    public void In_an_asset_that_nobody_knows_posts_nothing_and_keeps_the_nodes_words(string state) =>
        Pay(state, AsOrdered with { Asset = null, AssetText = TokenText }).Then(new TipEvent.Suspended(
            Tip, InvoiceDifference.Asset, new ReportedInvoice(Order.PaymentHash, TokenText, "150000000"), null, Now));

    [Theory]
    [MemberData(nameof(OpenStates))]
    public void That_names_no_amount_posts_nothing(string state) =>
        Pay(state, AsOrdered with { Units = null }).Then(new TipEvent.Suspended(
            Tip, InvoiceDifference.Amount, new ReportedInvoice(Order.PaymentHash, "CKB", null), null, Now));

    [Fact]
    public void In_another_asset_without_an_amount_posts_nothing() =>
        Pay(When.Awaiting, AsOrdered with { Asset = Usdi, AssetText = "USDI", Units = null }).Then(new TipEvent.Suspended(
            Tip, InvoiceDifference.Asset, new ReportedInvoice(Order.PaymentHash, "USDI", null), null, Now));

    [Fact]
    public void Of_nothing_posts_nothing() => SuspendsWithoutPosting(0, "0");

    [Fact]
    public void Of_more_than_a_journal_can_post_posts_nothing_and_says_how_much()
    {
        SuspendsWithoutPosting(Amount.UnitsMax + 1, "170141183460469231731687303715884105728");
        SuspendsWithoutPosting(UInt128.MaxValue, "340282366920938463463374607431768211455");
    }

    [Fact]
    public void In_everything_names_the_hash_first_then_the_asset_then_the_amount()
    {
        var terms = ((TipState.Known)Specification.StateAfter([Requested])).Terms;

        Assert.Equal(InvoiceDifference.PaymentHash, TipDecider.Compare(terms, OtherHash with { Asset = null, Units = null }));
        Assert.Equal(InvoiceDifference.Asset, TipDecider.Compare(terms, AsOrdered with { Asset = Usdi, Units = 1 }));
        Assert.Equal(InvoiceDifference.Amount, TipDecider.Compare(terms, AsOrdered with { Units = 1 }));
        Assert.Null(TipDecider.Compare(terms, AsOrdered));
    }

    /// <summary>The node may write the invoice's text and times as it likes; only hash, asset and amount were ordered.</summary>
    [Fact]
    public void Only_in_its_text_and_its_times_is_as_ordered()
    {
        var invoice = AsOrdered with { Invoice = "fibt2", AssetText = "shannon", CreatedAt = Now, ExpiresAt = Now.AddDays(9) };

        Pay(When.Awaiting, invoice).Then(Settled);
        Pay(When.Requested, invoice).Then(new TipEvent.InvoiceIssued(Tip, "fibt2", Now, Now.AddDays(9)), Settled);
    }

    [Fact]
    public void Is_not_made_good_by_a_later_report_that_fits() =>
        Specification.Given(States[When.Suspended]).When(Commands[Ask.Pay]).ThenNothingNew();

    [Fact]
    public void Does_not_undo_what_was_settled() =>
        Specification.Given(States[When.Settled]).When(new TipCommand.ReportPaid(OtherHash, Now)).ThenNothingNew();

    [Fact]
    public void Is_never_shown_to_anybody_when_it_is_seen_before_it_is_paid()
    {
        NodeInvoice[] differing =
            [OtherHash, OfAnotherAmount, AsOrdered with { Units = null }, AsOrdered with { Asset = null }, AsOrdered with { Asset = Usdi }];
        foreach (var invoice in differing)
        {
            Specification.Given(Requested).When(new TipCommand.IssueInvoice(invoice, Now)).Then(CancelledAsDiffering);
        }
    }

    private static Specification<TipCommand, TipState, TipEvent, TipRefusal>.Outcome Pay(string state, NodeInvoice invoice) =>
        Specification.Given(States[state]).When(new TipCommand.ReportPaid(invoice, Now));

    private static void Suspends(string state, UInt128 units) =>
        Pay(state, AsOrdered with { Units = units }).Then(new TipEvent.Suspended(
            Tip,
            InvoiceDifference.Amount,
            new ReportedInvoice(Order.PaymentHash, "CKB", $"{units}"),
            IntoSuspense(Asset.Ckb, (Int128)units),
            Now));

    private static void SuspendsWithoutPosting(UInt128 units, string text) =>
        Pay(When.Awaiting, AsOrdered with { Units = units }).Then(new TipEvent.Suspended(
            Tip, InvoiceDifference.Amount, new ReportedInvoice(Order.PaymentHash, "CKB", text), null, Now));

    private static JournalEntry IntoSuspense(Asset asset, Int128 units) =>
        new([new(Account.Suspense, null, asset, units), new(Account.HubChannels, null, asset, -units)]);
}
