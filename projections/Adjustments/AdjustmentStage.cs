namespace FiberLink.Projections.Adjustments;

/// <summary>Where an adjustment stands. The names are stored.</summary>
public enum AdjustmentStage
{
    Requested = 1,
    Posted = 2,
    ReversalRequested = 3,
    Reversed = 4,
    Cancelled = 5,
}
