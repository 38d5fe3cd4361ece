namespace FiberLink.EventStore.Projections;

/// <summary>One event cannot be shown. It is never skipped silently: the projection stands before it.</summary>
public sealed class ProjectionFailedException(string projection, long position, Exception cause)
    : Exception($"{projection} cannot show the event at position {position}: {cause.Message}", cause)
{
    /// <summary>The event it stands before.</summary>
    public long Position => position;
}

/// <summary>Somebody else has moved the projection meanwhile; what was about to be written would have been shown twice.</summary>
public sealed class ProjectionMovedException(string projection, long from)
    : Exception($"Somebody else moved {projection} from position {from}.");

/// <summary>The projection's progress is kept for other shards than this node is configured for, and they cannot be replaced now.</summary>
public sealed class ProjectionLayoutException(string projection, string configured, string kept, string obstacle)
    : Exception($"{projection} is to run as {configured}, but its progress is kept as {kept}: {obstacle}");

/// <summary>Somebody has paused the projection: nothing of it is written until it is resumed.</summary>
public sealed class ProjectionPausedException(string projection) : Exception($"{projection} is paused.");
