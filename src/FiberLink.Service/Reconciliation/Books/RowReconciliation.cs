using FiberLink.EventStore;
using FiberLink.Projections.Adjustments;

namespace FiberLink.Service.Reconciliation.Books;

/// <summary>
/// Compares each stream of a kind with what the read models show of it. The rows are read before the stream and after it: only where
/// they were the same both times are they those of the stream that was read. What moved meanwhile is looked at again.
/// </summary>
internal sealed class RowReconciliation(IEventStore store, AdjustmentsQuery adjustments)
{
    private const int PageMax = 500;
    private const int ReadsAtOnce = 16;
    private const int LooksMax = 10;

    /// <returns>How many streams were compared.</returns>
    public async Task<long> RunAsync<TRow>(
        IShownRows<TRow> shown, string? tenant, BooksReport report, Func<Difference, Task> tellAsync, CancellationToken ct)
        where TRow : class
    {
        var (head, rows) = (await store.ReadHeadAsync(ct), await shown.CountAsync(tenant, ct));
        var (streams, found) = (0L, 0L);
        for (var after = 0L; after < head;)
        {
            var page = await store.ReadLogAsync(
                new LogQuery { After = after, UpTo = head, Names = [shown.FirstEvent], Tenant = tenant }, PageMax, ct);
            streams += page.Events.Count;
            found += await CompareAsync(
                shown, [.. page.Events.Select(e => (e.Stream.Tenant, shown.IdOf(e)))], report, tellAsync, ct);
            if (page.IsAtEnd)
            {
                break;
            }

            after = page.Position;
        }

        if (rows > found)
        {
            await FindExtraAsync(shown, tenant, report, tellAsync, ct);
        }

        return streams;
    }

    /// <returns>How many have a row.</returns>
    private async Task<long> CompareAsync<TRow>(
        IShownRows<TRow> shown,
        (string Tenant, Guid Id)[] keys,
        BooksReport report,
        Func<Difference, Task> tellAsync,
        CancellationToken ct)
        where TRow : class
    {
        var found = 0L;
        for (var look = 1; keys.Length > 0; look++)
        {
            var before = await shown.ReadAsync(keys, ct);
            var streams = new EventStream[keys.Length];
            var asked = keys;
            var options = new ParallelOptions { MaxDegreeOfParallelism = ReadsAtOnce, CancellationToken = ct };
            await Parallel.ForAsync(0, keys.Length, options, async (i, token) =>
                streams[i] = await store.ReadStreamAsync(shown.StreamOf(asked[i].Tenant, asked[i].Id), token));
            var after = await shown.ReadAsync(keys, ct);
            var moved = new List<(string Tenant, Guid Id)>();
            foreach (var (i, key) in keys.Index())
            {
                if (!Equals(before.GetValueOrDefault(key), after.GetValueOrDefault(key)))
                {
                    moved.Add(key);
                    continue;
                }

                found += after.ContainsKey(key) ? 1 : 0;
                foreach (var difference in after.GetValueOrDefault(key) is { } row
                    ? shown.Compare(streams[i], row)
                    : [Missing(streams[i], shown.ReadModel)])
                {
                    await TellAsync(difference, report, tellAsync, ct);
                }
            }

            if (look == LooksMax)
            {
                report.Moving += moved.Count;
                return found + moved.Count;
            }

            keys = [.. moved];
        }

        return found;
    }

    private async Task FindExtraAsync<TRow>(
        IShownRows<TRow> shown, string? tenant, BooksReport report, Func<Difference, Task> tellAsync, CancellationToken ct)
        where TRow : class
    {
        (string Tenant, Guid Id)? after = null;
        while (await shown.PageAsync(tenant, after, PageMax, ct) is { Count: > 0 } page)
        {
            foreach (var (app, id) in page)
            {
                var stream = shown.StreamOf(app, id);
                if ((await store.ReadStreamAsync(stream, ct)).Version == 0)
                {
                    var difference = new Difference(DifferenceKind.RowExtra, stream.Key, $"{shown.ReadModel} has it, and the log does not")
                    {
                        Tenant = app,
                        ReadModel = shown.ReadModel,
                    };
                    report.Add(difference);
                    await tellAsync(difference);
                }
            }

            after = page[^1];
        }
    }

    /// <summary>What is wrong in the log stays there; once two persons have corrected it in the books it is no difference.</summary>
    private async Task TellAsync(Difference difference, BooksReport report, Func<Difference, Task> tellAsync, CancellationToken ct)
    {
        if (difference.Correction is { Id: var id }
            && (await adjustments.FindAsync(id, ct))?.Stage is AdjustmentStage.Posted or AdjustmentStage.ReversalRequested)
        {
            report.Corrected++;
            return;
        }

        report.Add(difference);
        await tellAsync(difference);
    }

    private static Difference Missing(EventStream stream, string readModel) =>
        new(DifferenceKind.RowMissing, stream.Id.Key, $"{readModel} has no row")
        {
            Tenant = stream.Id.Tenant,
            Since = stream.Events[0].At,
            ReadModel = readModel,
        };
}
