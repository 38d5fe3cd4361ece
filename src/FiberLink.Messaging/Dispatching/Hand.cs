namespace FiberLink.Messaging;

/// <summary>A message that this node has and handles.</summary>
internal sealed class Hand(WaitingMessage message, CancellationToken stop) : IDisposable
{
    private readonly CancellationTokenSource _stopOrLost = CancellationTokenSource.CreateLinkedTokenSource(stop);
    private volatile bool _isLost;

    public WaitingMessage Message => message;

    /// <summary>Ends when the node stops, and when the message is lost to another.</summary>
    public CancellationToken Token => _stopOrLost.Token;

    public bool IsLost => _isLost;

    /// <summary>The handling.</summary>
    public Task Task { get; set; } = Task.CompletedTask;

    /// <summary>Another has it, or soon will: whatever the handler is about, it can't be committed.</summary>
    public void Lose()
    {
        _isLost = true;
        _stopOrLost.Cancel();
    }

    public void Dispose() => _stopOrLost.Dispose();
}
