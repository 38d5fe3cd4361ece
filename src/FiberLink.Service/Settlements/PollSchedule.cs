using FiberLink.Projections;
using FiberLink.Projections.InvoiceWatch;

namespace FiberLink.Service.Settlements;

/// <summary>
/// When to ask the node about an invoice again although nobody is known to wait for it and the node has said nothing: after a share
/// of the time for which it has been open. Four times in three seconds at first, every two minutes when it is old, every hour when only a
/// late payment can come. While the node tells of payments by itself, fresh invoices can wait: only what it forgets to tell is found so.
/// </summary>
internal static class PollSchedule
{
    private static readonly TimeSpan OpenLeast = TimeSpan.FromMilliseconds(750);
    private static readonly TimeSpan ToldLeast = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan OpenMost = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan FreshFor = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan OverLeast = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan OverMost = TimeSpan.FromHours(1);

    /// <summary>
    /// A payer may lock the payment for up to 14 days after an invoice is over, and FNN 0.8 then still completes it.
    /// </summary>
    private static readonly TimeSpan WatchedFor = TimeSpan.FromDays(15);

    private const int AgeShare = 8;
    private const int OverShare = 10;

    /// <param name="invoice">As it is known.</param>
    /// <param name="stage">As the node has just said.</param>
    /// <param name="isTold">Whether the node tells of payments.</param>
    /// <param name="now">The time.</param>
    /// <returns>A time of null when nothing can come any more.</returns>
    public static NextPoll Next(WatchedInvoice invoice, TipStage stage, bool isTold, DateTimeOffset now)
    {
        var over = now - invoice.ExpiresAt;
        if (stage is not TipStage.Received && over > WatchedFor)
        {
            return new(null, IsSlow: true);
        }

        if (stage is TipStage.Expired or TipStage.Cancelled)
        {
            return new(now + Clamp(over / OverShare, OverLeast, OverMost), IsSlow: true);
        }

        var age = now - invoice.IssuedAt;
        return new(now + Clamp(age / AgeShare, isTold ? ToldLeast : OpenLeast, OpenMost), IsSlow: age > FreshFor);
    }

    private static TimeSpan Clamp(TimeSpan value, TimeSpan least, TimeSpan most) => value < least ? least : value > most ? most : value;
}
