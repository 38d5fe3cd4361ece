using FiberLink.Messaging;
using FiberLink.Postgres;
using FiberLink.Projections.InvoiceWatch;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Startup;
using Npgsql;

namespace FiberLink.Service.Settlements;

/// <summary>
/// Asks the node about invoices, at their due times and when there is a hint, and puts what is news into the inbox. One service node
/// does so at a time. It decides nothing and credits nothing: that is for the message's handler.
/// </summary>
internal sealed partial class SettlementWatcher(
    NpgsqlDataSource database,
    InvoiceWatchQuery watch,
    InvoiceCheck check,
    MessageQueue inbox,
    CommitSignals signals,
    PayerAttention attention,
    NodeHints hints,
    NodeListener listener,
    StopPoints stops,
    ServiceSettings settings,
    TimeProvider time,
    ILogger<SettlementWatcher> logger)
{
    private const int BatchMax = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LockInterval = TimeSpan.FromSeconds(2);
    private static readonly RetrySchedule Outage = new(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(10), int.MaxValue);

    private readonly DueInvoices _due = new(watch, time);
    private readonly CallBudget _budget = new(settings.SettlementCallsPerSecond, time);

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        var failures = 0;
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await using var held = await AdvisoryLock.TryTakeAsync(database, "settlement-watcher", ct);
                if (held is null)
                {
                    await Task.Delay(LockInterval, time, ct);
                    continue;
                }

                failures = 0;
                await WatchAsync(held, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception broken) when (broken is NpgsqlException or IOException or TimeoutException)
            {
                failures++;
                LogWatchFailed(broken, failures);
                await SleepAsync(Outage.Pause(failures), ct);
            }
        }
    }

    /// <summary>Watches, and listens to the node meanwhile, for as long as the lock is held.</summary>
    private async Task WatchAsync(AdvisoryLock held, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var listening = listener.RunAsync(stop.Token);
        try
        {
            var outages = 0;
            while (await held.IsStillHeldAsync(ct))
            {
                var round = await PollAsync(ct);
                listener.Review();
                outages = round is Round.NoAnswer ? outages + 1 : 0;
                if (outages > 0)
                {
                    await Task.Delay(Outage.Pause(outages), time, ct);
                }
                else if (round is not Round.Full)
                {
                    await hints.WaitAsync(Pause, time, ct);
                }
            }
        }
        finally
        {
            await stop.CancelAsync();
            await listening;
        }
    }

    /// <summary>Asks about one batch of invoices.</summary>
    /// <returns>Whether it is worth asking on at once, after the usual pause, or after a longer one.</returns>
    private async Task<Round> PollAsync(CancellationToken ct)
    {
        var most = _budget.Take(BatchMax);
        if (most == 0)
        {
            await Task.Delay(_budget.Until(BatchMax), time, ct);
            return Round.Full;
        }

        var hashes = hints.Take(most);
        var due = await _due.TakeAsync(attention.Take(most - hashes.Count), hashes, most, ct);
        _budget.GiveBack(most - due.Count);
        if (due.Count == 0)
        {
            return Round.Small;
        }

        var seen = await check.RunAsync(due, ct);
        await TellAsync(seen, ct);
        if (seen.All(s => !s.IsAnswered))
        {
            return Round.NoAnswer;
        }

        // Those that alone got no answer wait a little, so that they do not hold up the others; in an outage all stay due.
        await watch.PutOffAsync([.. seen.Select(s => (s.Invoice, s.Next))], ct);
        return due.Count == most ? Round.Full : Round.Small;
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

    private async Task SleepAsync(TimeSpan pause, CancellationToken ct)
    {
        try
        {
            await Task.Delay(pause, time, ct);
        }
        catch (OperationCanceledException)
        {
            // The loop's condition stops it.
        }
    }

    private enum Round
    {
        /// <summary>All that was due was asked about.</summary>
        Small = 1,

        /// <summary>There is more.</summary>
        Full = 2,

        /// <summary>Asking on would only be noise.</summary>
        NoAnswer = 3,
    }

    [LoggerMessage(2200, LogLevel.Error, "Invoices could not be watched for the {Failures}. time in a row; it will be tried again")]
    private partial void LogWatchFailed(Exception cause, int failures);
}
