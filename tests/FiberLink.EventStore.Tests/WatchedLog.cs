using System.Collections.Concurrent;

namespace FiberLink.EventStore.Tests;

/// <summary>The log, with a record of what was asked of it, and a place to stop whoever reads.</summary>
internal sealed class WatchedLog(IEventStore log) : IEventStore
{
    private readonly ConcurrentQueue<(long After, int Limit)> _reads = new();

    /// <summary>Every read of the log, in the order in which they were begun.</summary>
    public IReadOnlyList<(long After, int Limit)> Reads => [.. _reads];

    /// <summary>Runs before the log is looked at.</summary>
    public Func<Task>? BeforeRead { get; set; }

    /// <summary>Runs between the look at the log and the answer.</summary>
    public Func<Task>? AfterRead { get; set; }

    public Task<EventStream> ReadStreamAsync(StreamId stream, CancellationToken ct) => log.ReadStreamAsync(stream, ct);

    public Task<EventStream> ReadStreamAsync(StreamId stream, StreamRange range, CancellationToken ct) =>
        log.ReadStreamAsync(stream, range, ct);

    public Task<LogPage> ReadLogAsync(LogQuery query, int limit, CancellationToken ct) => log.ReadLogAsync(query, limit, ct);

    public Task<ChangeFate> SettleAsync(Guid changeId, CancellationToken ct) => log.SettleAsync(changeId, ct);

    public Task<bool> SetArchivedAsync(StreamId stream, bool isArchived, CancellationToken ct) =>
        log.SetArchivedAsync(stream, isArchived, ct);

    public Task<AppendResult> AppendAsync(Change change, CancellationToken ct) => log.AppendAsync(change, ct);

    public Task<long> ReadHeadAsync(CancellationToken ct) => log.ReadHeadAsync(ct);

    public async Task<IReadOnlyList<RecordedEvent>> ReadLogAsync(long after, int limit, CancellationToken ct)
    {
        _reads.Enqueue((after, limit));
        await (BeforeRead?.Invoke().WaitAsync(ct) ?? Task.CompletedTask);
        var events = await log.ReadLogAsync(after, limit, ct);
        await (AfterRead?.Invoke().WaitAsync(ct) ?? Task.CompletedTask);
        return events;
    }
}
