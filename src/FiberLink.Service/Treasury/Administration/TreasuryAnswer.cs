namespace FiberLink.Service.Treasury.Administration;

/// <summary>What came of an operator's wish.</summary>
public abstract record TreasuryAnswer
{
    private TreasuryAnswer()
    {
    }

    /// <param name="MovementId">The movement.</param>
    /// <param name="IsNew">False when it was so already: nothing was recorded.</param>
    public sealed record Done(Guid MovementId, bool IsNew) : TreasuryAnswer;

    /// <param name="Why">In words for the operator: what is in the way, and what to do instead.</param>
    public sealed record Refused(string Why) : TreasuryAnswer;
}
