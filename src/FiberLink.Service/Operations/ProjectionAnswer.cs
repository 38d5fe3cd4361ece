namespace FiberLink.Service.Operations;

/// <summary>What came of an operator's wish about a projection.</summary>
public abstract record ProjectionAnswer
{
    private ProjectionAnswer()
    {
    }

    /// <param name="IsNew">False when it was so already: nothing was recorded.</param>
    public sealed record Done(bool IsNew) : ProjectionAnswer;

    /// <param name="Why">In words for the operator: what is in the way, and what to do instead.</param>
    public sealed record Refused(string Why) : ProjectionAnswer;
}
