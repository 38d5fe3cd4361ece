using FiberLink.EventStore;
using FiberLink.Projections.Adjustments;

namespace FiberLink.Service.Adjustments;

/// <summary>What came of an operator's wish.</summary>
public abstract record AdjustmentAnswer
{
    private AdjustmentAnswer()
    {
    }

    /// <param name="AdjustmentId">The adjustment.</param>
    /// <param name="IsNew">False when it was so already: nothing was recorded.</param>
    public sealed record Done(Guid AdjustmentId, bool IsNew) : AdjustmentAnswer;

    /// <param name="Why">In words for the operator: what is in the way, and what to do instead.</param>
    public sealed record Refused(string Why) : AdjustmentAnswer;
}

/// <summary>All that is known of an adjustment.</summary>
/// <param name="Row">As lists show it.</param>
/// <param name="Events">All that has happened.</param>
public sealed record AdjustmentReport(AdjustmentRow Row, IReadOnlyList<RecordedEvent> Events);
