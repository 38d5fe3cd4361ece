namespace FiberLink.HubNode.Transport;

/// <summary>Carries the bytes of one call to the node and those of its answer back.</summary>
internal interface INodeTransport : IAsyncDisposable
{
    /// <summary>
    /// The answer's bytes, or why there are none: <see cref="NodeFailure.Unreachable"/> only where it is certain that the node has seen
    /// nothing of the call, <see cref="NodeFailure.NoAnswer"/> wherever it may have.
    /// </summary>
    /// <param name="id">The call's id; no other call has it.</param>
    /// <param name="call">The whole call as JSON text.</param>
    /// <param name="ct">Gives up waiting.</param>
    /// <exception cref="OperationCanceledException">Waiting was given up when the node may have seen the call.</exception>
    Task<NodeAnswer<ReadOnlyMemory<byte>>> SendAsync(long id, ReadOnlyMemory<byte> call, CancellationToken ct);
}

/// <summary>What both transports hold to.</summary>
internal static class NodeTransports
{
    /// <summary>The longest answer that is taken in. The node's own limit is ten times as much; none of our calls comes near it.</summary>
    public const int AnswerBytesMax = 1 << 20;

    /// <summary>HTTP or WebSocket, as the endpoint's scheme says. The node serves both on one port.</summary>
    public static INodeTransport For(HttpClient http, HubNodeOptions options, BearerToken token, TimeProvider time) =>
        IsWebSocket(options.Endpoint)
            ? new WebSocketTransport(http, options, token, time)
            : new HttpTransport(http, options.Endpoint, token);

    public static bool IsWebSocket(Uri endpoint) => endpoint.Scheme is "ws" or "wss";

    /// <summary>The same node's address for WebSocket.</summary>
    public static Uri WebSocketAddress(Uri endpoint) =>
        IsWebSocket(endpoint)
            ? endpoint
            : new UriBuilder(endpoint) { Scheme = endpoint.Scheme == "https" ? "wss" : "ws" }.Uri;

    public static NodeAnswer<ReadOnlyMemory<byte>>.Failed Failed(NodeFailure failure, string detail) =>
        new(failure, JsonRpc.NodeText.Shorten(detail));
}
