using System.Diagnostics;
using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Liabilities;

using Decision = FiberLink.Domain.Decision<
    FiberLink.Events.Liabilities.LiabilitiesEvent, FiberLink.Domain.Liabilities.LiabilitiesRefusal>;

namespace FiberLink.Domain.Liabilities;

/// <summary>What has been published of one asset in one community.</summary>
/// <param name="Last">The newest; null when there is none.</param>
public sealed record LiabilitiesState(LiabilitiesEvent.Published? Last)
{
    public static LiabilitiesState Initial { get; } = new((LiabilitiesEvent.Published?)null);

    public static LiabilitiesState Evolve(LiabilitiesState state, LiabilitiesEvent @event) =>
        @event switch
        {
            LiabilitiesEvent.Published published => new(published),
            _ => throw new UnreachableException($"{@event.GetType().Name} publishes nothing."),
        };
}

/// <summary>Why nothing is published.</summary>
public enum LiabilitiesRefusal
{
    /// <summary>Nobody stands behind it, or not in one line of 1 to 100 characters.</summary>
    NotSaidByWhom = 1,

    /// <summary>What there was later is published already.</summary>
    LaterIsPublished = 2,
}

/// <summary>One position is published once, and each later than the one before.</summary>
public static class LiabilitiesDecider
{
    /// <param name="wanted">What is to be published.</param>
    /// <param name="state">What has been.</param>
    public static Decision Decide(LiabilitiesEvent.Published wanted, LiabilitiesState state)
    {
        if (!OperatorWords.IsName(wanted.By))
        {
            return new Decision.Refused(LiabilitiesRefusal.NotSaidByWhom);
        }

        return state.Last is not { } last || last.Position < wanted.Position ? new Decision.Accepted([wanted])
            : last.Position == wanted.Position ? new Decision.Accepted([])
            : new Decision.Refused(LiabilitiesRefusal.LaterIsPublished);
    }
}
