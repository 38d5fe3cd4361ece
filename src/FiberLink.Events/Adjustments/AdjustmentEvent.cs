using FiberLink.Events.Money;

namespace FiberLink.Events.Adjustments;

/// <summary>
/// Everything that can have happened to one correction of a community's books by hand. Stored for good: add versions, never edit one.
/// </summary>
public abstract record AdjustmentEvent
{
    private AdjustmentEvent()
    {
    }

    /// <summary>An operator wants an amount moved from one account to another.</summary>
    /// <param name="AdjustmentId">Names the stream.</param>
    /// <param name="From">The account that is to have less of a credit.</param>
    /// <param name="To">The account that is to have more.</param>
    /// <param name="Amount">How much.</param>
    /// <param name="By">Who.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="RequestedAt">When.</param>
    public sealed record Requested(
        Guid AdjustmentId, AccountName From, AccountName To, Amount Amount, string By, string Reason, DateTimeOffset RequestedAt)
        : AdjustmentEvent;

    /// <summary>Another person has agreed, and the books have it.</summary>
    /// <param name="AdjustmentId">Names the stream.</param>
    /// <param name="By">Who agreed.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="Entry">What was asked for.</param>
    /// <param name="PostedAt">When.</param>
    public sealed record Posted(Guid AdjustmentId, string By, string Reason, JournalEntry Entry, DateTimeOffset PostedAt)
        : AdjustmentEvent, IMovesMoney;

    /// <summary>Called off before it was in the books.</summary>
    public sealed record Cancelled(Guid AdjustmentId, string By, string Reason, DateTimeOffset CancelledAt) : AdjustmentEvent;

    /// <summary>It is in the books, and an operator wants it taken back.</summary>
    public sealed record ReversalRequested(Guid AdjustmentId, string By, string Reason, DateTimeOffset RequestedAt) : AdjustmentEvent;

    /// <summary>It stays in the books after all.</summary>
    public sealed record ReversalCancelled(Guid AdjustmentId, string By, string Reason, DateTimeOffset CancelledAt) : AdjustmentEvent;

    /// <summary>Another person has agreed, and the books have the opposite. It happens once.</summary>
    /// <param name="AdjustmentId">Names the stream.</param>
    /// <param name="By">Who agreed.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="Entry">The opposite of what was posted.</param>
    /// <param name="ReversedAt">When.</param>
    public sealed record Reversed(Guid AdjustmentId, string By, string Reason, JournalEntry Entry, DateTimeOffset ReversedAt)
        : AdjustmentEvent, IMovesMoney;
}

/// <summary>One account of a community.</summary>
/// <param name="Account">Which.</param>
/// <param name="Member">Whose, for an account that belongs to one; null for the others.</param>
public sealed record AccountName(Account Account, string? Member);
