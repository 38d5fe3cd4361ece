namespace FiberLink.EventStore.Daemon;

/// <summary>The events of one page of the log, as far as they have been read. They never change, so a part may be handed out.</summary>
/// <param name="index">0 for the log's first events.</param>
/// <param name="size">How many positions it spans.</param>
internal sealed class LogPage(long index, int size)
{
    private readonly RecordedEvent[] _events = new RecordedEvent[size];
    private int _count;

    /// <summary>The last position before it.</summary>
    public long Start => index * size;

    /// <summary>The last position in it.</summary>
    public long End => Start + size;

    /// <summary>Everything up to here has been read.</summary>
    public long KnownTo { get; private set; } = index * size;

    public bool IsComplete => KnownTo == End;

    /// <summary>For the choice of what is dropped first.</summary>
    public long UsedAt { get; set; }

    /// <summary>The read under way.</summary>
    public LogPageRead? Reading { get; set; }

    /// <summary>What has been read after a position.</summary>
    public ArraySegment<RecordedEvent> After(long position)
    {
        var first = 0;
        for (var end = _count; first < end;)
        {
            var middle = (first + end) / 2;
            (first, end) = _events[middle].Position <= position ? (middle + 1, end) : (first, middle);
        }

        return new(_events, first, _count - first);
    }

    /// <summary>Takes what was read; it may be known already, and reaches beyond the page when the log has holes.</summary>
    public void Add(IReadOnlyList<RecordedEvent> events)
    {
        foreach (var @event in events.Where(e => e.Position > KnownTo))
        {
            if (@event.Position > End)
            {
                KnownTo = End;
                return;
            }

            _events[_count++] = @event;
            KnownTo = @event.Position;
        }
    }
}

/// <param name="Events">What there is after the position that was asked for, up to the end of a page.</param>
/// <param name="IsEnd">Whether there was nothing more in the moment of the call. False says nothing.</param>
internal readonly record struct LogSlice(ArraySegment<RecordedEvent> Events, bool IsEnd);

/// <summary>One read that several wait for. It ends when the last of them has left.</summary>
/// <param name="number">Reads are numbered in the order in which they start.</param>
internal sealed class LogPageRead(long number) : IDisposable
{
    private readonly CancellationTokenSource _left = new();

    public long Number => number;

    public int Waiting { get; set; }

    /// <summary>Whether it ended before an event that cannot be read.</summary>
    public bool IsCutShort { get; set; }

    public Task Task { get; private set; } = Task.CompletedTask;

    public void Start(Func<CancellationToken, Task> read) => Task = read(_left.Token);

    /// <summary>Nobody waits any more, nor for what goes wrong.</summary>
    public async Task GiveUpAsync()
    {
        if (!Task.IsCompleted)
        {
            await _left.CancelAsync();
        }

        await Task.ContinueWith(t => t.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    public void Dispose() => _left.Dispose();
}
