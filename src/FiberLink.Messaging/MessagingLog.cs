using Microsoft.Extensions.Logging;

namespace FiberLink.Messaging;

/// <summary>Every line this library logs. Ids 1100 to 1199.</summary>
internal static partial class MessagingLog
{
    [LoggerMessage(1100, LogLevel.Error, "Messages could not be taken for the {Failures}. time in a row; it will be tried again")]
    public static partial void DispatchFailed(ILogger logger, Exception cause, int failures);

    [LoggerMessage(1101, LogLevel.Warning, "Message {Name} {MessageId} failed in attempt {Attempt}; it will be tried again")]
    public static partial void HandlingFailed(ILogger logger, Exception cause, string name, Guid messageId, int attempt);

    [LoggerMessage(1102, LogLevel.Critical, "Message {Name} {MessageId} was given up after attempt {Attempt}; it is a dead letter now")]
    public static partial void GivenUp(ILogger logger, Exception cause, string name, Guid messageId, int attempt);

    [LoggerMessage(1103, LogLevel.Warning,
        "Message {Name} {MessageId} was lost in attempt {Attempt}: another node has it; nothing was written here")]
    public static partial void Lost(ILogger logger, string name, Guid messageId, int attempt);

    [LoggerMessage(1105, LogLevel.Information,
        "Message {Name} {MessageId} was worth handling until {ExpiresAt}; it is finished as expired")]
    public static partial void Expired(ILogger logger, string name, Guid messageId, DateTimeOffset expiresAt);

    [LoggerMessage(1104, LogLevel.Warning, "Schedule {Name} was due {Skipped} times more, and sent nothing for them, as its policy says")]
    public static partial void Skipped(ILogger logger, string name, long skipped);
}
