using FiberLink.Domain.Tips;
using FiberLink.Events.Money;
using FiberLink.Events.Tips;
using FiberLink.HubNode;
using FiberLink.Projections;
using FiberLink.Service.Reconciliation;

namespace FiberLink.Service.Tests.Reconciliation;

public sealed class Comparing_an_invoice
{
    private const string Hash = "0x7777777777777777777777777777777777777777777777777777777777777777";
    private static readonly DateTimeOffset At = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Amount Ten = new(Asset.Ckb, 10);

    private static readonly TipTerms Terms = new(
        Guid.CreateVersion7(At), "42", "from", "to", Ten, new InvoiceOrder(Hash, HashAlgorithm.CkbHash, "key", "Fibt", 3600), At);

    private static readonly NodeInvoice Ordered = new("the text", Hash, Asset.Ckb, "Fibt/CKB", 10, At, At.AddHours(1));

    /// <summary>Every stage against every status, so that no pair is left to chance.</summary>
    [Theory]
    [InlineData(TipStage.Requested, "NotRecorded NotRecorded NotRecorded NotRecorded PaidNotCredited")]
    [InlineData(TipStage.AwaitingPayment, "- StatusDiffers StatusDiffers StatusDiffers PaidNotCredited")]
    [InlineData(TipStage.Received, "StatusDiffers StatusDiffers StatusDiffers - PaidNotCredited")]
    [InlineData(TipStage.Expired, "StatusDiffers StatusDiffers - StatusDiffers PaidNotCredited")]
    [InlineData(TipStage.Cancelled, "StatusDiffers - - StatusDiffers PaidNotCredited")]
    [InlineData(TipStage.Settled, "CreditedNotPaid CreditedNotPaid CreditedNotPaid CreditedNotPaid -")]
    [InlineData(TipStage.Suspended, "CreditedNotPaid CreditedNotPaid CreditedNotPaid CreditedNotPaid -")]
    public void Knows_what_each_status_means_at_each_stage(TipStage stage, string expected)
    {
        HubInvoiceStatus[] statuses =
        [
            HubInvoiceStatus.Open, HubInvoiceStatus.Cancelled, HubInvoiceStatus.Expired, HubInvoiceStatus.Received, HubInvoiceStatus.Paid,
        ];

        Assert.Equal(
            expected.Split(' '),
            statuses.Select(s => Compare(Tip(stage), Ordered, s) is { Length: > 0 } kinds ? kinds : "-"));
    }

    [Theory]
    [InlineData("hash", "HashDiffers")]
    [InlineData("asset", "AssetDiffers")]
    [InlineData("unknown asset", "AssetDiffers")]
    [InlineData("amount", "AmountDiffers")]
    [InlineData("any amount", "AmountDiffers")]
    [InlineData("text", "TextDiffers")]
    public void Names_each_thing_that_differs(string what, string expected)
    {
        var told = what switch
        {
            "hash" => Ordered with { PaymentHash = Hash.Replace('7', '8') },
            "asset" => Ordered with { Asset = new Asset("USDI") },
            "unknown asset" => Ordered with { Asset = null },
            "amount" => Ordered with { Units = 9 },
            "any amount" => Ordered with { Units = null },
            _ => Ordered with { Invoice = "another text" },
        };

        Assert.Equal(expected, Compare(Tip(TipStage.AwaitingPayment), told, HubInvoiceStatus.Open));
        Assert.Equal(expected, Compare(Tip(TipStage.Settled), told, HubInvoiceStatus.Paid));
        Assert.Equal($"{expected} PaidNotCredited", Compare(Tip(TipStage.AwaitingPayment), told, HubInvoiceStatus.Paid));

        // The log knows it: that is why the money is in suspense.
        Assert.Empty(Compare(Tip(TipStage.Suspended), told, HubInvoiceStatus.Paid));
    }

    [Fact]
    public void An_order_the_node_never_took_is_nothing_to_miss()
    {
        Assert.Empty(InvoiceComparison.Compare(Tip(TipStage.Requested), new NodeWord.HasNot()));
        Assert.Empty(InvoiceComparison.Compare(Tip(TipStage.Cancelled) with { Invoice = null }, new NodeWord.HasNot()));
        Assert.Equal("InvoiceMissing", Kinds(InvoiceComparison.Compare(Tip(TipStage.AwaitingPayment), new NodeWord.HasNot())));
        var credited = InvoiceComparison.Compare(Tip(TipStage.Settled), new NodeWord.HasNot()).Single();
        Assert.Contains("10 units of CKB", credited.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void What_nobody_was_shown_may_be_anything_until_it_is_paid()
    {
        var tip = Tip(TipStage.Cancelled) with { Invoice = null };
        var other = Ordered with { Units = 9 };

        Assert.Empty(Compare(tip, other, HubInvoiceStatus.Open));
        Assert.Equal("AmountDiffers PaidNotCredited", Compare(tip, other, HubInvoiceStatus.Paid));
    }

    [Fact]
    public void Silence_says_nothing_about_the_money()
    {
        foreach (var stage in Enum.GetValues<TipStage>())
        {
            Assert.Equal("NoAnswer", Kinds(InvoiceComparison.Compare(Tip(stage), new NodeWord.Nothing(NodeFailure.NoAnswer))));
        }
    }

    [Fact]
    public void Only_what_the_watcher_would_have_done_is_ever_repaired() =>
        Assert.Equal(
            [DifferenceKind.PaidNotCredited, DifferenceKind.NotRecorded, DifferenceKind.StatusDiffers],
            Enum.GetValues<DifferenceKind>().Where(k => k.MayBeRepaired()));

    [Fact]
    public void Every_kind_has_a_name_of_its_own_and_something_to_do()
    {
        var kinds = Enum.GetValues<DifferenceKind>();
        Assert.Equal(kinds.Length, kinds.Select(k => k.Name()).Distinct().Count());
        Assert.All(kinds, k => Assert.NotEmpty(k.Do()));
    }

    [Theory]
    [InlineData(HubPaymentStatus.Created, "- PaymentDiffers PaymentDiffers")]
    [InlineData(HubPaymentStatus.Inflight, "- PaymentDiffers PaymentDiffers")]
    [InlineData(HubPaymentStatus.Success, "PaymentDiffers - PaymentDiffers")]
    [InlineData(HubPaymentStatus.Failed, "PaymentDiffers PaymentDiffers -")]
    public void A_payment_is_compared_with_what_the_log_says_became_of_it(HubPaymentStatus status, string expected)
    {
        var payment = new HubPayment(PaymentHash.Parse(Hash), status, 0, At, At, null, IsMultiPart: false);
        LoggedPaymentStatus[] logged = [LoggedPaymentStatus.UnderWay, LoggedPaymentStatus.Succeeded, LoggedPaymentStatus.Failed];

        Assert.Equal(
            expected.Split(' '),
            logged.Select(l => PaymentComparison.Compare(payment, new(payment.PaymentHash, l))?.Kind.ToString() ?? "-"));
        Assert.Equal(DifferenceKind.PaymentExtra, PaymentComparison.Compare(payment, null)?.Kind);
        Assert.Equal(
            DifferenceKind.PaymentMissing, PaymentComparison.Missing(new(payment.PaymentHash, LoggedPaymentStatus.UnderWay))?.Kind);
        Assert.Equal(
            DifferenceKind.PaymentMissing, PaymentComparison.Missing(new(payment.PaymentHash, LoggedPaymentStatus.Succeeded))?.Kind);

        // What was meant and never sent, or is certain to have failed, the node need not know.
        Assert.Null(PaymentComparison.Missing(new(payment.PaymentHash, LoggedPaymentStatus.Intended)));
        Assert.Null(PaymentComparison.Missing(new(payment.PaymentHash, LoggedPaymentStatus.Failed)));
    }

    private static LoggedTip Tip(TipStage stage) =>
        new(
            "demo",
            Terms,
            stage,
            stage is TipStage.Requested ? null : Ordered.Invoice,
            stage is TipStage.Settled or TipStage.Suspended ? Ten : null,
            IsPaidWithin: false,
            At.AddHours(1),
            null);

    private static string Compare(LoggedTip tip, NodeInvoice invoice, HubInvoiceStatus status) =>
        Kinds(InvoiceComparison.Compare(tip, new NodeWord.Has(invoice, status)));

    private static string Kinds(IEnumerable<Difference> differences) => string.Join(' ', differences.Select(d => d.Kind));
}
