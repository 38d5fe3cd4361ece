using System.Diagnostics;

namespace FiberLink.EventStore;

/// <summary>A change that waits for its answer.</summary>
/// <param name="written">The change.</param>
/// <param name="caller">Says that the caller gave up.</param>
internal sealed class PendingAppend(WrittenChange written, CancellationToken caller)
{
    private const int Waits = 0;
    private const int IsWritten = 1;
    private const int WasGivenUp = 2;

    private readonly TaskCompletionSource<AppendResult> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _state = Waits;

    public WrittenChange Written => written;

    public CancellationToken Caller => caller;

    /// <summary>The append's own place in a trace.</summary>
    public ActivityContext Trace { get; } = Activity.Current?.Context ?? default;

    public Task<AppendResult> Answer => _answer.Task;

    /// <summary>From here on the caller waits for what the database says.</summary>
    /// <returns>False when the caller gave up before.</returns>
    public bool Begin() => Interlocked.CompareExchange(ref _state, IsWritten, Waits) == Waits;

    /// <summary>The caller gave up: in time, if nobody has begun to write.</summary>
    public void GiveUp(CancellationToken ct)
    {
        if (Interlocked.CompareExchange(ref _state, WasGivenUp, Waits) == Waits)
        {
            _answer.TrySetCanceled(ct);
        }
    }

    public void Tell(AppendResult result) => _answer.TrySetResult(result);

    /// <summary>Nothing of it was written, for this reason.</summary>
    public void Fail(Exception cause)
    {
        if (cause is OperationCanceledException && caller.IsCancellationRequested)
        {
            _answer.TrySetCanceled(caller);
        }
        else
        {
            _answer.TrySetException(cause);
        }
    }
}
