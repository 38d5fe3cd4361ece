using FiberLink.EventStore;
using FiberLink.HubNode;
using FiberLink.Messaging;
using FiberLink.Projections;
using FiberLink.Service.NodeLanguage;
using FiberLink.Service.Settlements;

namespace FiberLink.Service.Reconciliation;

/// <summary>
/// Compares every invoice that the log knows with the node's, page by page, and every payment that the node knows with the log's. The
/// log is read before the node is asked, and what differs is looked at twice: a service that runs beside it records what the node said
/// a moment ago.
/// </summary>
internal sealed class NodeReconciliation(
    IEventStore store, BoundedCheck check, PaymentReconciliation payments, NodeWords words, MessageQueue inbox, TimeProvider time)
{
    private const int PageMax = 500;
    private const int SuspectsMax = 10 * PageMax;
    private const int ReadsAtOnce = 16;
    private static readonly TimeSpan SecondLook = TimeSpan.FromSeconds(2);

    /// <param name="wish">What is compared.</param>
    /// <param name="tellAsync">Told each difference as it is found.</param>
    /// <param name="ct">Stops it; what was put into the inbox stays there.</param>
    public async Task<ReconcileReport> RunAsync(ReconcileWish wish, Func<Difference, Task> tellAsync, CancellationToken ct)
    {
        var report = new ReconcileReport { At = time.GetUtcNow(), Head = await store.ReadHeadAsync(ct) };
        var suspects = new List<StreamId>();
        var after = 0L;
        while (after < report.Head)
        {
            var query = new LogQuery { After = after, UpTo = report.Head, Names = [LoggedTip.FirstEvent], Tenant = wish.Tenant };
            var page = await store.ReadLogAsync(query, PageMax, ct);
            foreach (var looked in await LookAsync([.. page.Events.Select(e => e.Stream)], ct))
            {
                report.Tips++;
                report.InSuspense += looked.Tip.Stage is TipStage.Suspended ? 1 : 0;
                if (looked.Differences.Count > 0)
                {
                    suspects.Add(looked.Stream);
                }
            }

            if (suspects.Count >= SuspectsMax)
            {
                await ConfirmAsync(wish, suspects, report, tellAsync, ct);
            }

            if (page.IsAtEnd)
            {
                break;
            }

            after = page.Position;
        }

        await ConfirmAsync(wish, suspects, report, tellAsync, ct);
        if (wish.Tenant is null)
        {
            await payments.RunAsync(report, tellAsync, ct);
        }

        return report;
    }

    /// <summary>How many of those that were mended differ all the same: a message that was handled long ago mends nothing now.</summary>
    public async Task<int> CountStillDifferentAsync(ReconcileReport report, CancellationToken ct)
    {
        var different = 0;
        foreach (var page in report.Mended.Chunk(PageMax))
        {
            different += (await LookAsync(page, ct)).Count(l => l.Differences.Count > 0);
        }

        return different;
    }

    private async Task ConfirmAsync(
        ReconcileWish wish, List<StreamId> suspects, ReconcileReport report, Func<Difference, Task> tellAsync, CancellationToken ct)
    {
        if (suspects.Count > 0)
        {
            await Task.Delay(SecondLook, time, ct);
        }

        foreach (var page in suspects.Chunk(PageMax))
        {
            var confirmed = (await LookAsync(page, ct)).Where(l => l.Differences.Count > 0).ToArray();
            if (wish.Repair)
            {
                await RepairAsync(confirmed, report, ct);
            }

            foreach (var difference in confirmed.SelectMany(c => c.Differences))
            {
                report.Add(difference);
                await tellAsync(difference);
            }
        }

        suspects.Clear();
    }

    private async Task RepairAsync(IEnumerable<Looked> confirmed, ReconcileReport report, CancellationToken ct)
    {
        var mended = confirmed.Where(c => c.Differences.Any(d => d.IsRepairable)).ToArray();
        if (mended.Length > 0)
        {
            await inbox.ReceiveAsync([.. mended.Select(m => m.News!)], ct);
            report.News.AddRange(mended.Select(m => m.News!.Id));
            report.Mended.AddRange(mended.Select(m => m.Stream));
        }
    }

    private async Task<Looked[]> LookAsync(StreamId[] streams, CancellationToken ct)
    {
        var tips = new LoggedTip[streams.Length];
        var options = new ParallelOptions { MaxDegreeOfParallelism = ReadsAtOnce, CancellationToken = ct };
        await Parallel.ForAsync(
            0, streams.Length, options, async (i, token) => tips[i] = LoggedTip.Of(await store.ReadStreamAsync(streams[i], token)));
        var answers = (await check.RunAsync([.. tips.Select(t => t.Watched)], ct)).ToDictionary(s => s.Invoice.TipId);
        return [.. tips.Select((tip, i) => Compare(streams[i], tip, answers[tip.Terms.TipId]))];
    }

    private Looked Compare(StreamId stream, LoggedTip tip, CheckedInvoice seen)
    {
        var differences = InvoiceComparison.Compare(tip, WordOf(seen));

        // Where the books have money nothing is sent: no report of the node's moves it, and none should look as if it could.
        var news = tip.IsPlaced ? null : check.NewsOf(seen);
        return new(
            stream,
            tip,
            news,
            [.. differences.Select(d => d with { IsRepairable = news is not null && d.Kind.MayBeRepaired() })]);
    }

    private NodeWord WordOf(CheckedInvoice seen) =>
        seen.Answer switch
        {
            NodeAnswer<HubInvoice>.Ok { Value: { Status: { } status } invoice } => new NodeWord.Has(words.ToDomain(invoice), status),
            NodeAnswer<HubInvoice>.Failed { Failure: NodeFailure.InvoiceNotFound } => new NodeWord.HasNot(),
            NodeAnswer<HubInvoice>.Failed failed => new NodeWord.Nothing(failed.Failure),
            _ => new NodeWord.Nothing(NodeFailure.NoAnswer),
        };

    private sealed record Looked(StreamId Stream, LoggedTip Tip, OutgoingMessage? News, IReadOnlyList<Difference> Differences);
}

/// <summary>What is compared, and whether what is safe is mended.</summary>
/// <param name="Tenant">Only this community, and then no payments, which are the node's as a whole; null for everything.</param>
/// <param name="Repair">Puts into the inbox what the watcher would have put there.</param>
internal sealed record ReconcileWish(string? Tenant, bool Repair);

/// <summary>What a comparison has found.</summary>
internal sealed record ReconcileReport : DifferenceTally
{
    /// <summary>The log's end when it began; what came later was not compared.</summary>
    public required long Head { get; init; }

    /// <summary>Tips whose invoice the node was asked for.</summary>
    public long Tips { get; set; }

    /// <summary>Of these, paid and not as ordered: known, and an operator's.</summary>
    public long InSuspense { get; set; }

    /// <summary>Payments that the node told of.</summary>
    public long Payments { get; set; }

    /// <summary>Why the payments were not compared, or not all; null when they were, or were not asked for.</summary>
    public NodeFailure? PaymentsFailure { get; set; }

    /// <summary>The messages of what was repaired.</summary>
    public List<Guid> News { get; } = [];

    /// <summary>The tips that they are about.</summary>
    public List<StreamId> Mended { get; } = [];
}
