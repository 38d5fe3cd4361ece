using FiberLink.Events.Tips;
using FiberLink.EventStore;

namespace FiberLink.Projections;

/// <summary>What a batch of events does to one tip after it was requested: several events of one tip become one row.</summary>
/// <param name="Tenant">The community.</param>
/// <param name="TipId">The tip.</param>
/// <param name="Stage">Where it stands after the batch.</param>
/// <param name="Invoice">The invoice, if it was issued in the batch.</param>
/// <param name="IssuedAt">When, if it was issued in the batch.</param>
/// <param name="ExpiresAt">When it expires, if it was issued in the batch.</param>
/// <param name="SettledAt">When, if it was settled in the batch.</param>
/// <param name="At">When the last event happened.</param>
/// <param name="Position">The last event's position.</param>
internal sealed record TipChange(
    string Tenant,
    Guid TipId,
    TipStage Stage,
    string? Invoice,
    DateTimeOffset? IssuedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? SettledAt,
    DateTimeOffset At,
    long Position)
{
    /// <summary>It was settled in the batch by a member within the hub, and the node's invoice may still be paid.</summary>
    public bool MayBePaidTwice { get; init; }


    /// <summary>One change for each tip that more happened to than being requested.</summary>
    public static IReadOnlyList<TipChange> LastOfEach(IReadOnlyList<RecordedEvent> events) =>
    [
        .. events
            .Where(e => e.Body is TipEvent and not TipEvent.Requested)
            .GroupBy(e => e.Stream)
            .Select(tip => Of([.. tip])),
    ];

    private static TipChange Of(IReadOnlyList<RecordedEvent> events)
    {
        var last = events[^1];
        var issued = events.Select(e => e.Body).OfType<TipEvent.InvoiceIssued>().LastOrDefault();
        var settled = events.Select(e => e.Body).OfType<TipEvent.Settled>().LastOrDefault();
        return new(
            last.Stream.Tenant,
            TipIdOf((TipEvent)last.Body),
            TipStages.After(last.Body)!.Value,
            issued?.Invoice,
            issued?.IssuedAt,
            issued?.ExpiresAt,
            settled?.SettledAt,
            last.At,
            last.Position)
        {
            MayBePaidTwice = settled?.WasPaidWithin() == true && last.Body is not TipEvent.PaidTwice,
        };
    }

    private static Guid TipIdOf(TipEvent @event) =>
        @event switch
        {
            TipEvent.Requested e => e.TipId,
            TipEvent.InvoiceIssued e => e.TipId,
            TipEvent.PaymentReceived e => e.TipId,
            TipEvent.Settled e => e.TipId,
            TipEvent.Expired e => e.TipId,
            TipEvent.Cancelled e => e.TipId,
            TipEvent.Suspended e => e.TipId,
            TipEvent.PaidTwice e => e.TipId,
            _ => throw new System.Diagnostics.UnreachableException($"{@event.GetType().Name} has no tip."),
        };
}
