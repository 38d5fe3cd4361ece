using System.Diagnostics;
using FiberLink.Events.Money;
using FiberLink.Events.Tips;

using Decision = FiberLink.Domain.Decision<FiberLink.Events.Tips.TipEvent, FiberLink.Domain.Tips.TipRefusal>;

namespace FiberLink.Domain.Tips;

/// <summary>All rules about one tip. Pure: the same command in the same state is always answered alike.</summary>
public static class TipDecider
{
    public static Decision Decide(TipCommand command, TipState state) =>
        (command, state) switch
        {
            (TipCommand.Request c, TipState.Unknown) => Request(c),

            // A retry repeats its words. The same id with other words is a mistake to point out.
            (TipCommand.Request c, TipState.Known tip) =>
                IsRetry(c, tip.Terms) ? NothingNew : Refuse(TipRefusal.TipExistsWithOtherTerms),

            (_, TipState.Unknown) => Refuse(TipRefusal.TipIsUnknown),

            (TipCommand.GiveUpOnInvoice c, TipState.Requested tip) =>
                Accept(new TipEvent.Cancelled(tip.Terms.TipId, CancelReason.NodeRefused, c.Now)),
            (TipCommand.GiveUpOnInvoice, TipState.Known) => NothingNew,

            (TipCommand.RejectInvoice c, TipState.Requested tip) =>
                Accept(new TipEvent.Cancelled(tip.Terms.TipId, CancelReason.InvoiceDiffers, c.Now)),
            (TipCommand.RejectInvoice, TipState.Known) => NothingNew,

            (TipCommand.SettleWithin c, TipState.Known tip) => SettleWithin(c, tip),

            // Whoever paid within the hub was not whoever paid at the node: that is money of its own.
            (TipCommand.ReportPaid c, TipState.Settled { IsPaidWithin: true, IsPaidTwice: false } tip) => PayTwice(c, tip),

            // Where the money is known to be, nothing the node says later changes it.
            (TipCommand.NodeReport, TipState.Settled or TipState.Suspended) => NothingNew,

            // Expired and cancelled invoices have been paid: the money came late, but it is still the recipient's money.
            (TipCommand.ReportPaid c, TipState.Known tip) => Pay(c, tip),

            // An invoice we have no record of, because the process died or because what came was not what was ordered.
            (TipCommand.NodeReport c, TipState.Requested or TipState.Cancelled { Invoice: null }) => MakeKnown(c, (TipState.Known)state),

            (TipCommand.IssueInvoice, TipState.Known) => NothingNew,

            (TipCommand.ReportReceived, TipState.Received) => NothingNew,
            (TipCommand.ReportReceived c, TipState.Known tip) => Accept(new TipEvent.PaymentReceived(tip.Terms.TipId, c.Now)),

            (TipCommand.ReportExpired, TipState.Expired or TipState.Cancelled) => NothingNew,
            (TipCommand.ReportExpired c, TipState.Known tip) => Accept(new TipEvent.Expired(tip.Terms.TipId, c.Now)),

            (TipCommand.ReportCancelled, TipState.Cancelled) => NothingNew,
            (TipCommand.ReportCancelled c, TipState.Known tip) =>
                Accept(new TipEvent.Cancelled(tip.Terms.TipId, CancelReason.NodeReported, c.Now)),

            _ => throw new UnreachableException($"{command.GetType().Name} when the tip is {state.GetType().Name}."),
        };

    /// <summary>What differs first between the order and the node's invoice: hash, asset, amount; null when nothing does.</summary>
    public static InvoiceDifference? Compare(TipTerms terms, NodeInvoice invoice) =>
        invoice.PaymentHash != terms.Order.PaymentHash ? InvoiceDifference.PaymentHash
        : invoice.Asset != terms.Amount.Asset ? InvoiceDifference.Asset
        : invoice.Units != terms.Amount.Units ? InvoiceDifference.Amount
        : null;

    // The message is sealed and the invoice ordered anew by each attempt, so neither can be compared.
    private static bool IsRetry(TipCommand.Request c, TipTerms terms) =>
        (c.PostId, c.From, c.To, c.Amount) == (terms.PostId, terms.From, terms.To, terms.Amount);

    private static Decision Request(TipCommand.Request c) =>
        c.Amount.Units == 0 || c.Amount.Units > Amount.UnitsMax
            ? Refuse(TipRefusal.AmountIsOutOfRange)
            : Accept(new TipEvent.Requested(c.TipId, c.PostId, c.From, c.To, c.Amount, c.Message, c.Order, c.Now));

    private static Decision MakeKnown(TipCommand.NodeReport c, TipState.Known tip)
    {
        if (Compare(tip.Terms, c.Invoice) is not null)
        {
            return tip is TipState.Requested
                ? Accept(new TipEvent.Cancelled(tip.Terms.TipId, CancelReason.InvoiceDiffers, c.Now))
                : NothingNew;
        }

        var issued = Issued(c, tip);
        return c switch
        {
            TipCommand.IssueInvoice => Accept(issued),
            TipCommand.ReportReceived => Accept(issued, new TipEvent.PaymentReceived(tip.Terms.TipId, c.Now)),
            TipCommand.ReportExpired => Accept(issued, new TipEvent.Expired(tip.Terms.TipId, c.Now)),
            TipCommand.ReportCancelled =>
                Accept(issued, new TipEvent.Cancelled(tip.Terms.TipId, CancelReason.NodeReported, c.Now)),
            _ => throw new UnreachableException($"{c.GetType().Name} is decided elsewhere."),
        };
    }

    private static Decision Pay(TipCommand.ReportPaid c, TipState.Known tip)
    {
        var terms = tip.Terms;
        if (Compare(terms, c.Invoice) is { } difference)
        {
            return Accept(new TipEvent.Suspended(terms.TipId, difference, Reported(c.Invoice), Suspense(c.Invoice, difference), c.Now));
        }

        var credited = new Amount(c.Invoice.Asset!.Value, c.Invoice.Units!.Value);
        var settled = new TipEvent.Settled(
            terms.TipId,
            terms.To,
            credited,
            TipState.IsLate(tip),
            JournalEntry.Move(credited, (Account.HubChannels, null), (Account.MemberAvailable, terms.To)),
            c.Now);
        return TipState.InvoiceIn(tip) is null ? Accept(Issued(c, tip), settled) : Accept(settled);
    }

    private static Decision SettleWithin(TipCommand.SettleWithin c, TipState.Known tip)
    {
        var terms = tip.Terms;
        return tip switch
        {
            TipState.Settled or TipState.Suspended or TipState.Received => Refuse(TipRefusal.IsPaid),
            _ when TipState.InvoiceIn(tip) is { } shown && (shown, terms.Amount) != (c.Invoice, c.Amount) =>
                Refuse(TipRefusal.InvoiceDiffers),
            _ when c.Payer == terms.To => Refuse(TipRefusal.PayerIsRecipient),
            TipState.AwaitingPayment { Late: false } => Accept(new TipEvent.Settled(
                terms.TipId,
                terms.To,
                terms.Amount,
                false,
                JournalEntry.Move(terms.Amount, (Account.WithinHub, null), (Account.MemberAvailable, terms.To)),
                c.Now)),
            _ => Refuse(TipRefusal.CannotBePaid),
        };
    }

    private static Decision PayTwice(TipCommand.ReportPaid c, TipState.Settled tip)
    {
        var terms = tip.Terms;
        var difference = Compare(terms, c.Invoice);
        var entry = difference is { } differs
            ? Suspense(c.Invoice, differs)
            : JournalEntry.Move(terms.Amount, (Account.HubChannels, null), (Account.MemberAvailable, terms.To));
        return Accept(new TipEvent.PaidTwice(terms.TipId, terms.To, difference, Reported(c.Invoice), entry, c.Now));
    }

    private static TipEvent.InvoiceIssued Issued(TipCommand.NodeReport c, TipState.Known tip) =>
        new(tip.Terms.TipId, c.Invoice.Invoice, c.Now, c.Invoice.ExpiresAt);

    private static ReportedInvoice Reported(NodeInvoice invoice) =>
        new(invoice.PaymentHash, invoice.AssetText, invoice.Units?.ToString(System.Globalization.CultureInfo.InvariantCulture));

    // With another hash nothing says that the money is on our invoice; in an unknown asset there is no account to post it on.
    private static JournalEntry? Suspense(NodeInvoice invoice, InvoiceDifference difference) =>
        difference is InvoiceDifference.PaymentHash || invoice.Asset is not { } asset
            || invoice.Units is not { } units || units == 0 || units > Amount.UnitsMax
                ? null
                : JournalEntry.Move(new Amount(asset, units), (Account.HubChannels, null), (Account.Suspense, null));

    private static Decision.Accepted Accept(params TipEvent[] events) => new(events);

    private static Decision.Accepted NothingNew { get; } = new([]);

    private static Decision.Refused Refuse(TipRefusal reason) => new(reason);
}
