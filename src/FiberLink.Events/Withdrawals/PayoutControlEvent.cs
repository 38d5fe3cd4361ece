using FiberLink.Events.Money;

namespace FiberLink.Events.Withdrawals;

/// <summary>What an operator has stopped: all withdrawals, those of an asset, a member's, those to a destination.</summary>
public abstract record PayoutControlEvent
{
    private PayoutControlEvent()
    {
    }

    /// <param name="Asset">Null for every asset.</param>
    /// <param name="By">Who.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="PausedAt">When.</param>
    public sealed record Paused(Asset? Asset, string By, string Reason, DateTimeOffset PausedAt) : PayoutControlEvent;

    public sealed record Resumed(Asset? Asset, string By, string Reason, DateTimeOffset ResumedAt) : PayoutControlEvent;

    /// <param name="Kind">Whom or what.</param>
    /// <param name="Value">The member's id, or the destination's text.</param>
    /// <param name="By">Who.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="DeniedAt">When.</param>
    public sealed record Denied(DenialKind Kind, string Value, string By, string Reason, DateTimeOffset DeniedAt) : PayoutControlEvent;

    public sealed record Readmitted(DenialKind Kind, string Value, string By, string Reason, DateTimeOffset ReadmittedAt)
        : PayoutControlEvent;
}

public enum DenialKind
{
    Member = 1,
    Destination = 2,
}
