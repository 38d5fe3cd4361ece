namespace FiberLink.HubNode.JsonRpc;

/// <summary>How far an attempt came, whatever its answer says.</summary>
internal enum Reach
{
    /// <summary>It was not tried.</summary>
    NotTried = 1,

    /// <summary>The node was away: it could not be reached, or sent nothing back.</summary>
    Outage = 2,

    /// <summary>The node has answered something.</summary>
    Answered = 3,
}

internal interface IAttempt
{
    Reach Reach { get; }
}

/// <param name="Answer">What came of it.</param>
/// <param name="Reach">How far it came.</param>
/// <param name="FollowsUnsure">An earlier attempt of the same call may have taken effect already.</param>
internal sealed record Attempt<T>(NodeAnswer<T> Answer, Reach Reach, bool FollowsUnsure = false) : IAttempt
{
    public NodeAnswer<T>.Failed? Failed => Answer as NodeAnswer<T>.Failed;
}
