namespace FiberLink.Events.Members;

/// <summary>What was done about one member of a community, beside the member's money.</summary>
public abstract record MemberEvent
{
    private MemberEvent()
    {
    }

    /// <summary>What the member had written can be read by nobody any more: the key of it is gone.</summary>
    /// <param name="Member">Whose texts.</param>
    /// <param name="KeyId">Every text in the log that was sealed under this key is erased.</param>
    /// <param name="By">Who.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="ErasedAt">When.</param>
    public sealed record TextsErased(string Member, Guid KeyId, string By, string Reason, DateTimeOffset ErasedAt) : MemberEvent;
}
