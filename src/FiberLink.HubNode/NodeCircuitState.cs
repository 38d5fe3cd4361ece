namespace FiberLink.HubNode;

/// <summary>Whether calls go to the node.</summary>
public enum NodeCircuitState
{
    /// <summary>Calls are sent.</summary>
    Closed = 1,

    /// <summary>The node has not answered several calls in a row: calls fail at once with <see cref="NodeFailure.CircuitOpen"/>.</summary>
    Open = 2,

    /// <summary>The node is being asked who it is; if it answers, calls are sent again.</summary>
    Probing = 3,
}
