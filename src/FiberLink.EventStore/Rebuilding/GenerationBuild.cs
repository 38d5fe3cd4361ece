using System.Threading.Channels;
using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Rebuilding;

/// <summary>Fills a generation from the log: one reader ahead, and a writer for each part of the streams.</summary>
internal sealed class GenerationBuild(
    NpgsqlDataSource database,
    IEventStore store,
    Generation generation,
    RebuildOptions options,
    RebuildReport report,
    TimeProvider time)
{
    private const int PagesAheadMax = 1;
    private const int PageSecondsMax = 600;

    /// <summary>A take-over shows the last few events itself; not more, because it holds the log's head meanwhile.</summary>
    private const int NearEventsMax = 500;

    private const int RoundsMax = 100;

    private readonly LargePages _pages = new(database, store, generation, time);
    private readonly GivingWay _way = new(store, options, time);

    /// <summary>Builds up to a few events before the log's head, or as near as can be had while others append.</summary>
    /// <exception cref="ProjectionFailedException">An event cannot be shown; everything before it is.</exception>
    /// <exception cref="NotRebuildableException">The projection's statements do not work in another schema.</exception>
    /// <exception cref="GenerationMovedException">Somebody else builds it too.</exception>
    public Task NearHeadAsync(CancellationToken ct) => NearAsync(store.ReadHeadAsync, ct);

    /// <summary>Builds up to a few events before a position that moves on.</summary>
    /// <inheritdoc cref="NearHeadAsync"/>
    public async Task NearAsync(Func<CancellationToken, Task<long>> readTarget, CancellationToken ct)
    {
        // Each round is shorter than the one before, unless others append faster than this builds.
        for (var round = 0; round < RoundsMax; round++)
        {
            var target = await readTarget(ct);
            report.Say(RebuildStep.Building, generation.Position, target);
            if (target - generation.Position <= NearEventsMax)
            {
                return;
            }

            await ToAsync(target, ct);
        }
    }

    /// <summary>Builds up to what is the log's head now.</summary>
    /// <inheritdoc cref="NearHeadAsync"/>
    public async Task ToHeadAsync(CancellationToken ct) => await ToAsync(await store.ReadHeadAsync(ct), ct);

    /// <summary>Builds up to a position of the log. What was written before it fails or is cancelled is kept.</summary>
    /// <inheritdoc cref="NearHeadAsync"/>
    public async Task ToAsync(long target, CancellationToken ct)
    {
        if (generation.Position >= target)
        {
            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var queues = Enumerable.Range(0, generation.Shards)
            .Select(_ => Channel.CreateBounded<Page>(new BoundedChannelOptions(PagesAheadMax) { SingleReader = true, SingleWriter = true }))
            .ToArray();
        Task[] all =
        [
            ReadAsync(queues, target, stop.Token),
            .. queues.Select((queue, shard) => WriteAsync(queue.Reader, shard, target, stop.Token)),
        ];

        // The first to fail is why; the others are then told to stop, and what they say to that is no news.
        var waiting = all.ToList();
        while (waiting.Count > 0)
        {
            var ended = await Task.WhenAny(waiting);
            waiting.Remove(ended);
            if (!ended.IsCompletedSuccessfully)
            {
                await stop.CancelAsync();
                await ((Task)Task.WhenAll(waiting)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await ended;
            }
        }
    }

    /// <summary>Writes the events up to a position in a transaction of the caller's, and moves the generation there.</summary>
    /// <param name="work">The transaction.</param>
    /// <param name="target">The position.</param>
    /// <param name="isShown">Which of the events are to be shown.</param>
    /// <param name="ct">Stops it.</param>
    /// <exception cref="PostgresException">One of the events cannot be shown; which one, <see cref="ToAsync"/> finds out.</exception>
    public async Task WithinAsync(UnitOfWork work, long target, Func<RecordedEvent, bool> isShown, CancellationToken ct)
    {
        while (generation.Position < target)
        {
            var events = await _pages.ReadAsync(generation.Position, target, options.PageEvents, ct);
            report.CountRead(events.Count);
            await using var batch = work.Batch();
            var to = events[^1].Position;
            var moves = Enumerable.Range(0, generation.Shards)
                .Select(shard => ProjectionStatements.Add(batch, generation, shard, to, [.. PartOf(events, shard).Where(isShown)]))
                .ToArray();
            await ExecuteAsync(batch, moves, ct);
            Array.Fill(generation.Positions, to);
        }
    }

    private async Task ReadAsync(Channel<Page>[] queues, long target, CancellationToken ct)
    {
        Exception? broken = null;
        try
        {
            for (var at = generation.Position; at < target;)
            {
                var (pageEvents, isBeside) = await _way.LookAsync(ct);
                await _way.KeepRateAsync(ct);
                var events = await _pages.ReadAsync(at, target, pageEvents, ct);
                _way.CountRead(events.Count);
                report.CountRead(events.Count);
                at = events[^1].Position;
                var parts = Split(events, queues.Length);
                for (var shard = 0; shard < queues.Length; shard++)
                {
                    await queues[shard].Writer.WriteAsync(new(at, parts[shard], isBeside), ct);
                }
            }
        }
        catch (ProjectionFailedException unreadable)
        {
            // The writers hear of it behind what was read before.
            broken = unreadable;
        }
        finally
        {
            foreach (var queue in queues)
            {
                queue.Writer.Complete(broken);
            }
        }
    }

    private async Task WriteAsync(ChannelReader<Page> pages, int shard, long target, CancellationToken ct)
    {
        await foreach (var page in pages.ReadAllAsync(ct))
        {
            if (page.To <= generation.Positions[shard])
            {
                continue;
            }

            var startedAt = time.GetTimestamp();
            await WriteAsync(shard, page.To, After(page.Events, generation.Positions[shard]), ct);
            report.Say(RebuildStep.Building, generation.Position, target);
            if (page.IsBeside)
            {
                await _way.RestAsync(startedAt, ct);
            }
        }
    }

    private async Task WriteAsync(int shard, long to, IReadOnlyList<RecordedEvent> events, CancellationToken ct)
    {
        try
        {
            await CommitAsync(shard, to, events, ct);
        }
        catch (Exception broken) when (ProjectionStatements.IsAboutTheEvents(broken))
        {
            if (await ProjectionStatements.HasMovedAsync(database, generation, shard, ct))
            {
                throw new GenerationMovedException(generation.Projection, generation.Number);
            }

            if (events.Count <= 1)
            {
                throw new ProjectionFailedException(generation.Projection, events.Count == 1 ? events[0].Position : to, broken);
            }

            // One event spoils the page: halve it until that one is found, and keep what comes before it.
            var half = events.Count / 2;
            await WriteAsync(shard, events[half - 1].Position, [.. events.Take(half)], ct);
            await WriteAsync(shard, to, [.. events.Skip(half)], ct);
        }
    }

    private async Task CommitAsync(int shard, long to, IReadOnlyList<RecordedEvent> events, CancellationToken ct)
    {
        await using var work = await UnitOfWork.BeginAsync(database, ct);
        await using var batch = work.Batch();
        var move = ProjectionStatements.Add(batch, generation, shard, to, events);

        // Rows and progress are lost together in a crash of the database, and then written again. The take-over waits for the disk.
        batch.Add("select set_config('synchronous_commit', 'off', true)");
        await ExecuteAsync(batch, [move], ct);
        await work.CommitAsync(CancellationToken.None);
        generation.Positions[shard] = to;
    }

    private async Task ExecuteAsync(NpgsqlBatch batch, IReadOnlyList<NpgsqlBatchCommand> moves, CancellationToken ct)
    {
        batch.Timeout = PageSecondsMax;
        try
        {
            await batch.ExecuteNonQueryAsync(ct);
        }
        catch (PostgresException broken) when (ProjectionStatements.IsAboutTheStatements(broken))
        {
            throw new NotRebuildableException($"its statements do not work in another schema: {broken.MessageText}.");
        }

        if (moves.Any(m => m.RecordsAffected != 1))
        {
            throw new GenerationMovedException(generation.Projection, generation.Number);
        }
    }

    private IReadOnlyList<RecordedEvent> PartOf(IReadOnlyList<RecordedEvent> events, int shard) =>
        After(generation.Shards == 1 ? events : [.. events.Where(e => new StreamShard(shard, generation.Shards).Has(e.Stream))],
            generation.Positions[shard]);

    private static IReadOnlyList<RecordedEvent> After(IReadOnlyList<RecordedEvent> events, long position) =>
        events.Count == 0 || events[0].Position > position ? events : [.. events.SkipWhile(e => e.Position <= position)];

    private static IReadOnlyList<RecordedEvent>[] Split(IReadOnlyList<RecordedEvent> events, int shards)
    {
        if (shards == 1)
        {
            return [events];
        }

        var parts = Enumerable.Range(0, shards).Select(_ => new List<RecordedEvent>(events.Count / shards)).ToArray();
        foreach (var @event in events)
        {
            parts[StreamShard.Of(@event.Stream, shards).Number].Add(@event);
        }

        return parts;
    }

    /// <param name="To">It reaches up to here, whether or not the last event is in this part.</param>
    /// <param name="Events">The part's events.</param>
    /// <param name="IsBeside">Others were appending when it was read.</param>
    private sealed record Page(long To, IReadOnlyList<RecordedEvent> Events, bool IsBeside);
}
