using System.Diagnostics;
using FiberLink.Events.Adjustments;
using FiberLink.EventStore;

namespace FiberLink.Projections.Adjustments;

/// <summary>What a batch of events does to one adjustment after it was requested. Null leaves a column as it is.</summary>
internal sealed record AdjustmentPatch(Guid AdjustmentId, DateTimeOffset At, long Position)
{
    public AdjustmentStage? Stage { get; private init; }

    public string? ApprovedBy { get; private init; }

    /// <summary>Who wants it taken back; empty when nobody does any more.</summary>
    public string? ReversalBy { get; private init; }

    /// <summary>One patch for each adjustment that more happened to than being requested.</summary>
    public static IReadOnlyList<AdjustmentPatch> OfEach(IReadOnlyList<RecordedEvent> events) =>
    [
        .. events
            .Where(e => e.Body is AdjustmentEvent and not AdjustmentEvent.Requested)
            .GroupBy(e => IdOf((AdjustmentEvent)e.Body))
            .Select(adjustment => adjustment.Aggregate(
                new AdjustmentPatch(adjustment.Key, default, 0),
                (patch, e) => patch.After((AdjustmentEvent)e.Body) with { At = e.At, Position = e.Position })),
    ];

    private AdjustmentPatch After(AdjustmentEvent @event) =>
        @event switch
        {
            AdjustmentEvent.Posted e => this with { Stage = AdjustmentStage.Posted, ApprovedBy = e.By },
            AdjustmentEvent.Cancelled => this with { Stage = AdjustmentStage.Cancelled },
            AdjustmentEvent.ReversalRequested e => this with { Stage = AdjustmentStage.ReversalRequested, ReversalBy = e.By },
            AdjustmentEvent.ReversalCancelled => this with { Stage = AdjustmentStage.Posted, ReversalBy = "" },
            AdjustmentEvent.Reversed => this with { Stage = AdjustmentStage.Reversed },
            _ => throw new UnreachableException($"{@event.GetType().Name} changes nothing that is known."),
        };

    private static Guid IdOf(AdjustmentEvent @event) =>
        @event switch
        {
            AdjustmentEvent.Posted e => e.AdjustmentId,
            AdjustmentEvent.Cancelled e => e.AdjustmentId,
            AdjustmentEvent.ReversalRequested e => e.AdjustmentId,
            AdjustmentEvent.ReversalCancelled e => e.AdjustmentId,
            AdjustmentEvent.Reversed e => e.AdjustmentId,
            _ => throw new UnreachableException($"{@event.GetType().Name} is of no adjustment."),
        };
}
