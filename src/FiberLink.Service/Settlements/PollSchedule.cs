using FiberLink.Projections;
using FiberLink.Projections.InvoiceWatch;

namespace FiberLink.Service.Settlements;

/// <summary>
/// When to ask the node about an invoice again although nobody is known to wait for it: often while it is fresh, rarely when only a
/// late payment can come.
/// </summary>
internal static class PollSchedule
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan FreshFor = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan OpenMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan OverLeast = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan OverMax = TimeSpan.FromHours(1);

    /// <summary>
    /// A payer may lock the payment for up to 14 days after an invoice is over, and FNN 0.8 then still completes it.
    /// </summary>
    private static readonly TimeSpan WatchedFor = TimeSpan.FromDays(15);

    private const int AgeShare = 300;
    private const int OverShare = 10;

    /// <returns>Null when nothing can come any more.</returns>
    public static DateTimeOffset? Next(WatchedInvoice invoice, TipStage stage, DateTimeOffset now)
    {
        var over = now - invoice.ExpiresAt;
        if (stage is not TipStage.Received && over > WatchedFor)
        {
            return null;
        }

        if (stage is TipStage.Expired or TipStage.Cancelled)
        {
            return now + Clamp(over / OverShare, OverLeast, OverMax);
        }

        var age = now - invoice.IssuedAt;
        return now + (age < FreshFor ? Fresh : Clamp(age / AgeShare, Fresh, OpenMax));
    }

    private static TimeSpan Clamp(TimeSpan value, TimeSpan least, TimeSpan most) => value < least ? least : value > most ? most : value;
}
