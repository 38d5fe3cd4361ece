namespace FiberLink.EventStore.Daemon;

/// <summary>The log as all shards and followers of one process read it: who stands at the same place shares the read.</summary>
/// <remarks>
/// Positions are dense and events never change, so the log falls into pages of fixed places, and a page that was read is right for
/// ever. The last page grows: only what is new is read.
/// </remarks>
/// <param name="store">The log.</param>
/// <param name="pageEvents">How many events a page has.</param>
/// <param name="pagesMax">How many pages are kept; the one used longest ago is dropped first.</param>
internal sealed class LogPages(IEventStore store, int pageEvents, int pagesMax)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, LogPage> _pages = [];
    private long _clock;
    private long _head;

    /// <summary>The last position that was ever seen.</summary>
    public long HeadSeen => Interlocked.Read(ref _head);

    /// <summary>The events after a position, up to the end of their page; none when there was none in the moment of the call.</summary>
    /// <exception cref="UnreadableEventException">The very next event cannot be read; those before such a one are given.</exception>
    public async Task<LogSlice> ReadAsync(long after, CancellationToken ct)
    {
        var arrived = Interlocked.Read(ref _clock);
        var isFresh = false;
        var index = after / pageEvents;
        while (true)
        {
            LogPage page;
            LogPageRead read;
            lock (_gate)
            {
                page = Page(index);
                if (page.After(after) is { Count: > 0 } known)
                {
                    return new(known, isFresh && !page.IsComplete);
                }

                if (page.IsComplete)
                {
                    // Only when the log has holes.
                    index++;
                    continue;
                }

                read = page.Reading ??= Start(page);
                read.Waiting++;
            }

            if (!await HasReadAsync(page, read, after, ct))
            {
                var (events, _) = await ReadableAsync(after, (int)(page.End - after), ct);
                return new(new([.. events]), IsEnd: false);
            }

            lock (_gate)
            {
                // A read that had begun before the call may have looked before the commit that the caller was told of.
                isFresh = read.Number > arrived && !read.IsCutShort;
                if (isFresh && !page.IsComplete)
                {
                    return new(page.After(after), IsEnd: true);
                }
            }
        }
    }

    /// <returns>False when an event before the wanted ones cannot be read, so that the page cannot grow.</returns>
    private async Task<bool> HasReadAsync(LogPage page, LogPageRead read, long after, CancellationToken ct)
    {
        try
        {
            await read.Task.WaitAsync(ct);
            return true;
        }
        catch (UnreadableEventException unread) when (unread.Position <= after)
        {
            return false;
        }
        finally
        {
            bool isLast;
            lock (_gate)
            {
                isLast = --read.Waiting == 0;
                if (isLast && page.Reading == read)
                {
                    page.Reading = null;
                }
            }

            if (isLast)
            {
                await read.GiveUpAsync();
                read.Dispose();
            }
        }
    }

    private LogPageRead Start(LogPage page)
    {
        var read = new LogPageRead(Interlocked.Increment(ref _clock));
        read.Start(left => FillAsync(page, read, left));
        return read;
    }

    private async Task FillAsync(LogPage page, LogPageRead read, CancellationToken ct)
    {
        // Called under the gate: the rest is not.
        await Task.Yield();
        try
        {
            var (events, isCutShort) = await ReadableAsync(page.KnownTo, (int)(page.End - page.KnownTo), ct);
            lock (_gate)
            {
                read.IsCutShort = isCutShort;
                page.Add(events);
                _head = events.Count > 0 ? Math.Max(_head, events[^1].Position) : _head;
            }
        }
        finally
        {
            lock (_gate)
            {
                // Whoever comes from here on starts another one.
                page.Reading = page.Reading == read ? null : page.Reading;
            }
        }
    }

    private async Task<(IReadOnlyList<RecordedEvent> Events, bool IsCutShort)> ReadableAsync(long after, int limit, CancellationToken ct)
    {
        try
        {
            return (await store.ReadLogAsync(after, limit, ct), false);
        }
        catch (UnreadableEventException unread) when (unread.Position > after + 1)
        {
            // As far as can be gone; the next read begins with the event that spoils this one.
            return (await store.ReadLogAsync(after, (int)(unread.Position.Value - after - 1), ct), true);
        }
    }

    private LogPage Page(long index)
    {
        if (!_pages.TryGetValue(index, out var page))
        {
            page = new(index, pageEvents);
            _pages.Add(index, page);
            if (_pages.Count > pagesMax)
            {
                _pages.Remove(_pages.Where(p => p.Key != index).MinBy(p => p.Value.UsedAt).Key);
            }
        }

        page.UsedAt = Interlocked.Increment(ref _clock);
        return page;
    }
}
