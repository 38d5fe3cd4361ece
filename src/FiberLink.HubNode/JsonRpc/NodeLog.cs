using Microsoft.Extensions.Logging;

namespace FiberLink.HubNode.JsonRpc;

/// <summary>All that is logged about the node. What a call came to is the caller's to log.</summary>
internal static partial class NodeLog
{
    [LoggerMessage(2400, LogLevel.Warning, "The node has not answered several calls in a row; calls fail at once, next probe in {Pause}")]
    public static partial void CircuitOpened(ILogger log, TimeSpan pause);

    [LoggerMessage(2401, LogLevel.Information, "The node answers again")]
    public static partial void CircuitClosed(ILogger log);

    [LoggerMessage(2402, LogLevel.Critical, "The node's public key is {Pubkey}, expected is {Expected}: no call is sent to it")]
    public static partial void WrongNode(ILogger log, string pubkey, string expected);

    [LoggerMessage(2403, LogLevel.Warning, "The node is of version {Version}, which was never tried; it is spoken to as one of 0.8")]
    public static partial void UnknownVersion(ILogger log, string version);

    [LoggerMessage(2404, LogLevel.Warning, "The node offers no changes to watch ({Reason}); asked again in {Pause}")]
    public static partial void ChangesNotOffered(ILogger log, string reason, TimeSpan pause);

    [LoggerMessage(2405, LogLevel.Warning, "The watch of the node's changes ended: {Reason}; it is made anew in {Pause}")]
    public static partial void WatchEnded(ILogger log, string reason, TimeSpan pause);
}
