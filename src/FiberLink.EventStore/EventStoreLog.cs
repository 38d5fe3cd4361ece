using Microsoft.Extensions.Logging;

namespace FiberLink.EventStore;

/// <summary>Every line this library logs. Ids 1000 to 1099.</summary>
internal static partial class EventStoreLog
{
    [LoggerMessage(1000, LogLevel.Error, "Projection {Projection} failed for the {Failures}. time in a row; it will be tried again")]
    public static partial void ProjectionFailed(ILogger logger, Exception cause, string projection, int failures);

    [LoggerMessage(1001, LogLevel.Warning, "The state of projection {Projection} could not be written")]
    public static partial void ProjectionStateUnsaid(ILogger logger, Exception cause, string projection);

    [LoggerMessage(
        1020, LogLevel.Warning, "The snapshot of {State} of {Stream} at version {Version} cannot be read; the log was read instead")]
    public static partial void SnapshotUnreadable(ILogger logger, Exception cause, string state, string stream, long version);

    [LoggerMessage(1021, LogLevel.Warning, "A snapshot of {State} of {Stream} at version {Version} could not be written")]
    public static partial void SnapshotUnwritten(ILogger logger, Exception cause, string state, string stream, long version);
}
