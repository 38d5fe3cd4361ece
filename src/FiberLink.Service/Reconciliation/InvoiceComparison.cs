using System.Globalization;
using FiberLink.Domain.Tips;
using FiberLink.HubNode;
using FiberLink.Projections;

namespace FiberLink.Service.Reconciliation;

/// <summary>What the node says about a tip's invoice.</summary>
internal abstract record NodeWord
{
    private NodeWord()
    {
    }

    /// <summary>It has it.</summary>
    public sealed record Has(NodeInvoice Invoice, HubInvoiceStatus Status) : NodeWord;

    /// <summary>It has no invoice with this hash.</summary>
    public sealed record HasNot : NodeWord;

    /// <summary>Nothing that says anything about it.</summary>
    public sealed record Nothing(NodeFailure Failure) : NodeWord;
}

/// <summary>Compares a tip in the log with the node's invoice. Pure.</summary>
internal static class InvoiceComparison
{
    /// <returns>Everything that differs; empty when the two agree.</returns>
    public static IReadOnlyList<Difference> Compare(LoggedTip tip, NodeWord node) =>
        node switch
        {
            NodeWord.Nothing nothing => [Of(tip, DifferenceKind.NoAnswer, $"the node: {nothing.Failure}")],
            NodeWord.HasNot => Missing(tip),
            NodeWord.Has has => [.. Terms(tip, has.Invoice, has.Status), .. Standing(tip, has.Status)],
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    /// <summary>An order that the node never took is nothing to miss.</summary>
    private static Difference[] Missing(LoggedTip tip)
    {
        if (tip.Invoice is null && tip.Booked is null)
        {
            return [];
        }

        var booked = tip.Booked is { } money ? $" with {money.Units} units of {money.Asset}" : "";
        return [Of(tip, DifferenceKind.InvoiceMissing, $"the log has {tip.Stage}{booked}, the node no such invoice")];
    }

    private static IEnumerable<Difference> Terms(LoggedTip tip, NodeInvoice invoice, HubInvoiceStatus status)
    {
        // What the log itself knows to differ: nobody was shown it, or the money is in suspense for that very reason.
        if (tip.Stage is TipStage.Suspended
            || (tip.Stage is TipStage.Cancelled && tip.Invoice is null && status is not HubInvoiceStatus.Paid))
        {
            yield break;
        }

        var (order, agreed) = (tip.Terms.Order, tip.Booked ?? tip.Terms.Amount);
        if (invoice.PaymentHash != order.PaymentHash)
        {
            yield return Of(tip, DifferenceKind.HashDiffers, $"the node tells of {invoice.PaymentHash}");
        }

        if (invoice.Asset != agreed.Asset)
        {
            yield return Of(tip, DifferenceKind.AssetDiffers, $"the log has {agreed.Asset}, the node {invoice.AssetText}");
        }

        if (invoice.Units != agreed.Units)
        {
            var told = invoice.Units is { } units ? string.Create(CultureInfo.InvariantCulture, $"{units}") : "any amount";
            yield return Of(
                tip,
                DifferenceKind.AmountDiffers,
                string.Create(CultureInfo.InvariantCulture, $"the log has {agreed.Units} units, the node {told}"));
        }

        if (tip.Invoice is { } shown && invoice.Invoice != shown)
        {
            yield return Of(tip, DifferenceKind.TextDiffers, "the node tells another text than was shown");
        }
    }

    private static Difference[] Standing(LoggedTip tip, HubInvoiceStatus status)
    {
        var words = $"the log has {tip.Stage}, the node {status}";
        return (tip.Stage, status) switch
        {
            // A member has paid it within the hub: the node need not have been paid.
            (TipStage.Settled, HubInvoiceStatus.Paid) when !tip.IsPlaced => [Of(tip, DifferenceKind.PaidNotCredited, words)],
            (TipStage.Settled, _) when !tip.IsPlaced => [],
            (TipStage.Settled or TipStage.Suspended, HubInvoiceStatus.Paid) => [],

            // In suspense without an entry the books have nothing: there is no money to miss.
            (TipStage.Suspended, _) when tip.Booked is null => [Of(tip, DifferenceKind.StatusDiffers, words)],
            (TipStage.Settled or TipStage.Suspended, _) => [Of(tip, DifferenceKind.CreditedNotPaid, words)],
            (_, HubInvoiceStatus.Paid) => [Of(tip, DifferenceKind.PaidNotCredited, words)],
            (TipStage.Requested, _) => [Of(tip, DifferenceKind.NotRecorded, words)],
            _ => Agree(tip, status) ? [] : [Of(tip, DifferenceKind.StatusDiffers, words)],
        };
    }

    private static bool Agree(LoggedTip tip, HubInvoiceStatus status) =>
        status switch
        {
            // What was given up before anybody was shown an invoice may be open at the node: nobody can pay it.
            HubInvoiceStatus.Open => tip.Stage is TipStage.AwaitingPayment || (tip.Stage is TipStage.Cancelled && tip.Invoice is null),
            HubInvoiceStatus.Received => tip.Stage is TipStage.Received,
            HubInvoiceStatus.Expired => tip.Stage is TipStage.Expired or TipStage.Cancelled,
            HubInvoiceStatus.Cancelled => tip.Stage is TipStage.Cancelled,
            _ => false,
        };

    private static Difference Of(LoggedTip tip, DifferenceKind kind, string detail) =>
        new(kind, tip.Terms.Order.PaymentHash, detail)
        {
            Tenant = tip.Tenant,
            TipId = tip.Terms.TipId,
            Since = tip.LastAt,
            Money = tip.Booked ?? tip.Terms.Amount,
        };
}
