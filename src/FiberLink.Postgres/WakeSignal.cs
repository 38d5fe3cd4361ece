namespace FiberLink.Postgres;

/// <summary>
/// Wakes one loop that looks for work: by a commit in this process, by a notification from another, or by the clock as the
/// safety net.
/// </summary>
public sealed class WakeSignal
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>There may be work. Setting it many times before the loop looks wakes it once.</summary>
    public void Set() => Volatile.Read(ref _next).TrySetResult();

    /// <summary>
    /// Comes back when the signal is set, or after <paramref name="atMost"/>. What is set from here on wakes the next wait, so
    /// nothing that happens while the caller looks for work is missed.
    /// </summary>
    /// <exception cref="OperationCanceledException">The loop is to stop.</exception>
    public async Task WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken ct)
    {
        var current = Volatile.Read(ref _next);
        try
        {
            await current.Task.WaitAsync(atMost, time, ct);
        }
        catch (TimeoutException)
        {
            // The net: look anyway.
            current.TrySetResult();
        }

        Interlocked.CompareExchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously), current);
    }
}
