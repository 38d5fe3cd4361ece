namespace FiberLink.Sandbox.Control;

/// <summary>How the sandbox node tells of its changes; as it stands, it tells all of them.</summary>
public sealed record SubscriptionFaults
{
    /// <summary>
    /// More changes than this waiting to be told end the telling until the next such order; FNN 0.8 has 10. Null for never.
    /// </summary>
    public int? BurstMax { get; init; }

    /// <summary>The share of changes, 0 to 1, that nobody hears of.</summary>
    public double Dropped { get; init; }

    /// <summary>Connections are taken and stay open, and nothing is told.</summary>
    public bool AreSilent { get; init; }

    /// <summary>False refuses to subscribe, as a node does without its pubsub module.</summary>
    public bool AreOffered { get; init; } = true;
}
