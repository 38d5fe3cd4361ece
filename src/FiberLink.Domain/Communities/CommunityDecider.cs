using System.Diagnostics;
using FiberLink.Events.Communities;

using Decision = FiberLink.Domain.Decision<FiberLink.Events.Communities.CommunityEvent, FiberLink.Domain.Communities.CommunityRefusal>;

namespace FiberLink.Domain.Communities;

public abstract record CommunityCommand
{
    private CommunityCommand()
    {
    }

    public sealed record Register(string AppId, string Name, Guid SecretId, DateTimeOffset Now) : CommunityCommand;

    /// <param name="SecretId">The new secret's id.</param>
    /// <param name="Overlap">How long requests signed with the present secret are still accepted; zero ends it at once.</param>
    /// <param name="Now">When.</param>
    public sealed record RotateSecret(Guid SecretId, TimeSpan Overlap, DateTimeOffset Now) : CommunityCommand;
}

public enum CommunityRefusal
{
    CommunityIsUnknown = 1,
    CommunityExists = 2,

    /// <summary>The secret before the present one is still accepted: at most two are valid at a time.</summary>
    PreviousSecretIsStillValid = 3,
    OverlapIsOutOfRange = 4,
}

/// <summary>All rules about one community.</summary>
public static class CommunityDecider
{
    /// <summary>The longest time two secrets are valid side by side.</summary>
    public static TimeSpan OverlapMax { get; } = TimeSpan.FromDays(30);

    public static Decision Decide(CommunityCommand command, CommunityState state) =>
        (command, state) switch
        {
            (CommunityCommand.Register c, CommunityState.Unknown) =>
                Accept(new CommunityEvent.Registered(c.AppId, c.Name, c.SecretId, c.Now)),
            (CommunityCommand.Register c, CommunityState.Registered community) =>
                c.SecretId == community.SecretId ? NothingNew : Refuse(CommunityRefusal.CommunityExists),

            (_, CommunityState.Unknown) => Refuse(CommunityRefusal.CommunityIsUnknown),

            (CommunityCommand.RotateSecret c, CommunityState.Registered community) when c.SecretId == community.SecretId => NothingNew,
            (CommunityCommand.RotateSecret c, _) when c.Overlap < TimeSpan.Zero || c.Overlap > OverlapMax =>
                Refuse(CommunityRefusal.OverlapIsOutOfRange),
            (CommunityCommand.RotateSecret c, CommunityState.Registered { PreviousValidUntil: { } until }) when until > c.Now =>
                Refuse(CommunityRefusal.PreviousSecretIsStillValid),
            (CommunityCommand.RotateSecret c, CommunityState.Registered community) =>
                Accept(new CommunityEvent.SecretRotated(community.AppId, c.SecretId, community.SecretId, c.Now + c.Overlap, c.Now)),

            _ => throw new UnreachableException($"{command.GetType().Name} when the community is {state.GetType().Name}."),
        };

    private static Decision.Accepted Accept(CommunityEvent @event) => new([@event]);

    private static Decision.Accepted NothingNew { get; } = new([]);

    private static Decision.Refused Refuse(CommunityRefusal reason) => new(reason);
}
