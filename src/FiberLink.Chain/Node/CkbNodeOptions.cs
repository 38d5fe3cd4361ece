namespace FiberLink.Chain.Node;

/// <summary>Where the chain's node is, and how patient we are with it.</summary>
public sealed record CkbNodeOptions
{
    /// <summary>Of its JSON-RPC; nodes listen on port 8114 when nothing else is said.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>For a whole call.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(15);
}
