using System.Diagnostics;
using FiberLink.Events.Adjustments;
using FiberLink.Events.Money;

namespace FiberLink.Domain.Adjustments;

/// <summary>Where one adjustment stands.</summary>
public abstract record AdjustmentState
{
    private AdjustmentState()
    {
    }

    public static AdjustmentState Initial { get; } = new Unknown();

    public sealed record Unknown : AdjustmentState;

    /// <param name="Terms">What was asked for.</param>
    public abstract record Known(AdjustmentTerms Terms) : AdjustmentState;

    /// <summary>Somebody else must agree first.</summary>
    public sealed record Requested(AdjustmentTerms Terms) : Known(Terms);

    /// <summary>The books have it.</summary>
    public sealed record Posted(AdjustmentTerms Terms) : Known(Terms);

    /// <summary>The books have it, and somebody wants it taken back.</summary>
    /// <param name="Terms">What was asked for.</param>
    /// <param name="By">Who wants it taken back.</param>
    /// <param name="RequestedAt">Since when.</param>
    public sealed record ReversalRequested(AdjustmentTerms Terms, string By, DateTimeOffset RequestedAt) : Known(Terms);

    /// <summary>The books have its opposite, too.</summary>
    public sealed record Reversed(AdjustmentTerms Terms) : Known(Terms);

    public sealed record Cancelled(AdjustmentTerms Terms) : Known(Terms);

    /// <summary>Repeats what happened. It never refuses: history is not up for decision.</summary>
    public static AdjustmentState Evolve(AdjustmentState state, AdjustmentEvent @event) =>
        (state, @event) switch
        {
            (Unknown, AdjustmentEvent.Requested e) => new Requested(new(e.AdjustmentId, e.From, e.To, e.Amount, e.By, e.RequestedAt)),
            (Requested s, AdjustmentEvent.Posted) => new Posted(s.Terms),
            (Requested s, AdjustmentEvent.Cancelled) => new Cancelled(s.Terms),
            (Posted s, AdjustmentEvent.ReversalRequested e) => new ReversalRequested(s.Terms, e.By, e.RequestedAt),
            (ReversalRequested s, AdjustmentEvent.ReversalCancelled) => new Posted(s.Terms),
            (ReversalRequested s, AdjustmentEvent.Reversed) => new Reversed(s.Terms),
            _ => throw new UnreachableException(
                $"An adjustment that is {state.GetType().Name} cannot have been {@event.GetType().Name}."),
        };
}

/// <summary>What was asked for. It never changes.</summary>
/// <param name="AdjustmentId">Names the stream.</param>
/// <param name="From">The account that is to have less of a credit.</param>
/// <param name="To">The account that is to have more.</param>
/// <param name="Amount">How much.</param>
/// <param name="By">Who asked for it.</param>
/// <param name="RequestedAt">When.</param>
public sealed record AdjustmentTerms(
    Guid AdjustmentId, AccountName From, AccountName To, Amount Amount, string By, DateTimeOffset RequestedAt);
