namespace FiberLink.Service.Withdrawals.Administration;

/// <summary>What came of an operator's wish.</summary>
public abstract record OperatorAnswer
{
    private OperatorAnswer()
    {
    }

    /// <param name="IsNew">False when it was so already: nothing was recorded.</param>
    public sealed record Done(bool IsNew) : OperatorAnswer;

    /// <param name="Why">In words for the operator: what is in the way, and what to do instead.</param>
    public sealed record Refused(string Why) : OperatorAnswer;
}
