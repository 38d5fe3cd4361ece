using FiberLink.Events.Tips;
using FiberLink.EventStore;
using FiberLink.EventStore.Projections;
using FiberLink.HubNode;
using FiberLink.Messaging;
using FiberLink.Projections;
using FiberLink.Projections.InvoiceWatch;
using FiberLink.Projections.TipActivity;
using FiberLink.Service.Settlements;
using Npgsql;

namespace FiberLink.Service.Reconciliation;

/// <summary>
/// Asks the node once more about every tip of a window of time that is not over, also about those that nobody asks about any more, and
/// puts what is news into the inbox under the watcher's own message ids: nothing is credited twice, however often it is found.
/// </summary>
internal sealed class SettlementBackfill(
    NpgsqlDataSource database, IEventStore store, TipWindowQuery window, BoundedCheck check, MessageQueue inbox)
{
    private const int PageMax = 500;

    /// <param name="which">The community and the time.</param>
    /// <param name="progress">Told after each page.</param>
    /// <param name="ct">Stops it; what was found is in the inbox, and the same again goes through all of it anew.</param>
    public async Task<BackfillReport> RunAsync(TipWindow which, IProgress<BackfillReport>? progress, CancellationToken ct)
    {
        var (position, head) = await ShownPosition.ReadAsync(database, TipActivityProjection.ProjectionName, ct);
        var report = new BackfillReport { Position = position, Head = head };
        WindowedTip? last = null;
        while (true)
        {
            var page = await window.PageAsync(which, last, position, PageMax, ct);
            await ExamineAsync(which.Tenant, page, report, ct);
            progress?.Report(report);
            if (page.Count < PageMax)
            {
                break;
            }

            last = page[^1];
        }

        await ExamineTailAsync(which, report, ct);
        progress?.Report(report);
        return report;
    }

    /// <summary>What the dashboards have not seen yet is read from the log itself.</summary>
    private async Task ExamineTailAsync(TipWindow which, BackfillReport report, CancellationToken ct)
    {
        var after = report.Position;
        while (after < report.Head)
        {
            var query = new LogQuery { After = after, UpTo = report.Head, Names = [LoggedTip.FirstEvent], Tenant = which.Tenant };
            var page = await store.ReadLogAsync(query, PageMax, ct);
            (Guid, DateTimeOffset)[] tips =
            [
                .. page.Events.Select(e => (TipEvent.Requested)e.Body)
                    .Where(e => which.Has(e.RequestedAt))
                    .Select(e => (e.TipId, e.RequestedAt)),
            ];
            await ExamineAsync(which.Tenant, await window.NamedAsync(which.Tenant, tips, ct), report, ct);
            if (page.IsAtEnd)
            {
                return;
            }

            after = page.Position;
        }
    }

    private async Task ExamineAsync(string tenant, IReadOnlyList<WindowedTip> tips, BackfillReport report, CancellationToken ct)
    {
        report.Settled += tips.Count(t => t.Stage is TipStage.Settled);
        report.Suspended += tips.Count(t => t.Stage is TipStage.Suspended);
        var open = tips.Where(t => t.Stage is not (TipStage.Settled or TipStage.Suspended)).ToDictionary(t => t.TipId);
        var seen = await check.RunAsync([.. open.Values.Select(t => Watched(tenant, t))], ct);
        OutgoingMessage[] news = [.. seen.Select(check.NewsOf).OfType<OutgoingMessage>()];
        if (news.Length > 0)
        {
            await inbox.ReceiveAsync(news, ct);
        }

        // Counted when it is safe, so that what is told of a run that was stopped is true.
        report.News.AddRange(news.Select(n => n.Id));
        foreach (var answer in seen)
        {
            Count(answer, open[answer.Invoice.TipId].HasInvoice, report);
        }
    }

    private static void Count(CheckedInvoice seen, bool hasInvoice, BackfillReport report)
    {
        report.Examined++;
        switch (seen.Answer)
        {
            case NodeAnswer<HubInvoice>.Ok { Value.Status: HubInvoiceStatus.Paid }:
                report.Paid++;
                break;
            case NodeAnswer<HubInvoice>.Ok { Value.Status: HubInvoiceStatus.Received }:
                report.Received++;
                break;
            case NodeAnswer<HubInvoice>.Ok { Value.Status: HubInvoiceStatus.Expired }:
                report.Expired++;
                break;
            case NodeAnswer<HubInvoice>.Ok { Value.Status: HubInvoiceStatus.Cancelled }:
                report.Cancelled++;
                break;
            case NodeAnswer<HubInvoice>.Ok:
                report.Open++;
                break;
            case NodeAnswer<HubInvoice>.Failed { Failure: NodeFailure.InvoiceNotFound } when !hasInvoice:
                report.NeverMade++;
                break;
            case NodeAnswer<HubInvoice>.Failed { Failure: NodeFailure.InvoiceNotFound }:
                report.Unknown++;
                break;
            default:
                report.Unanswered++;
                break;
        }
    }

    private static WatchedInvoice Watched(string tenant, WindowedTip tip) =>
        new(
            tenant,
            tip.TipId,
            tip.PaymentHash,
            tip.Stage,
            tip.IssuedAt ?? tip.RequestedAt,
            tip.ExpiresAt ?? tip.RequestedAt,
            tip.TraceParent);

}

/// <summary>How far a run is, and what it has found.</summary>
internal sealed record BackfillReport
{
    /// <summary>Up to here the dashboards had seen the log when it began; what came after was read from the log.</summary>
    public required long Position { get; init; }

    /// <summary>The log's end when it began; what came later is the watcher's.</summary>
    public required long Head { get; init; }

    /// <summary>Tips that the node was asked about.</summary>
    public long Examined { get; set; }

    /// <summary>Skipped: settled already.</summary>
    public long Settled { get; set; }

    /// <summary>Skipped: paid, but not as ordered; an operator's.</summary>
    public long Suspended { get; set; }

    public long Paid { get; set; }

    public long Received { get; set; }

    public long Open { get; set; }

    public long Expired { get; set; }

    public long Cancelled { get; set; }

    /// <summary>The node has no invoice, and none was ever recorded.</summary>
    public long NeverMade { get; set; }

    /// <summary>The node does not know an invoice that is recorded.</summary>
    public long Unknown { get; set; }

    public long Unanswered { get; set; }

    /// <summary>The messages of what was news.</summary>
    public List<Guid> News { get; } = [];

    public bool IsWhole => Unknown + Unanswered == 0;
}
