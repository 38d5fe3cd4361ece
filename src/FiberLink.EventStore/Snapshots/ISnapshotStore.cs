namespace FiberLink.EventStore.Snapshots;

/// <summary>Where snapshots are kept, beside the log. All that it holds can be made again from the log.</summary>
public interface ISnapshotStore
{
    /// <summary>The last snapshot of this shape that the log confirms, and the events after it; else all events. One round trip.</summary>
    /// <param name="stream">Whose.</param>
    /// <param name="state">What the state is called.</param>
    /// <param name="shape">Of which shape; one of another is as none.</param>
    /// <param name="ct">Stops the read.</param>
    /// <exception cref="UnreadableEventException">An event that was read for it cannot be.</exception>
    /// <exception cref="InvalidOperationException">There are more such events than are read at once.</exception>
    Task<SnapshotAndTail> ReadAsync(StreamId stream, string state, string shape, CancellationToken ct);

    /// <summary>All events, without a snapshot.</summary>
    Task<EventStream> ReadWholeAsync(StreamId stream, CancellationToken ct);

    /// <summary>Keeps the snapshot, unless there is one of the same shape and a later version. A crash may lose it.</summary>
    Task WriteAsync(StreamId stream, StoredSnapshot snapshot, CancellationToken ct);

    /// <summary>Throws away all snapshots of a state, or all there are.</summary>
    /// <param name="state">What the state is called; null for every state.</param>
    /// <param name="ct">Stops it; what was thrown away by then may be all or nothing.</param>
    /// <returns>How many there were.</returns>
    Task<int> DropAsync(string? state, CancellationToken ct);
}

/// <summary>A state as it is kept.</summary>
/// <param name="State">What the state is called.</param>
/// <param name="Shape">The hash of its shape.</param>
/// <param name="Version">The stream's version when it was taken, at least 1.</param>
/// <param name="Position">The position of the event with that version.</param>
/// <param name="Data">The state in JSON, as UTF-8.</param>
/// <param name="TakenAt">When it was taken.</param>
public sealed record StoredSnapshot(
    string State, string Shape, long Version, long Position, ReadOnlyMemory<byte> Data, DateTimeOffset TakenAt);

/// <param name="Snapshot">Null when there is none to be used.</param>
/// <param name="Tail">The events after it, or all.</param>
public sealed record SnapshotAndTail(StoredSnapshot? Snapshot, IReadOnlyList<RecordedEvent> Tail);
