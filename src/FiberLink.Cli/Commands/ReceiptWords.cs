using System.Globalization;
using FiberLink.Cli.Output;
using FiberLink.Events.Adjustments;
using FiberLink.Events.Money;
using FiberLink.Events.Tips;
using FiberLink.Events.Withdrawals;

namespace FiberLink.Cli.Commands;

/// <summary>What a receipt says, in words: nothing but what its events say.</summary>
internal static class ReceiptWords
{
    private static readonly EventFacts Facts = EventFacts.Offline;

    /// <param name="events">The events of one stream, in their order.</param>
    /// <returns>A line and what belongs to it, each with its name; none when these events are no receipt.</returns>
    public static (string Title, IReadOnlyList<(string Name, string Text)> Lines)? Of(IReadOnlyList<ProvenEvent> events)
    {
        var (of, bodies) = (events[0].Tenant, events.Select(e => (Event: e, e.Body)).ToArray());
        (ProvenEvent Event, T Body)? First<T>()
            where T : class =>
            bodies.Where(b => b.Body is T).Select(b => ((ProvenEvent, T)?)(b.Event, (T)b.Body!)).FirstOrDefault();

        if (First<TipEvent.Settled>() is { } settled)
        {
            return Tip(of, First<TipEvent.Requested>(), settled);
        }

        if (First<WithdrawalEvent.Completed>() is { } completed)
        {
            return Withdrawal(of, First<WithdrawalEvent.Requested>(), completed.Event, Paid(completed.Body), completed.Body.Entry);
        }

        if (First<WithdrawalEvent.Transferred>() is { } transferred)
        {
            return Withdrawal(of, First<WithdrawalEvent.Requested>(), transferred.Event, Paid(transferred.Body), transferred.Body.Entry);
        }

        return First<AdjustmentEvent.Posted>() is { } posted
            ? Adjustment(of, First<AdjustmentEvent.Requested>(), posted, First<AdjustmentEvent.Reversed>())
            : null;
    }

    private static (string, IReadOnlyList<(string, string)>) Tip(
        string of, (ProvenEvent Event, TipEvent.Requested Body)? wish, (ProvenEvent Event, TipEvent.Settled Body) settled)
    {
        var paid = settled.Body;
        var amount = Facts.Amount(paid.Amount);
        var lines = new List<(string, string)>();
        if (wish is { Event: var asked, Body: var tip })
        {
            lines.Add(("wished", $"{When(asked)}: {tip.From} to {tip.To}, {Facts.Amount(tip.Amount)} for post {tip.PostId}"));
            lines.Add(("invoice", $"payment hash {tip.Order.PaymentHash}"));
            if (tip.Message is not null)
            {
                lines.Add(("text", "one came with it; it is sealed, and this file has no key"));
            }
        }

        lines.Add(("paid", $"{When(settled.Event)}: {paid.To} was credited {amount}{(paid.Late ? ", late" : "")}"
            + (paid.WasPaidWithin() ? ", by another member of the hub" : ", received by the hub's node")));
        return wish is { Body: var by }
            ? ($"Tip: {by.From} gave {paid.To} of {of} {amount} for post {by.PostId}.", lines)
            : ($"Tip: {paid.To} of {of} was given {amount}. By whom and what for is not in this file.", lines);
    }

    private static (string, IReadOnlyList<(string, string)>) Withdrawal(
        string of,
        (ProvenEvent Event, WithdrawalEvent.Requested Body)? wish,
        ProvenEvent outcome,
        IReadOnlyList<(string, string)> paid,
        JournalEntry entry)
    {
        var lines = new List<(string, string)>();
        if (wish is { Event: var asked, Body: var way })
        {
            lines.Add(("wished", $"{When(asked)}: {way.Member}, {Facts.Amount(way.Amount)}; {Facts.Amount(way.Hold)} was held for it"));
            lines.Add(("to", $"{Kind(way.Destination.Kind)} {way.Destination.Text}"));
            if (way.Destination.PaymentHash is { } hash)
            {
                lines.Add(("invoice", $"payment hash {hash}"));
            }

            lines.Add(("arrived", Facts.Amount(way.Pays)));
        }

        lines.Add(("paid", When(outcome)));
        lines.AddRange(paid);
        return wish is { Body: var by }
            ? ($"Withdrawal: {by.Member} of {of} had {Facts.Amount(by.Pays)} paid out.", lines)
            : ($"Withdrawal: {Member(entry)} of {of} had money paid out. Where to and how much is not in this file.", lines);
    }

    private static IReadOnlyList<(string, string)> Paid(WithdrawalEvent.Completed e) =>
    [
        ("evidence", $"{e.Evidence}, the hash of the transaction or of the payment"),
        ("fee", $"{Facts.Amount(e.Fee)} was what the way cost"),
        .. Worth(e.Usd),
        ("later", "Whether a reorganisation of the chain took it back later, this does not show."),
    ];

    private static IReadOnlyList<(string, string)> Paid(WithdrawalEvent.Transferred e) =>
        [("evidence", $"{e.PaymentHash}, the payment hash of a tip of this hub: nothing left it, for no fee"), .. Worth(e.Usd)];

    private static IEnumerable<(string, string)> Worth(UsdQuote? usd) => usd is null
        ? []
        : [("worth", string.Create(
            CultureInfo.InvariantCulture, $"{usd.Cents / 100}.{usd.Cents % 100:00} US dollars, at {usd.Rate} by {usd.Source}"))];

    private static (string, IReadOnlyList<(string, string)>) Adjustment(
        string of,
        (ProvenEvent Event, AdjustmentEvent.Requested Body)? wish,
        (ProvenEvent Event, AdjustmentEvent.Posted Body) posted,
        (ProvenEvent Event, AdjustmentEvent.Reversed Body)? reversed)
    {
        var lines = new List<(string, string)>();
        if (wish is { Event: var asked, Body: var request })
        {
            lines.Add(("wished", $"{When(asked)}, by {request.By}: {request.Reason}"));
        }

        lines.Add(("agreed", $"{When(posted.Event)}, by {posted.Body.By}: {posted.Body.Reason}"));
        lines.AddRange(posted.Body.Entry.Postings.Select(p => ("posted", $"{p.Account}{Of(p.Member)} {Signed(p)}")));
        if (reversed is { Event: var taken, Body: var back })
        {
            lines.Add(("taken back", $"{When(taken)}, by {back.By}: {back.Reason}"));
        }
        else
        {
            lines.Add(("later", "Whether it was taken back later, this does not show."));
        }

        var what = wish is { Body: var said }
            ? $"{Facts.Amount(said.Amount)} from {AccountNames.Of(said.From)} to {AccountNames.Of(said.To)}"
            : "the postings below";
        return ($"Adjustment of the books of {of} by hand: {what}{(reversed is null ? "." : ", AND TAKEN BACK SINCE.")}", lines);
    }

    private static string Kind(DestinationKind kind) => kind switch
    {
        DestinationKind.CkbAddress => "the CKB address",
        DestinationKind.PaymentRequest => "the Fiber invoice",
        DestinationKind.TipInvoice => "the invoice of a tip of this hub,",
        _ => kind.ToString(),
    };

    private static string Member(JournalEntry entry) =>
        entry.Postings.Select(p => p.Member).FirstOrDefault(m => m is not null) ?? "a member";

    private static string Signed(Posting p) => (p.Units > 0 ? "+" : "") + Facts.Amount(p.Asset, p.Units);

    private static string Of(string? member) => member is null ? "" : $" {member}";

    private static string When(ProvenEvent e) => string.Create(CultureInfo.InvariantCulture, $"{e.Moment}, position {e.Position}");
}
