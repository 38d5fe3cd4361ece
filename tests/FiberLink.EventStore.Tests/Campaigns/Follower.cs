namespace FiberLink.EventStore.Tests.Campaigns;

/// <summary>A reader that follows the log while it is written, and starts anew from anywhere now and then.</summary>
#pragma warning disable CA5394 // Chance by a seed, so that a run can be repeated.
internal sealed class Follower(IEventStore store, Random random)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly List<(long After, List<RecordedEvent> Seen)> _walks = [];

    /// <summary>Follows to the end of the log.</summary>
    /// <param name="isOver">Whether nobody writes any more.</param>
    /// <param name="ct">Stops it.</param>
    public async Task FollowAsync(Func<bool> isOver, CancellationToken ct)
    {
        for (var isLast = false; !isLast;)
        {
            isLast = isOver();
            var after = random.NextInt64(await store.ReadHeadAsync(ct) + 1);
            _walks.Add((after, []));
            for (var at = after; ;)
            {
                var page = await store.ReadLogAsync(at, 1 + random.Next(200), ct);
                if (page.Count == 0)
                {
                    break;
                }

                foreach (var @event in page)
                {
                    Assert.Equal(++at, @event.Position);
                    _walks[^1].Seen.Add(@event);
                }
            }

            // Readers who ask all the time leave the writers nothing of a small machine.
            await Task.Delay(Pause, TimeProvider.System, ct);
        }
    }

    /// <summary>What was read on the way is what there is in the end, and the last walk came to the end.</summary>
    public void Check(IReadOnlyList<RecordedEvent> log)
    {
        foreach (var (after, seen) in _walks)
        {
            Assert.True(
                seen.Select(e => (e.Id, e.Stream, e.Version)).SequenceEqual(
                    log.Skip((int)after).Take(seen.Count).Select(e => (e.Id, e.Stream, e.Version))),
                $"What was read after {after} is not what is there.");
        }

        var last = _walks[^1];
        Assert.Equal(log.Count, last.After + last.Seen.Count);
    }
}
#pragma warning restore CA5394
