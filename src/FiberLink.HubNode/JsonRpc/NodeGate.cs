using Microsoft.Extensions.Logging;

namespace FiberLink.HubNode.JsonRpc;

/// <summary>
/// Lets calls through to a node that answers and is the one expected. Both are found out by asking it who it is, which may always be
/// asked.
/// </summary>
internal sealed class NodeGate : IDisposable
{
    private readonly NodeLine _line;
    private readonly Circuit _circuit;
    private readonly NodeIdentity _identity;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _identifying = new(1, 1);

    public NodeGate(NodeLine line, HubNodeOptions options, TimeProvider time, ILogger log)
    {
        (_line, _log) = (line, log);
        _circuit = new Circuit(options.OutagesMax, options.ProbePause, time, Tell);
        _identity = new NodeIdentity(options.ExpectedPubkey, log);
    }

    public NodeCircuitState Circuit => _circuit.State;

    /// <summary>What the node last said of itself; null before that, and after an outage.</summary>
    public NodeInfo? Known => _identity.Known;

    /// <summary>Asks the node who it is, whatever is known of it.</summary>
    /// <param name="either">Ends with the caller's patience or with the call's time.</param>
    /// <param name="callers">The caller's patience alone.</param>
    public async Task<Attempt<NodeInfo>> AskAsync(CancellationToken either, CancellationToken callers)
    {
        var attempt = await _line.SendAsync(NodeMethod.NodeInfo, null, InfoReading.Info, either, callers);
        Note(attempt.Reach);
        return attempt.Answer is NodeAnswer<NodeInfo>.Ok { Value: var info } && _identity.Learn(info) is { } wrong
            ? attempt with { Answer = wrong }
            : attempt;
    }

    /// <summary>Why nothing may be sent now; null if it may.</summary>
    /// <param name="either">Ends with the caller's patience or with the call's time.</param>
    /// <param name="callers">The caller's patience alone.</param>
    public async Task<NodeAnswer<NodeInfo>.Failed?> ObjectionAsync(CancellationToken either, CancellationToken callers) =>
        _circuit.Enter() switch
        {
            NodeCircuitState.Open => new(NodeFailure.CircuitOpen, "The node has not answered several calls in a row; it was not asked."),
            NodeCircuitState.Probing => await ProbeAsync(either, callers),
            _ when _identity is { IsExpected: true, Known: null } => await IdentifyAsync(either, callers),
            _ => null,
        };

    /// <summary>Takes note of how far a call came.</summary>
    public void Note(Reach reach)
    {
        switch (reach)
        {
            case Reach.Answered:
                _circuit.Answered();
                break;
            case Reach.Outage:
                _identity.Forget();
                _circuit.Missed();
                break;
            default:
                break;
        }
    }

    public void Dispose() => _identifying.Dispose();

    private async Task<NodeAnswer<NodeInfo>.Failed?> ProbeAsync(CancellationToken either, CancellationToken callers)
    {
        Attempt<NodeInfo>? probe = null;
        try
        {
            probe = await AskAsync(either, callers);
            return probe.Reach is Reach.Answered
                ? Unfit(probe)
                : new(NodeFailure.CircuitOpen, $"The node has not answered the probe: {probe.Failed!.Detail}");
        }
        finally
        {
            // Whoever gave up before the node had its time leaves the probe to the next.
            _circuit.EndProbe(hasMissed: probe?.Reach is Reach.Outage);
        }
    }

    /// <summary>One caller asks; those who come meanwhile wait for what it learns.</summary>
    private async Task<NodeAnswer<NodeInfo>.Failed?> IdentifyAsync(CancellationToken either, CancellationToken callers)
    {
        try
        {
            await _identifying.WaitAsync(either);
        }
        catch (OperationCanceledException) when (!callers.IsCancellationRequested)
        {
            return new(NodeFailure.Unreachable, "The node has not said in time who it is.");
        }

        try
        {
            return _identity.Known is null ? Unfit(await AskAsync(either, callers)) : null;
        }
        finally
        {
            _identifying.Release();
        }
    }

    /// <summary>
    /// Where no certain node is expected, any answer will do: a token may forbid the question. Otherwise it must be the right one, and
    /// whatever is wrong with it, the call itself was never sent.
    /// </summary>
    private NodeAnswer<NodeInfo>.Failed? Unfit(Attempt<NodeInfo> asked) =>
        !_identity.IsExpected ? null
            : asked.Failed is { Failure: NodeFailure.NoAnswer } unsure
                ? unsure with { Failure = NodeFailure.Unreachable, Detail = $"The node has not said who it is: {unsure.Detail}" }
                : asked.Failed;

    private void Tell(NodeCircuitState state, TimeSpan pause)
    {
        switch (state)
        {
            case NodeCircuitState.Open:
                NodeLog.CircuitOpened(_log, pause);
                break;
            case NodeCircuitState.Closed:
                NodeLog.CircuitClosed(_log);
                break;
            default:
                break;
        }
    }
}
