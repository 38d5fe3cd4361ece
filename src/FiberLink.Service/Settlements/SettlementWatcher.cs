using FiberLink.Messaging;
using FiberLink.Postgres;
using FiberLink.Projections.InvoiceWatch;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Startup;
using Npgsql;

namespace FiberLink.Service.Settlements;

/// <summary>
/// Sees to it that the node is asked about invoices: at their due times, and side by side with that about those for which there is a
/// hint, so that they wait for nobody. One service node does so at a time.
/// </summary>
internal sealed partial class SettlementWatcher(
    NpgsqlDataSource database,
    InvoiceWatchQuery watch,
    InvoiceRound round,
    PayerAttention attention,
    NodeHints hints,
    NodeListener listener,
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
        Task[] watching = [listener.RunAsync(stop.Token), AskAboutWantedAsync(stop.Token), AskAboutDueAsync(held, stop.Token)];
        await Task.WhenAny(watching);
        await stop.CancelAsync();
        try
        {
            await Task.WhenAll(watching);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // One of them came to its end, which ended the others. What failed is told before what was cancelled.
        }
    }

    private async Task AskAboutDueAsync(AdvisoryLock held, CancellationToken ct)
    {
        var outages = 0;
        while (await held.IsStillHeldAsync(ct))
        {
            listener.Review();
            var most = _budget.TakeUnurgent(BatchMax);
            var due = most == 0 ? [] : await _due.TakeAsync(most, ct);
            _budget.GiveBack(most - due.Count);
            outages = due.Count == 0 || await round.RunAsync(due, ct) ? 0 : outages + 1;
            if (outages > 0)
            {
                await Task.Delay(Outage.Pause(outages), time, ct);
            }
            else if (most == 0)
            {
                await Task.Delay(_budget.UntilUnurgent(BatchMax), time, ct);
            }
            else if (due.Count < most && !_due.IsCrowded)
            {
                await Task.Delay(Pause, time, ct);
            }
        }
    }

    /// <summary>Those that somebody waits for, or about which the node has said something.</summary>
    private async Task AskAboutWantedAsync(CancellationToken ct)
    {
        while (true)
        {
            var most = _budget.Take(BatchMax);
            var hashes = hints.Take(most);
            var tips = attention.Take(most - hashes.Count);
            _budget.GiveBack(most - hashes.Count - tips.Count);
            if (most == 0)
            {
                await Task.Delay(_budget.Until(BatchMax), time, ct);
                continue;
            }

            if (hashes.Count + tips.Count > 0
                && await watch.WantedAsync(tips, hashes, ct) is { Count: > 0 } wanted
                && !await round.RunAsync(wanted, ct))
            {
                // They are due at their times.
                await Task.Delay(Outage.Pause(1), time, ct);
            }
            else if (hashes.Count + tips.Count < most)
            {
                await hints.WaitAsync(Pause, time, ct);
            }
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

    [LoggerMessage(2200, LogLevel.Error, "Invoices could not be watched for the {Failures}. time in a row; it will be tried again")]
    private partial void LogWatchFailed(Exception cause, int failures);
}
