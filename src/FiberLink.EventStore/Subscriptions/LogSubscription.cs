using System.Runtime.CompilerServices;
using FiberLink.EventStore.Daemon;

namespace FiberLink.EventStore.Subscriptions;

/// <summary>The log as a stream without an end, for callers that keep their own position: server-sent events, a test, a tool.</summary>
/// <remarks>
/// Catching up and following are one and the same read from one position to the next, so there is no seam between them. Followers
/// share the reads with each other and with the daemon's shards; each holds no more than one page in memory.
/// </remarks>
public sealed class LogSubscription
{
    private readonly LogPages _pages;
    private readonly LogSignal _signal;
    private readonly TimeProvider _time;
    private readonly TimeSpan _pollInterval;

    internal LogSubscription(LogPages pages, LogSignal signal, TimeProvider time, TimeSpan pollInterval)
    {
        _pages = pages;
        _signal = signal;
        _time = time;
        _pollInterval = pollInterval;
    }

    /// <summary>
    /// Every event after a position that the filter admits, in log order, and then those that are appended, soon after their commit.
    /// </summary>
    /// <param name="after">0 for the beginning.</param>
    /// <param name="filter">Null for every event.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="OperationCanceledException">The only way it ends by itself.</exception>
    /// <exception cref="UnreadableEventException">The next event cannot be read by this program; all before it were given.</exception>
    public async IAsyncEnumerable<RecordedEvent> FollowAsync(
        long after, LogFilter? filter, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var page in FollowPagesAsync(after, ct))
        {
            foreach (var @event in page)
            {
                if (filter is null || filter.Admits(@event))
                {
                    yield return @event;
                }
            }
        }
    }

    /// <summary>The same in pages, unfiltered, for callers who note how far they have come even where nothing concerns them.</summary>
    /// <inheritdoc cref="FollowAsync"/>
    public async IAsyncEnumerable<IReadOnlyList<RecordedEvent>> FollowPagesAsync(
        long after, [EnumeratorCancellation] CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        while (true)
        {
            var next = _signal.Next;
            var (page, isEnd) = await _pages.ReadAsync(after, ct);
            if (page.Count > 0)
            {
                after = page[^1].Position;
                yield return page;
            }

            if (page.Count == 0 || isEnd)
            {
                await WaitAsync(next, ct);
            }
        }
    }

    private async Task WaitAsync(Task next, CancellationToken ct)
    {
        try
        {
            await next.WaitAsync(_pollInterval, _time, ct);
        }
        catch (TimeoutException)
        {
            // The net: look anyway.
        }
    }
}
