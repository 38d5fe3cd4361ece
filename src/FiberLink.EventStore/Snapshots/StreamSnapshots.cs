using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace FiberLink.EventStore.Snapshots;

/// <summary>Loads what long streams have come to without reading them from their beginning.</summary>
/// <remarks>
/// A snapshot saves work and decides nothing: the version comes from the log, and one that is missing, unreadable, of another shape or
/// of another log makes the load slower, not different. States of two versions of the program that run at once replace each
/// other's snapshots.
/// </remarks>
/// <param name="store">Where snapshots are kept.</param>
/// <param name="time">Tells when one is taken.</param>
/// <param name="logger">Told of those that cannot be read or written.</param>
public sealed class StreamSnapshots(ISnapshotStore store, TimeProvider time, ILogger<StreamSnapshots> logger)
{
    /// <summary>All events of the stream, folded; and a snapshot of that, when many of them had to be read for it.</summary>
    /// <exception cref="UnreadableEventException">An event that was read for it cannot be.</exception>
    /// <exception cref="InvalidOperationException">There are more such events than are read at once.</exception>
    public async Task<StreamState<TState>> LoadAsync<TState>(StreamId stream, SnapshotOf<TState> of, CancellationToken ct)
        where TState : notnull
    {
        var (snapshot, tail) = await store.ReadAsync(stream, of.Name, of.Shape, ct);
        var (state, version) = (of.Start, 0L);
        if (snapshot is not null)
        {
            if (TryRead(stream, snapshot, of, out var kept))
            {
                (state, version) = (kept, snapshot.Version);
            }
            else
            {
                tail = (await store.ReadWholeAsync(stream, ct)).Events;
            }
        }

        state = tail.Aggregate(state, of.Fold);
        if (tail.Count >= of.TailEventsMin)
        {
            await TryWriteAsync(stream, of, state, tail[^1], ct);
        }

        return new(state, tail.Count > 0 ? tail[^1].Version : version);
    }

    private bool TryRead<TState>(
        StreamId stream, StoredSnapshot snapshot, SnapshotOf<TState> of, [NotNullWhen(true)] out TState? state)
        where TState : notnull
    {
        try
        {
            state = JsonSerializer.Deserialize(snapshot.Data.Span, of.Json) ?? throw new JsonException("The state is null.");
            return true;
        }
        catch (Exception broken) when (broken is not OutOfMemoryException)
        {
            // Whatever a constructor says about it: it is not what it should be, and the log has it all.
            EventStoreLog.SnapshotUnreadable(logger, broken, of.Name, stream.ToString(), snapshot.Version);
            state = default;
            return false;
        }
    }

    private async Task TryWriteAsync<TState>(
        StreamId stream, SnapshotOf<TState> of, TState state, RecordedEvent last, CancellationToken ct)
        where TState : notnull
    {
        try
        {
            var data = JsonSerializer.SerializeToUtf8Bytes(state, of.Json);
            await store.WriteAsync(stream, new(of.Name, of.Shape, last.Version, last.Position, data, time.GetUtcNow()), ct);
        }
        catch (Exception broken) when (broken is not OutOfMemoryException && !ct.IsCancellationRequested)
        {
            EventStoreLog.SnapshotUnwritten(logger, broken, of.Name, stream.ToString(), last.Version);
        }
    }
}
