namespace FiberLink.Sandbox.Control;

/// <summary>Payments that arrive later. They belong to the node: none outlives it, and none fails unseen.</summary>
internal sealed class ScheduledPayments(TimeProvider time) : IAsyncDisposable
{
    public const int PendingMax = 10_000;

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<Task> _pending = [];

    /// <summary>False when too many are pending already.</summary>
    public bool TrySchedule(TimeSpan delay, Action pay)
    {
        lock (_lock)
        {
            if (_pending.Count >= PendingMax || _stop.IsCancellationRequested)
            {
                return false;
            }

            // What has ended with a fault is kept, so that disposing throws it.
            _pending.RemoveWhere(t => t.IsCompletedSuccessfully);
            _pending.Add(PayLaterAsync(delay, pay));
            return true;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Task[] left;
        lock (_lock)
        {
            left = [.. _pending];
        }

        await Task.WhenAll(left);
        _stop.Dispose();
    }

    private async Task PayLaterAsync(TimeSpan delay, Action pay)
    {
        try
        {
            await Task.Delay(delay, time, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        pay();
    }
}
