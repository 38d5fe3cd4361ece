using System.Diagnostics;
using FiberLink.Events.Communities;

namespace FiberLink.Domain.Communities;

/// <summary>Where one community stands.</summary>
public abstract record CommunityState
{
    private CommunityState()
    {
    }

    public static CommunityState Initial { get; } = new Unknown();

    public sealed record Unknown : CommunityState;

    /// <param name="AppId">The community's id, as it signs requests.</param>
    /// <param name="SecretId">The secret that signs now.</param>
    /// <param name="PreviousValidUntil">Until when the secret before it is accepted; null when there was none.</param>
    public sealed record Registered(string AppId, Guid SecretId, DateTimeOffset? PreviousValidUntil) : CommunityState;

    /// <summary>Repeats what happened; never refuses.</summary>
    public static CommunityState Evolve(CommunityState state, CommunityEvent @event) =>
        (state, @event) switch
        {
            (Unknown, CommunityEvent.Registered e) => new Registered(e.AppId, e.SecretId, null),
            (Registered community, CommunityEvent.SecretRotated e) =>
                community with { SecretId = e.SecretId, PreviousValidUntil = e.PreviousValidUntil },
            _ => throw new UnreachableException($"A community that is {state.GetType().Name} cannot have been {@event.GetType().Name}."),
        };
}
