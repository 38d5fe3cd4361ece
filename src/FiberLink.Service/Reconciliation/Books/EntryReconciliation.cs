using FiberLink.EventStore;

namespace FiberLink.Service.Reconciliation.Books;

/// <summary>
/// Walks the log and the books side by side, as far as the books have come. Neither changes there any more, so nothing has to be looked
/// at twice; what is behind that is not in the books yet, and no difference.
/// </summary>
internal sealed class EntryReconciliation(IEventStore store, BookedRowsQuery booked)
{
    private const int PageMax = 1_000;

    /// <param name="tenant">Null for all communities.</param>
    /// <param name="report">Is added to.</param>
    /// <param name="tellAsync">Told each difference as it is found.</param>
    /// <param name="ct">Stops it.</param>
    public async Task RunAsync(string? tenant, BooksReport report, Func<Difference, Task> tellAsync, CancellationToken ct)
    {
        await using var rows = booked.ReadAsync(report.Position, tenant, ct).GetAsyncEnumerator(ct);
        var hasRow = await rows.MoveNextAsync();
        for (var after = 0L; after < report.Position;)
        {
            var page = await store.ReadLogAsync(
                new LogQuery { After = after, UpTo = report.Position, Tenant = tenant }, PageMax, ct);
            var here = new List<BookedRow>();
            while (hasRow && rows.Current.Position <= page.Position)
            {
                here.Add(rows.Current);
                hasRow = await rows.MoveNextAsync();
            }

            report.Entries += here.Count;
            await CompareAsync(page.Events, here, report, tellAsync, ct);
            if (page.IsAtEnd)
            {
                break;
            }

            after = page.Position;
        }
    }

    private async Task CompareAsync(
        IReadOnlyList<RecordedEvent> events,
        List<BookedRow> rows,
        BooksReport report,
        Func<Difference, Task> tellAsync,
        CancellationToken ct)
    {
        var places = rows.ToLookup(r => (r.Tenant, r.Position));
        var strays = new List<BookedRow>();
        foreach (var difference in events.SelectMany(
            e => EntryComparison.Compare(e, [.. places[(e.Stream.Tenant, e.Position)]], strays)).ToList())
        {
            report.Add(difference);
            await tellAsync(difference);
        }

        var known = events.Select(e => (e.Stream.Tenant, e.Position)).ToHashSet();
        strays.AddRange(rows.Where(r => !known.Contains((r.Tenant, r.Position))));
        foreach (var stray in strays)
        {
            var stream = new StreamId(stray.Tenant, stray.Stream);
            var difference = EntryComparison.Stray(stray, (await store.ReadStreamAsync(stream, ct)).Events);
            report.Add(difference);
            await tellAsync(difference);
        }
    }
}
