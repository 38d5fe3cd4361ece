namespace FiberLink.EventStore.Daemon;

/// <summary>Wakes everybody who follows the log, however many they are.</summary>
/// <remarks>Take <see cref="Next"/> before looking: whatever is announced while one looks is then not missed.</remarks>
internal sealed class LogSignal
{
    private TaskCompletionSource _next = Make();

    /// <summary>Done when there may be something that was not there when it was taken.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    /// <summary>There may be new events: they are committed.</summary>
    public void Set() => Interlocked.Exchange(ref _next, Make()).TrySetResult();

    private static TaskCompletionSource Make() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
