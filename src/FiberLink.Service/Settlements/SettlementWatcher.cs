using System.Collections.Concurrent;
using System.Diagnostics;
using FiberLink.HubNode;
using FiberLink.Messaging;
using FiberLink.Postgres;
using FiberLink.Projections;
using FiberLink.Projections.InvoiceWatch;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Messages;
using FiberLink.Service.NodeLanguage;
using FiberLink.Service.Telemetry;
using Npgsql;

namespace FiberLink.Service.Settlements;

/// <summary>
/// Asks the node about the invoices that are due, oldest first, and puts what is news into the inbox. One service node does so
/// at a time. It decides nothing and credits nothing: that is for the message's handler.
/// </summary>
internal sealed partial class SettlementWatcher(
    NpgsqlDataSource database,
    IHubNode node,
    InvoiceWatchQuery watch,
    NodeWords words,
    MessageQueue inbox,
    CommitSignals signals,
    PayerAttention attention,
    StopPoints stops,
    TimeProvider time,
    ILogger<SettlementWatcher> logger)
{
    // With the pause after each batch, two hundred calls a second at most, however many invoices are open; more only while
    // most of what is asked about turns out to be news.
    private const int BatchMax = 20;
    private const int NewsShare = 2;
    private const int InFlightMax = 16;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LockInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan UnknownPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan UnansweredPause = TimeSpan.FromSeconds(5);
    private static readonly RetrySchedule Outage = new(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(10), int.MaxValue);

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

                while (await held.IsStillHeldAsync(ct))
                {
                    var polled = await PollAsync(ct);
                    failures = polled is Polled.NoAnswer ? failures + 1 : 0;
                    if (polled is not Polled.MostlyNews)
                    {
                        await Task.Delay(failures == 0 ? Pause : Outage.Pause(failures), time, ct);
                    }
                }
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

    /// <summary>Asks about one batch of invoices: those that somebody waits for, and those that are due.</summary>
    /// <returns>Whether it is worth asking on at once, after the usual pause, or after a longer one.</returns>
    private async Task<Polled> PollAsync(CancellationToken ct)
    {
        var due = await watch.DueAsync(time.GetUtcNow(), BatchMax, attention.Take(BatchMax), ct);
        if (due.Count == 0)
        {
            return Polled.LittleNews;
        }

        var seen = new ConcurrentBag<(WatchedInvoice Invoice, NodeAnswer<HubInvoice> Answer)>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = InFlightMax, CancellationToken = ct };
        await Parallel.ForEachAsync(due, options, async (invoice, token) => seen.Add((invoice, await AskAsync(invoice, token))));

        var news = seen.Select(s => NewsOf(s.Invoice, s.Answer)).OfType<OutgoingMessage>().ToArray();
        if (news.Length > 0)
        {
            stops.Reach(StopPoints.SettlePaidSeen);

            // First into the inbox, then on to the next due time: what is seen twice is taken once, what is not seen is lost.
            await inbox.ReceiveAsync(news, ct);
            stops.Reach(StopPoints.SettleReceived);
            signals.Received();
        }

        var answered = seen.Where(s => !IsOutage(s.Answer)).ToArray();
        ServiceTelemetry.CountPolls(answered.Length, seen.Count - answered.Length);
        if (answered.Length > 0)
        {
            // Those that alone got no answer wait a little, so that they do not hold up the others; in an outage all stay due.
            await watch.PutOffAsync([.. seen.Select(s => (s.Invoice, NextOf(s.Invoice, s.Answer)))], ct);
        }

        return answered.Length == 0 ? Polled.NoAnswer
            : news.Length * NewsShare >= seen.Count ? Polled.MostlyNews
            : Polled.LittleNews;
    }

    private async Task<NodeAnswer<HubInvoice>> AskAsync(WatchedInvoice invoice, CancellationToken ct)
    {
        using var unrecorded = ServiceTelemetry.StartUnrecorded();
        return await node.FindInvoiceAsync(PaymentHash.Parse(invoice.PaymentHash), ct);
    }

    private OutgoingMessage? NewsOf(WatchedInvoice watched, NodeAnswer<HubInvoice> answer)
    {
        if (answer is not NodeAnswer<HubInvoice>.Ok { Value: { Status: { } status } invoice } || StatusOf(status) is not { } observed
            || IsKnown(watched.Stage, observed))
        {
            return null;
        }

        using var activity = ServiceTelemetry.StartObserved(watched.TraceParent, watched.Tenant, watched.TipId, observed.ToString());
        return new InvoiceObserved(watched.TipId, watched.PaymentHash, observed, words.ToMessage(invoice))
            .ToMessage(watched.Tenant, time.GetUtcNow(), activity?.Id ?? watched.TraceParent);
    }

    private DateTimeOffset? NextOf(WatchedInvoice watched, NodeAnswer<HubInvoice> answer)
    {
        var now = time.GetUtcNow();
        switch (answer)
        {
            case NodeAnswer<HubInvoice>.Ok { Value.Status: { } status }:
                return PollSchedule.Next(watched, StageOf(status, watched.Stage), now);
            case NodeAnswer<HubInvoice>.Failed { Failure: NodeFailure.InvoiceNotFound }:
                // A node that lost its data, or another node altogether. It fails nothing here.
                LogInvoiceUnknown(watched.TipId, watched.PaymentHash);
                var next = PollSchedule.Next(watched, watched.Stage, now);
                return next < now + UnknownPause ? now + UnknownPause : next;
            default:
                return now + UnansweredPause;
        }
    }

    private enum Polled
    {
        LittleNews = 1,
        MostlyNews = 2,

        /// <summary>Asking on would only be noise.</summary>
        NoAnswer = 3,
    }

    private static bool IsOutage(NodeAnswer<HubInvoice> answer) =>
        answer is NodeAnswer<HubInvoice>.Failed { Failure: not NodeFailure.InvoiceNotFound };

    private static ObservedStatus? StatusOf(HubInvoiceStatus status) =>
        status switch
        {
            HubInvoiceStatus.Open => null,
            HubInvoiceStatus.Received => ObservedStatus.Received,
            HubInvoiceStatus.Paid => ObservedStatus.Paid,
            HubInvoiceStatus.Expired => ObservedStatus.Expired,
            HubInvoiceStatus.Cancelled => ObservedStatus.Cancelled,
            _ => throw new UnreachableException($"{status} is no status."),
        };

    private static bool IsKnown(TipStage stage, ObservedStatus observed) =>
        observed switch
        {
            ObservedStatus.Received => stage is TipStage.Received,
            ObservedStatus.Expired => stage is TipStage.Expired or TipStage.Cancelled,
            ObservedStatus.Cancelled => stage is TipStage.Cancelled,
            _ => false,
        };

    private static TipStage StageOf(HubInvoiceStatus status, TipStage stage) =>
        status switch
        {
            HubInvoiceStatus.Expired => TipStage.Expired,
            HubInvoiceStatus.Cancelled => TipStage.Cancelled,
            HubInvoiceStatus.Received => TipStage.Received,
            _ => stage,
        };

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

    [LoggerMessage(2201, LogLevel.Warning, "The node does not know the invoice of tip {TipId}, payment hash {PaymentHash}")]
    private partial void LogInvoiceUnknown(Guid tipId, string paymentHash);
}
