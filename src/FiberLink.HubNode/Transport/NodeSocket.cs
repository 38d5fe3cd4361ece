using System.Net.WebSockets;

namespace FiberLink.HubNode.Transport;

/// <summary>
/// A WebSocket to the node that speaks whole text messages of a bounded length. It pings, because the node doesn't; a peer that does not
/// answer makes <see cref="ReceiveAsync"/> end. One reader and one writer at a time.
/// </summary>
internal sealed class NodeSocket : IDisposable
{
    private const int FirstBufferBytes = 4096;

    private readonly ClientWebSocket _socket;
    private readonly int _messageBytesMax;
    private byte[] _buffer = new byte[FirstBufferBytes];

    private NodeSocket(HubNodeOptions options, string? token, int messageBytesMax)
    {
        _socket = new ClientWebSocket();
        _messageBytesMax = messageBytesMax;
        _socket.Options.KeepAliveInterval = options.PingInterval;
        _socket.Options.KeepAliveTimeout = options.PingInterval;
        _socket.Options.CollectHttpResponseDetails = true;
        if (token is not null)
        {
            _socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        }
    }

    /// <summary>Connects; whoever gets a socket disposes it.</summary>
    /// <param name="http">Makes the connection, so that its proxy and certificates hold here too.</param>
    /// <param name="options">Where to, and how often to ping.</param>
    /// <param name="token">Sent with the upgrade; it holds for every message of the connection.</param>
    /// <param name="messageBytesMax">Longer messages are not taken in.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<Dialled> DialAsync(
        HttpMessageInvoker http, HubNodeOptions options, string? token, int messageBytesMax, CancellationToken ct)
    {
        var node = new NodeSocket(options, token, messageBytesMax);
        try
        {
            await node._socket.ConnectAsync(NodeTransports.WebSocketAddress(options.Endpoint), http, ct);
            var connected = node;
            node = null;
            return new Dialled.Connected(connected);
        }
        catch (Exception e) when (e is WebSocketException or HttpRequestException or IOException)
        {
            var status = (int)node!._socket.HttpStatusCode;
            return new Dialled.Failed(status == 0 ? null : status, e.InnerException?.Message ?? e.Message);
        }
        finally
        {
            node?.Dispose();
        }
    }

    /// <exception cref="WebSocketException">The connection has ended; part of it may have been sent.</exception>
    public ValueTask SendAsync(ReadOnlyMemory<byte> text, CancellationToken ct) =>
        _socket.SendAsync(text, WebSocketMessageType.Text, endOfMessage: true, ct);

    /// <summary>The next whole message.</summary>
    /// <exception cref="WebSocketException">The connection has ended without a farewell, or pings are not answered.</exception>
    public async Task<SocketMessage> ReceiveAsync(CancellationToken ct)
    {
        var length = 0;
        var isTooLong = false;
        while (true)
        {
            if (length == _buffer.Length)
            {
                if (length >= _messageBytesMax)
                {
                    (isTooLong, length) = (true, 0);
                }
                else
                {
                    Array.Resize(ref _buffer, Math.Min(_messageBytesMax, 2 * _buffer.Length));
                }
            }

            var part = await _socket.ReceiveAsync(_buffer.AsMemory(length), ct);
            length += part.Count;
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return new(SocketMessageKind.Close, default);
            }

            if (part.EndOfMessage)
            {
                return isTooLong ? new(SocketMessageKind.TooLong, default)
                    : part.MessageType == WebSocketMessageType.Text ? new(SocketMessageKind.Text, _buffer.AsMemory(0, length))
                    : new(SocketMessageKind.Binary, default);
            }
        }
    }

    /// <summary>Cuts the connection: whoever waits for it stops waiting.</summary>
    public void Abort() => _socket.Abort();

    public void Dispose()
    {
        _socket.Abort();
        _socket.Dispose();
    }
}

internal enum SocketMessageKind
{
    Text = 1,

    /// <summary>None of ours.</summary>
    Binary = 2,

    /// <summary>Read to its end and thrown away.</summary>
    TooLong = 3,

    /// <summary>The other side says farewell.</summary>
    Close = 4,
}

/// <param name="Kind">What came.</param>
/// <param name="Text">UTF-8, until the next message is received; empty for all but text.</param>
internal readonly record struct SocketMessage(SocketMessageKind Kind, Memory<byte> Text);

/// <summary>What came of connecting.</summary>
internal abstract record Dialled
{
    private Dialled()
    {
    }

    public sealed record Connected(NodeSocket Socket) : Dialled;

    /// <param name="HttpStatus">What the other side answered instead; null when it didn't get that far.</param>
    /// <param name="Message">For people and logs.</param>
    public sealed record Failed(int? HttpStatus, string Message) : Dialled;
}
