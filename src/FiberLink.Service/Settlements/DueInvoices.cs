using FiberLink.Projections.InvoiceWatch;

namespace FiberLink.Service.Settlements;

/// <summary>
/// Which invoices to ask about next: the fresh ones, and the old ones, for whom a quarter is kept. When more is due than there is room
/// for, communities take turns.
/// </summary>
internal sealed class DueInvoices(InvoiceWatchQuery watch, TimeProvider time)
{
    private const int SlowShare = 4;

    private readonly Lane _fresh = new(IsSlow: false);
    private readonly Lane _slow = new(IsSlow: true);

    /// <summary>More was due than has been taken.</summary>
    public bool IsCrowded => _fresh.IsCrowded || _slow.IsCrowded;

    /// <param name="most">How many in all.</param>
    /// <param name="ct">Stops the call.</param>
    public async Task<IReadOnlyCollection<WatchedInvoice>> TakeAsync(int most, CancellationToken ct)
    {
        // The slow ones first, for their share and no more; what they leave is for the fresh ones.
        var slow = await DueAsync(_slow, most / SlowShare, ct);
        return [.. slow, .. await DueAsync(_fresh, most - slow.Count, ct)];
    }

    private async Task<IReadOnlyList<WatchedInvoice>> DueAsync(Lane lane, int limit, CancellationToken ct)
    {
        if (limit == 0)
        {
            return [];
        }

        var now = time.GetUtcNow();
        if (!lane.IsCrowded)
        {
            var due = await watch.DueAsync(lane.IsSlow, now, limit, ct);
            lane.IsCrowded = due.Count == limit;
            return due;
        }

        (var each, lane.After) = await watch.DueOfEachAsync(lane.IsSlow, now, limit, lane.After, ct);

        // A whole round in which nobody had anything to ask for: there is room again.
        lane.Found += each.Count;
        if (lane.After.Length == 0)
        {
            lane.IsCrowded = lane.Found >= limit;
            lane.Found = 0;
        }

        return each;
    }

    private sealed record Lane(bool IsSlow)
    {
        /// <summary>More was due than could be taken.</summary>
        public bool IsCrowded { get; set; }

        /// <summary>Where the next turn begins.</summary>
        public string After { get; set; } = "";

        /// <summary>What this round through the communities has found.</summary>
        public int Found { get; set; }
    }
}
