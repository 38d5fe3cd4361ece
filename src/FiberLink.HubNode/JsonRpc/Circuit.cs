namespace FiberLink.HubNode.JsonRpc;

/// <summary>
/// Opens after so many outages in a row, lets one caller through to probe after a pause, and closes with any answer of the node.
/// Counted in a row and not as a share of calls: a node that is dead shows by that, however few calls there are.
/// </summary>
/// <param name="outagesMax">0 never opens it.</param>
/// <param name="pauseMin">Before the first probe.</param>
/// <param name="time">Pauses are kept by this clock.</param>
/// <param name="changed">Told of each change of state, in order, while the circuit is locked.</param>
internal sealed class Circuit(int outagesMax, TimeSpan pauseMin, TimeProvider time, Action<NodeCircuitState, TimeSpan> changed)
{
    private const int DoublingsMax = 4;

    private readonly Lock _lock = new();
    private NodeCircuitState _state = NodeCircuitState.Closed;
    private int _outages;
    private int _failedProbes;
    private long _openedAt;

    public NodeCircuitState State
    {
        get
        {
            lock (_lock)
            {
                return _state;
            }
        }
    }

    /// <summary>Closed: go on. Probing: the caller is the one to probe, and says what came of it. Open: nobody is let through.</summary>
    public NodeCircuitState Enter()
    {
        lock (_lock)
        {
            if (_state == NodeCircuitState.Open && time.GetElapsedTime(_openedAt) >= Pause)
            {
                Become(NodeCircuitState.Probing);
                return NodeCircuitState.Probing;
            }

            return _state == NodeCircuitState.Closed ? NodeCircuitState.Closed : NodeCircuitState.Open;
        }
    }

    /// <summary>The node has answered something, whatever it was.</summary>
    public void Answered()
    {
        lock (_lock)
        {
            (_outages, _failedProbes) = (0, 0);
            Become(NodeCircuitState.Closed);
        }
    }

    /// <summary>A call found the node away.</summary>
    public void Missed()
    {
        lock (_lock)
        {
            _outages++;
            if (_state == NodeCircuitState.Closed && outagesMax > 0 && _outages >= outagesMax)
            {
                _openedAt = time.GetTimestamp();
                Become(NodeCircuitState.Open);
            }
        }
    }

    /// <summary>The probe is over. Without an answer, the next one waits longer; given up early, it is the next caller's.</summary>
    public void EndProbe(bool hasMissed)
    {
        lock (_lock)
        {
            if (_state != NodeCircuitState.Probing)
            {
                return;
            }

            if (hasMissed)
            {
                _failedProbes = Math.Min(_failedProbes + 1, DoublingsMax);
                _openedAt = time.GetTimestamp();
            }

            Become(NodeCircuitState.Open);
        }
    }

    private TimeSpan Pause => pauseMin * (1 << _failedProbes);

    private void Become(NodeCircuitState state)
    {
        if (_state == state)
        {
            return;
        }

        NodeCallTelemetry.CountCircuit((state == NodeCircuitState.Closed ? 0 : 1) - (_state == NodeCircuitState.Closed ? 0 : 1));
        _state = state;
        changed(state, Pause);
    }
}
