using FiberLink.EventStore;
using FiberLink.Projections.LedgerEntries;

namespace FiberLink.Service.Reconciliation.Books;

/// <summary>
/// Compares the log with what is kept of it: every posting with the books, the books with the balances, every tip and withdrawal with
/// what is shown of it, and what each of them credits or debits with what it says. It only reads.
/// </summary>
internal sealed class BooksReconciliation(
    IEventStore store,
    LedgerEntriesQuery books,
    EntryReconciliation entries,
    BalanceReconciliation balances,
    RowReconciliation rows,
    TipRows tips,
    WithdrawalRows withdrawals,
    TimeProvider time)
{
    /// <param name="tenant">Only this community; null for all.</param>
    /// <param name="tellAsync">Told each difference as it is found.</param>
    /// <param name="ct">Stops it.</param>
    public async Task<BooksReport> RunAsync(string? tenant, Func<Difference, Task> tellAsync, CancellationToken ct)
    {
        var report = new BooksReport
        {
            At = time.GetUtcNow(),
            Position = await books.ReadPositionAsync(ct),
            Head = await store.ReadHeadAsync(ct),
        };
        await entries.RunAsync(tenant, report, tellAsync, ct);
        await balances.RunAsync(tenant, report, tellAsync, ct);
        report.Tips = await rows.RunAsync(tips, tenant, report, tellAsync, ct);
        report.Withdrawals = await rows.RunAsync(withdrawals, tenant, report, tellAsync, ct);
        return report;
    }
}

/// <summary>What a comparison of the log with the books has found.</summary>
internal sealed record BooksReport : DifferenceTally
{
    /// <summary>Up to here the books had come when it began.</summary>
    public required long Position { get; init; }

    /// <summary>The log's end then.</summary>
    public required long Head { get; init; }

    /// <summary>Rows of the books that were compared.</summary>
    public long Entries { get; set; }

    public long Tips { get; set; }

    public long Withdrawals { get; set; }

    /// <summary>What is wrong in the log and was corrected by an adjustment since.</summary>
    public long Corrected { get; set; }

    /// <summary>Streams that changed at every look, and were not compared.</summary>
    public long Moving { get; set; }
}
