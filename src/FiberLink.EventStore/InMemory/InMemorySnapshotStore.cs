using System.Text;
using FiberLink.EventStore.Snapshots;

namespace FiberLink.EventStore.InMemory;

/// <summary>Snapshots in memory, beside a log of any kind.</summary>
public sealed class InMemorySnapshotStore : ISnapshotStore
{
    private readonly IEventStore _log;
    private readonly Dictionary<(StreamId Stream, string State), StoredSnapshot> _kept;

    /// <param name="log">The log.</param>
    public InMemorySnapshotStore(IEventStore log)
        : this(log, [])
    {
    }

    private InMemorySnapshotStore(IEventStore log, Dictionary<(StreamId Stream, string State), StoredSnapshot> kept)
    {
        _log = log;
        _kept = kept;
    }

    /// <summary>The same snapshots as another program sees them: after a restart, or with another version's catalogue.</summary>
    public InMemorySnapshotStore Beside(IEventStore log) => new(log, _kept);

    public async Task<SnapshotAndTail> ReadAsync(StreamId stream, string state, string shape, CancellationToken ct)
    {
        // Only one whose last event is in the log counts.
        if (Kept(stream, state) is { } kept && kept.Shape == shape && await PositionAsync(stream, kept.Version, ct) == kept.Position)
        {
            return new(kept, (await _log.ReadStreamAsync(stream, new() { From = kept.Version + 1 }, ct)).Events);
        }

        return new(null, (await ReadWholeAsync(stream, ct)).Events);
    }

    public Task<EventStream> ReadWholeAsync(StreamId stream, CancellationToken ct) => _log.ReadStreamAsync(stream, ct);

    public Task WriteAsync(StreamId stream, StoredSnapshot snapshot, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var stored = Encoding.UTF8.GetBytes(JsonbForm.Of(Encoding.UTF8.GetString(snapshot.Data.Span)));
        lock (_kept)
        {
            var name = (stream, snapshot.State);
            if (!_kept.TryGetValue(name, out var kept) || kept.Shape != snapshot.Shape || kept.Version <= snapshot.Version)
            {
                _kept[name] = snapshot with { Data = stored };
            }
        }

        return Task.CompletedTask;
    }

    public Task<int> DropAsync(string? state, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        lock (_kept)
        {
            var dropped = _kept.Keys.Where(k => state is null || k.State == state).ToArray();
            return Task.FromResult(dropped.Count(_kept.Remove));
        }
    }

    private async Task<long?> PositionAsync(StreamId stream, long version, CancellationToken ct)
    {
        try
        {
            return (await _log.ReadStreamAsync(stream, new() { From = version, AtMost = 1 }, ct)).Events.SingleOrDefault()?.Position;
        }
        catch (UnreadableEventException unread)
        {
            // It is there, and need not be read.
            return unread.Position;
        }
    }

    private StoredSnapshot? Kept(StreamId stream, string state)
    {
        lock (_kept)
        {
            return _kept.GetValueOrDefault((stream, state));
        }
    }
}
