namespace FiberLink.EventStore.Rebuilding;

/// <summary>
/// Whether others append while the log is read from, and what they are owed: small pages, and a rest after each. Without it the
/// processors and the disk belong to whoever rebuilds, and commands wait.
/// </summary>
/// <remarks>A rebuild has one reader, and it alone looks; the writers only rest.</remarks>
internal sealed class GivingWay(IEventStore store, RebuildOptions options, TimeProvider time)
{
    /// <summary>What is written at once beside others: enough that rows are not written over and over, and done in a moment.</summary>
    private const int PageEventsBeside = 1_000;

    /// <summary>Others have three quarters of the time to themselves.</summary>
    private const int RestFactor = 3;

    private static readonly TimeSpan RestMax = TimeSpan.FromSeconds(1);

    private readonly long _startedAt = time.GetTimestamp();
    private TimeSpan _restsUntil;
    private long? _head;

    /// <summary>Looks at the log's head.</summary>
    /// <returns>How many events the next page may have, and whether to rest after it.</returns>
    public async Task<(int PageEvents, bool IsBeside)> LookAsync(CancellationToken ct)
    {
        // No page is more than a second's worth.
        var pageEvents = Math.Min(options.PageEvents, options.EventsPerSecondMax ?? int.MaxValue);
        if (!options.GivesWay)
        {
            return (pageEvents, false);
        }

        var (before, head) = (_head, await store.ReadHeadAsync(ct));
        _head = head;

        // The first page is a small one: nothing is known yet.
        return before is { } seen && head == seen ? (pageEvents, false) : (Math.Min(PageEventsBeside, pageEvents), true);
    }

    /// <summary>Waits until another page may be read by <see cref="RebuildOptions.EventsPerSecondMax"/>.</summary>
    public Task KeepRateAsync(CancellationToken ct) =>
        _restsUntil - time.GetElapsedTime(_startedAt) is { Ticks: > 0 } rest ? Task.Delay(rest, time, ct) : Task.CompletedTask;

    /// <summary>Counts what was read; what was not used of earlier seconds is lost.</summary>
    public void CountRead(int events)
    {
        if (options.EventsPerSecondMax is { } max)
        {
            var now = time.GetElapsedTime(_startedAt);
            _restsUntil = (_restsUntil > now ? _restsUntil : now) + TimeSpan.FromSeconds((double)events / max);
        }
    }

    /// <summary>Rests, by how long the work took.</summary>
    /// <param name="startedAt">The clock's timestamp from when the work began.</param>
    /// <param name="ct">Stops the rest.</param>
    public Task RestAsync(long startedAt, CancellationToken ct)
    {
        var rest = time.GetElapsedTime(startedAt) * RestFactor;
        return Task.Delay(rest < RestMax ? rest : RestMax, time, ct);
    }
}
