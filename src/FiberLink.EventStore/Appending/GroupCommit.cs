namespace FiberLink.EventStore;

/// <summary>Gathers the changes of concurrent callers into groups, each of which is one transaction.</summary>
/// <remarks>
/// Nobody waits for company: a caller who finds nobody writing writes at once, by himself. Those who come while he does are the
/// next group. So groups are as large as the load makes them, and there is no timer.
/// </remarks>
internal sealed class GroupCommit(Func<IReadOnlyList<PendingAppend>, CancellationToken, Task> write, EventStoreOptions options)
    : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly LinkedList<PendingAppend> _waiting = new();
    private readonly SemaphoreSlim _room = new(options.WaitingChangesMax);
    private Task _writing = Task.CompletedTask;
    private bool _isWriting;
    private bool _isClosed;

    /// <summary>How many changes wait.</summary>
    public int Waiting => options.WaitingChangesMax - _room.CurrentCount;

    /// <exception cref="OperationCanceledException">The caller gave up; nothing was written.</exception>
    public async Task<AppendResult> AppendAsync(WrittenChange written, CancellationToken ct)
    {
        await _room.WaitAsync(ct);
        try
        {
            var pending = new PendingAppend(written, ct);
            using var giveUp = ct.UnsafeRegister(static (state, token) => ((PendingAppend)state!).GiveUp(token), pending);
            if (Enqueue(pending))
            {
                try
                {
                    await WriteAsync(Take());
                }
                finally
                {
                    GoOn();
                }
            }

            return await pending.Answer;
        }
        finally
        {
            _room.Release();
        }
    }

    /// <summary>Takes no more changes, and comes back when the last one has its answer.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isClosed = true;
        }

        for (var writing = Current(); !writing.IsCompleted; writing = Current())
        {
            await writing;
        }

        // Whoever writes for himself holds a place until he is done.
        for (var place = 0; place < options.WaitingChangesMax; place++)
        {
            await _room.WaitAsync();
        }

        _room.Dispose();

        Task Current()
        {
            lock (_gate)
            {
                return _writing;
            }
        }
    }

    /// <returns>Whether the caller is to write.</returns>
    private bool Enqueue(PendingAppend pending)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            _waiting.AddLast(pending);
            var isFirst = !_isWriting;
            _isWriting = true;
            return isFirst;
        }
    }

    private async Task WriteAsync(List<PendingAppend> group)
    {
        if (group.Count == 0)
        {
            return;
        }

        using var abandoned = new Abandonment(group);
        await write(group, abandoned.Token);
    }

    /// <summary>The first caller has his answer: whoever came meanwhile is served by a task of its own.</summary>
    private void GoOn()
    {
        lock (_gate)
        {
            _isWriting = _waiting.Count > 0;
            if (_isWriting)
            {
                _writing = Task.Run(WriteAllAsync);
            }
        }
    }

    private async Task WriteAllAsync()
    {
        do
        {
            await WriteAsync(Take());

            // Those who were just answered are on the run to come again: they join the next group if they are let first.
            await Task.Yield();
        }
        while (IsMore());
    }

    private bool IsMore()
    {
        lock (_gate)
        {
            return _isWriting = _waiting.Count > 0;
        }
    }

    private List<PendingAppend> Take()
    {
        lock (_gate)
        {
            return Gathering.Take(_waiting, options);
        }
    }
}
