using FiberLink.Events.Members;

namespace FiberLink.Service.Members;

/// <summary>What came of an operator's wish to erase what a member has written.</summary>
public abstract record ErasureAnswer
{
    private ErasureAnswer()
    {
    }

    /// <summary>There is something to erase, and nothing was done yet.</summary>
    /// <param name="KeyId">The member's key.</param>
    /// <param name="Texts">How many texts are sealed under it, as far as the dashboards know.</param>
    /// <param name="Before">What was erased before, oldest first.</param>
    public sealed record Found(Guid KeyId, long Texts, IReadOnlyList<MemberEvent.TextsErased> Before) : ErasureAnswer;

    /// <summary>It is done.</summary>
    /// <param name="KeyId">The key that is gone.</param>
    /// <param name="Texts">How many texts were sealed under it, as far as the dashboards knew.</param>
    /// <param name="Position">Where the log says so.</param>
    public sealed record Erased(Guid KeyId, long Texts, long Position) : ErasureAnswer;

    /// <summary>The member has no key: whatever there was is erased, or nothing was ever written.</summary>
    /// <param name="Before">What was erased before, oldest first.</param>
    public sealed record Nothing(IReadOnlyList<MemberEvent.TextsErased> Before) : ErasureAnswer;

    /// <param name="Why">In words for the operator.</param>
    public sealed record Refused(string Why) : ErasureAnswer;
}
