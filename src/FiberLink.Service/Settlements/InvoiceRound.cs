using FiberLink.Messaging;
using FiberLink.Projections.InvoiceWatch;
using FiberLink.Service.CommandHandling;

namespace FiberLink.Service.Settlements;

/// <summary>
/// Asks the node about some invoices, puts what is news into the inbox, and sets their next due times. It decides nothing and credits
/// nothing: that is for the message's handler.
/// </summary>
internal sealed class InvoiceRound(
    InvoiceCheck check, MessageQueue inbox, CommitSignals signals, InvoiceWatchQuery watch, NodeListener listener, StopPoints stops)
{
    /// <returns>False when the node answered nothing at all; then all stay due.</returns>
    public async Task<bool> RunAsync(IReadOnlyCollection<WatchedInvoice> invoices, CancellationToken ct)
    {
        var seen = await check.RunAsync(invoices, listener.IsHeard, ct);
        await TellAsync(seen, ct);
        if (seen.All(s => !s.IsAnswered))
        {
            return false;
        }

        // Those that alone got no answer wait a little, so that they do not hold up the others.
        await watch.PutOffAsync([.. seen.Select(s => (s.Invoice, s.Next))], ct);
        return true;
    }

    private async Task TellAsync(IReadOnlyCollection<CheckedInvoice> seen, CancellationToken ct)
    {
        var news = seen.Select(s => s.News).OfType<OutgoingMessage>().ToArray();
        if (news.Length == 0)
        {
            return;
        }

        stops.Reach(StopPoints.SettlePaidSeen);

        // First into the inbox, then on to the next due time: what is seen twice is taken once, what is not seen is lost.
        await inbox.ReceiveAsync(news, ct);
        stops.Reach(StopPoints.SettleReceived);
        signals.Received();
        foreach (var payment in seen.Where(s => s.IsPayment))
        {
            listener.Found(payment.Invoice.PaymentHash);
        }
    }
}
