namespace FiberLink.Service.Authentication;

/// <summary>
/// Runs what comes in while a run is under way as one batch afterwards. One caller alone does not wait for company; many at once
/// share a round trip.
/// </summary>
/// <param name="batchMax">The most items in one run.</param>
/// <param name="run">Answers each item of a batch, in order.</param>
internal sealed class Coalescer<TItem, TResult>(int batchMax, Func<IReadOnlyList<TItem>, Task<IReadOnlyList<TResult>>> run)
{
    private readonly Lock _lock = new();
    private readonly Queue<Waiter> _waiting = [];
    private bool _isRunning;

    /// <summary>Gives up waiting when cancelled; the item may be run all the same.</summary>
    public async Task<TResult> RunAsync(TItem item, CancellationToken ct)
    {
        var mine = new Waiter(item);
        bool leads;
        lock (_lock)
        {
            _waiting.Enqueue(mine);
            leads = !_isRunning;
            _isRunning = true;
        }

        // Whoever comes first runs the batch; the one after is handed the lead, so that nobody works for others without end.
        // Not given up before its turn: the lead may be handed to it.
        if (leads || await mine.Turn.Task is Outcome.Lead)
        {
            await LeadAsync();
        }

        return await mine.Result.Task.WaitAsync(ct);
    }

    private async Task LeadAsync()
    {
        List<Waiter> batch = [];
        lock (_lock)
        {
            while (batch.Count < batchMax && _waiting.TryDequeue(out var waiter))
            {
                batch.Add(waiter);
            }
        }

        try
        {
            var results = await run([.. batch.Select(w => w.Item)]);
            for (var i = 0; i < batch.Count; i++)
            {
                batch[i].Result.TrySetResult(results[i]);
            }
        }
#pragma warning disable CA1031 // The failure belongs to every caller of the batch, and each is told.
        catch (Exception broken)
#pragma warning restore CA1031
        {
            foreach (var waiter in batch)
            {
                waiter.Result.TrySetException(broken);
            }
        }
        finally
        {
            foreach (var waiter in batch)
            {
                waiter.Turn.TrySetResult(Outcome.Done);
            }

            HandOver();
        }
    }

    private void HandOver()
    {
        lock (_lock)
        {
            // It stays in the queue: it leads the batch that it is part of.
            _isRunning = _waiting.TryPeek(out var next);
            next?.Turn.TrySetResult(Outcome.Lead);
        }
    }

    private enum Outcome
    {
        Done = 1,
        Lead = 2,
    }

    private sealed class Waiter(TItem item)
    {
        public TItem Item => item;

        public TaskCompletionSource<Outcome> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<TResult> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
