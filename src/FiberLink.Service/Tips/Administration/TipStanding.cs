using System.Globalization;
using FiberLink.Domain.Tips;
using FiberLink.Events.Money;
using FiberLink.Events.Tips;
using FiberLink.EventStore;
using FiberLink.Service.Startup;

namespace FiberLink.Service.Tips.Administration;

/// <summary>Where a tip stands, in words for whoever is asked why a balance is what it is.</summary>
/// <param name="Where">Where it stands, and since when.</param>
/// <param name="Credited">What the recipient was credited, and why nothing when nothing was.</param>
/// <param name="Next">What happens next, or who has to do what.</param>
/// <param name="Proof">The command that proves it; null while there is nothing to prove.</param>
internal sealed record TipStanding(string Where, string Credited, string Next, string? Proof)
{
    public static TipStanding Of(
        string tenant, TipTerms terms, IReadOnlyList<RecordedEvent> events, AssetSettings assets, DateTimeOffset now)
    {
        var end = events.Select(e => e.Body).OfType<TipEvent.InvoiceIssued>().LastOrDefault()?.ExpiresAt;
        var last = events[^1];
        var words = new Words(tenant, terms, assets);
        return last.Body switch
        {
            TipEvent.Requested => new(
                $"asked for, {Since(last)}; the node is not known to have made the invoice yet",
                "nothing: there is nothing yet that could be paid",
                "The service asks the node again until it answers ('messages list --name issue-invoice').",
                null),
            TipEvent.InvoiceIssued => new(
                end < now
                    ? $"open, {Since(last)}; its invoice's end was at {Moment(end.Value)}, which the node has not confirmed yet"
                    : $"open, {Since(last)}; its invoice can be paid until {Moment(end!.Value)}",
                "nothing: the node has not reported a payment",
                $"When the node says that it is paid, {terms.To} is credited.",
                null),
            TipEvent.PaymentReceived => new(
                $"a payment is held at the node, {Since(last)}, and has not settled",
                "nothing yet: a payment that is held may still fall back to the payer",
                $"When the node settles it, {terms.To} is credited.",
                null),
            TipEvent.Settled e => words.Settled(last, e),
            TipEvent.PaidTwice e => words.PaidTwice(last, e),
            TipEvent.Expired => new(
                $"expired, {Since(last)}: its invoice could be paid until {(end is { } at ? Moment(at) : "?")}, "
                + "and the node had no payment",
                "nothing: nobody had paid by then",
                $"Nothing. Should the node report a payment after all, {terms.To} is credited late.",
                null),
            TipEvent.Cancelled e => new(
                $"cancelled, {Since(last)}: {Reason(e.Reason)}",
                "nothing: nothing was paid on it",
                $"Nothing. Should the node report a payment after all, {terms.To} is credited late.",
                null),
            TipEvent.Suspended e => words.Suspended(last, e),
            _ => throw new System.Diagnostics.UnreachableException($"Nothing is said of a tip after {last.Name}."),
        };
    }

    /// <summary>Why a tip was cancelled.</summary>
    public static string Reason(CancelReason reason) =>
        reason switch
        {
            CancelReason.NodeReported => "the node says that the invoice is cancelled",
            CancelReason.InvoiceDiffers => "the node made an invoice that is not the one that was ordered; nobody was shown it",
            CancelReason.NodeRefused => "the node refuses to make such an invoice",
            _ => reason.ToString(),
        };

    /// <summary>A moment as operators read it.</summary>
    public static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Since(RecordedEvent @event) =>
        string.Create(CultureInfo.InvariantCulture, $"{Moment(@event.At)} (position {@event.Position})");

    /// <summary>Sentences about money that came.</summary>
    private sealed record Words(string Tenant, TipTerms Terms, AssetSettings Assets)
    {
        private string Receipt => $"fiberlink audit receipt tip {Terms.TipId} --app {Tenant}";

        public TipStanding Settled(RecordedEvent at, TipEvent.Settled e) => new(
            $"settled, {Since(at)}"
            + (e.Late ? ", late: it had been given up before" : "")
            + (e.WasPaidWithin() ? ", by another member within the hub" : ""),
            $"{Of(e.Amount)} to {e.To}, at position {Position(at)}",
            "Nothing.",
            Receipt);

        public TipStanding PaidTwice(RecordedEvent at, TipEvent.PaidTwice e) => e.Difference is { } difference
            ? new(
                $"settled within the hub, and paid at the node as well, {Since(at)}, but not as ordered: {Came(difference, e.Reported)}",
                $"{Of(Terms.Amount)} to {e.To}, once; for the second payment nothing: {Kept(e.Entry)}",
                Way(e.Entry),
                Receipt)
            : new(
                $"settled within the hub, and paid at the node as well, {Since(at)}",
                $"{Of(Terms.Amount)} to {e.To}, twice: the second time at position {Position(at)}",
                "Nothing.",
                Receipt);

        public TipStanding Suspended(RecordedEvent at, TipEvent.Suspended e) => new(
            $"suspended, {Since(at)}: paid, but not as ordered: {Came(e.Difference, e.Reported)}",
            $"nothing: {Kept(e.Entry)}",
            Way(e.Entry),
            e.Entry is null
                ? $"fiberlink audit prove event {Position(at)}"
                : $"fiberlink audit prove entry {Position(at)}");

        private string Came(InvoiceDifference difference, ReportedInvoice reported) => difference switch
        {
            InvoiceDifference.PaymentHash =>
                $"ordered was the payment hash {Terms.Order.PaymentHash}, what came is on {reported.PaymentHash}",
            _ => $"ordered were {Of(Terms.Amount)}, what came are {Of(reported)}",
        };

        private string Kept(JournalEntry? entry) =>
            Suspense(entry) is { } amount
                ? $"{Of(amount)} are in suspense until two persons decide"
                : "nothing was posted, as nothing says whose and what it is";

        private string Way(JournalEntry? entry) =>
            Suspense(entry) is { } amount
                ? $"Two persons move it: fiberlink adjust request --app {Tenant} --from suspense --to member:{Terms.To} "
                    + $"--amount {Assets.Format(amount)} --asset {amount.Asset} --by … --reason … and then, by another, fiberlink adjust "
                    + $"approve. Whether that is done already: fiberlink adjust list --app {Tenant}."
                : $"Look at what the node has: fiberlink node invoice {Terms.Order.PaymentHash}; then docs/runbooks/reconcile.md.";

        private static Amount? Suspense(JournalEntry? entry) =>
            entry?.Postings.FirstOrDefault(p => p.Account is Account.Suspense) is { } posting
                ? new Amount(posting.Asset, (UInt128)posting.Units)
                : null;

        private string Of(Amount amount) => $"{Assets.Format(amount)} {amount.Asset}";

        // The node's words: the asset may be none that we know, and the invoice may name no amount.
        private string Of(ReportedInvoice reported) =>
            Assets.Find(Own(reported.Asset)) is { } known
            && UInt128.TryParse(reported.Units, NumberStyles.None, CultureInfo.InvariantCulture, out var units)
                ? Of(new Amount(known.Asset, units))
                : $"{reported.Units ?? "an unnamed number of"} units of {reported.Asset}";

        // The network stands before it; on another one it is another asset.
        private string Own(string asset) =>
            asset.StartsWith($"{Terms.Order.Currency}/", StringComparison.Ordinal) ? asset[(Terms.Order.Currency.Length + 1)..] : asset;

        private static string Position(RecordedEvent @event) => @event.Position.ToString(CultureInfo.InvariantCulture);
    }
}
