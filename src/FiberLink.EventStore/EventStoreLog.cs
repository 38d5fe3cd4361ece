using Microsoft.Extensions.Logging;

namespace FiberLink.EventStore;

/// <summary>Every line this library logs. Ids 1000 to 1099.</summary>
internal static partial class EventStoreLog
{
    [LoggerMessage(1000, LogLevel.Error, "Projection {Projection} failed for the {Failures}. time in a row; it will be tried again")]
    public static partial void ProjectionFailed(ILogger logger, Exception cause, string projection, int failures);

    [LoggerMessage(1001, LogLevel.Warning, "The state of projection {Projection} could not be written")]
    public static partial void ProjectionStateUnsaid(ILogger logger, Exception cause, string projection);

    [LoggerMessage(1002, LogLevel.Warning, "Shard {Shard} lost its session; whichever node is free takes it over")]
    public static partial void ShardLost(ILogger logger, Exception cause, string shard);

    [LoggerMessage(1003, LogLevel.Warning, "Shard {Shard} stands by: {Reason}")]
    public static partial void ShardStandsBy(ILogger logger, string shard, string reason);

    [LoggerMessage(1004, LogLevel.Warning, "The shards could not be spread over the nodes; it will be tried again")]
    public static partial void SpreadFailed(ILogger logger, Exception cause);

    [LoggerMessage(1005, LogLevel.Warning, "Other processes could not be told of a commit; they will look by themselves")]
    public static partial void NoticeUnsent(ILogger logger, Exception cause);

    [LoggerMessage(
        1020, LogLevel.Warning, "The snapshot of {State} of {Stream} at version {Version} cannot be read; the log was read instead")]
    public static partial void SnapshotUnreadable(ILogger logger, Exception cause, string state, string stream, long version);

    [LoggerMessage(1021, LogLevel.Warning, "A snapshot of {State} of {Stream} at version {Version} could not be written")]
    public static partial void SnapshotUnwritten(ILogger logger, Exception cause, string state, string stream, long version);
}
