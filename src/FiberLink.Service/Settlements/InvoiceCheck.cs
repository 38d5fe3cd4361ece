using System.Collections.Concurrent;
using System.Diagnostics;
using FiberLink.HubNode;
using FiberLink.Messaging;
using FiberLink.Projections;
using FiberLink.Projections.InvoiceWatch;
using FiberLink.Service.Messages;
using FiberLink.Service.NodeLanguage;
using FiberLink.Service.Telemetry;

namespace FiberLink.Service.Settlements;

/// <summary>What came of asking the node about an invoice.</summary>
/// <param name="Invoice">Which.</param>
/// <param name="Answer">What the node says.</param>
/// <param name="News">For the inbox; null when it is nothing that we don't know.</param>
/// <param name="Next">When to ask again.</param>
internal sealed record CheckedInvoice(WatchedInvoice Invoice, NodeAnswer<HubInvoice> Answer, OutgoingMessage? News, NextPoll Next)
{
    /// <summary>The node said something about it, if only that it doesn't know it.</summary>
    public bool IsAnswered => Answer is not NodeAnswer<HubInvoice>.Failed { Failure: not NodeFailure.InvoiceNotFound };

    /// <summary>The node has money for it, or is about to.</summary>
    public bool IsPayment =>
        News is not null
        && Answer is NodeAnswer<HubInvoice>.Ok { Value.Status: HubInvoiceStatus.Paid or HubInvoiceStatus.Received };
}

/// <summary>Asks the node about invoices, and says what of the answers is news. It writes nothing.</summary>
internal sealed partial class InvoiceCheck(IHubNode node, NodeWords words, TimeProvider time, ILogger<InvoiceCheck> logger)
{
    private const int InFlightMax = 8;
    private static readonly TimeSpan UnknownPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan UnansweredPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan HeldLongAfter = TimeSpan.FromMinutes(10);

    /// <summary>One answer for each, in no order.</summary>
    /// <param name="invoices">What to ask about.</param>
    /// <param name="isTold">Whether the node tells of payments by itself, so that the next look can wait.</param>
    /// <param name="ct">Stops the calls.</param>
    public async Task<IReadOnlyCollection<CheckedInvoice>> RunAsync(
        IReadOnlyCollection<WatchedInvoice> invoices, bool isTold, CancellationToken ct)
    {
        var seen = new ConcurrentBag<CheckedInvoice>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = InFlightMax, CancellationToken = ct };
        await Parallel.ForEachAsync(invoices, options, async (invoice, token) =>
        {
            var answer = await AskAsync(invoice, token);
            seen.Add(new(invoice, answer, NewsOf(invoice, answer), NextOf(invoice, isTold, answer)));
        });
        ServiceTelemetry.CountPolls(seen.Count(s => s.IsAnswered), seen.Count(s => !s.IsAnswered));
        return seen;
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

    private NextPoll NextOf(WatchedInvoice watched, bool isTold, NodeAnswer<HubInvoice> answer)
    {
        var now = time.GetUtcNow();
        switch (answer)
        {
            case NodeAnswer<HubInvoice>.Ok { Value.Status: { } status }:
                if (status is HubInvoiceStatus.Received && now > watched.ExpiresAt + HeldLongAfter)
                {
                    LogHeldLong(watched.TipId, watched.PaymentHash);
                }

                return PollSchedule.Next(watched, StageOf(status, watched.Stage), isTold, now);
            case NodeAnswer<HubInvoice>.Failed { Failure: NodeFailure.InvoiceNotFound }:
                // A node that lost its data, or another node altogether. It fails nothing here.
                LogInvoiceUnknown(watched.TipId, watched.PaymentHash);
                var next = PollSchedule.Next(watched, watched.Stage, isTold, now);
                return next.At < now + UnknownPause ? next with { At = now + UnknownPause } : next;
            default:
                return PollSchedule.Next(watched, watched.Stage, isTold, now) with { At = now + UnansweredPause };
        }
    }

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

    // Of what a member has paid within the hub nothing is news but that somebody outside has paid it too.
    private static bool IsKnown(TipStage stage, ObservedStatus observed) =>
        observed switch
        {
            not ObservedStatus.Paid when stage is TipStage.Settled => true,
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

    [LoggerMessage(2201, LogLevel.Warning, "The node does not know the invoice of tip {TipId}, payment hash {PaymentHash}")]
    private partial void LogInvoiceUnknown(Guid tipId, string paymentHash);

    [LoggerMessage(
        2202,
        LogLevel.Warning,
        "The payment of tip {TipId}, payment hash {PaymentHash}, was received long ago and still isn't paid: look at the node's channels")]
    private partial void LogHeldLong(Guid tipId, string paymentHash);
}
