namespace FiberLink.Events.Communities;

/// <summary>Everything that can have happened to one community. The secrets themselves are never here, only their ids.</summary>
public abstract record CommunityEvent
{
    private CommunityEvent()
    {
    }

    public sealed record Registered(string AppId, string Name, Guid SecretId, DateTimeOffset RegisteredAt) : CommunityEvent;

    /// <param name="AppId">Names the stream.</param>
    /// <param name="SecretId">The secret that signs from now on.</param>
    /// <param name="PreviousSecretId">The one that signed until now.</param>
    /// <param name="PreviousValidUntil">Until when requests signed with the previous one are still accepted.</param>
    /// <param name="RotatedAt">When.</param>
    public sealed record SecretRotated(
        string AppId, Guid SecretId, Guid PreviousSecretId, DateTimeOffset PreviousValidUntil, DateTimeOffset RotatedAt) : CommunityEvent;
}
