using Microsoft.Extensions.Logging;

namespace FiberLink.EventStore;

/// <summary>Every line this library logs. Ids 1000 to 1099.</summary>
internal static partial class EventStoreLog
{
    [LoggerMessage(1000, LogLevel.Error, "Projection {Projection} failed for the {Failures}. time in a row; it will be tried again")]
    public static partial void ProjectionFailed(ILogger logger, Exception cause, string projection, int failures);

    [LoggerMessage(1001, LogLevel.Warning, "The state of projection {Projection} could not be written")]
    public static partial void ProjectionStateUnsaid(ILogger logger, Exception cause, string projection);

    [LoggerMessage(1002, LogLevel.Warning, "Other processes could not be told of a commit; they will look by themselves")]
    public static partial void NoticeUnsent(ILogger logger, Exception cause);
}
