namespace FiberLink.EventStore;

/// <summary>An event as the log has it.</summary>
/// <param name="Position">Its place in the log: 1, 2, 3… in commit order and without gaps.</param>
/// <param name="Stream">Its stream.</param>
/// <param name="Version">Its place in the stream, from 1.</param>
/// <param name="Id">Its own id.</param>
/// <param name="Name">The stored name of its type.</param>
/// <param name="Body">The event.</param>
/// <param name="At">The time the command was given.</param>
/// <param name="Metadata">Who and what stands behind it.</param>
public sealed record RecordedEvent(
    long Position, StreamId Stream, long Version, Guid Id, string Name, object Body, DateTimeOffset At, EventMetadata Metadata);

/// <summary>A stream as it was read.</summary>
/// <param name="Id">Which.</param>
/// <param name="Version">
/// The number of events in it, as of the point that was asked for and however few of them were; 0 means that it does not exist.
/// </param>
/// <param name="Events">In order, or in the opposite order when that was asked for.</param>
public sealed record EventStream(StreamId Id, long Version, IReadOnlyList<RecordedEvent> Events);
