using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace FiberLink.HubNode.Tests;

/// <summary>Upgrades each connection to a WebSocket and hands it to the test, which does with it what no server would.</summary>
internal sealed class RawWebSocketNode : IAsyncDisposable
{
    private const string HandshakeKey = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<RawConnection, Task> _serve;
    private readonly Func<int, string?> _refusal;
    private readonly Task _serving;
    private readonly List<string> _upgrades = [];

    /// <param name="serve">What to do with a connection; it is closed afterwards.</param>
    /// <param name="refusal">The HTTP status instead of upgrading the nth connection (from 0); an empty one never answers.</param>
    public RawWebSocketNode(Func<RawConnection, Task> serve, Func<int, string?>? refusal = null)
    {
        (_serve, _refusal) = (serve, refusal ?? (_ => null));
        _listener.Server.ReceiveBufferSize = 4096;
        _listener.Start();
        _serving = AcceptAsync();
    }

    public Uri Endpoint => new($"ws://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    /// <summary>The heads of the requests for an upgrade so far.</summary>
    public IReadOnlyList<string> Upgrades
    {
        get
        {
            lock (_upgrades)
            {
                return [.. _upgrades];
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var head = await ReadHeadAsync(stream);
                int index;
                lock (_upgrades)
                {
                    index = _upgrades.Count;
                    _upgrades.Add(head);
                }

                if (_refusal(index) is { } status)
                {
                    await RefuseAsync(stream, status);
                    return;
                }

                await stream.WriteAsync(Encoding.ASCII.GetBytes(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + $"Sec-WebSocket-Accept: {Accept(head)}\r\n\r\n"));
                using var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true });
                await _serve(new RawConnection(socket, client, index, _stop.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or WebSocketException or ObjectDisposedException)
            {
                // The test is over, or the client has heard enough.
            }
        }
    }

    private async Task RefuseAsync(NetworkStream stream, string status)
    {
        if (status.Length == 0)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _stop.Token);
        }

        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), _stop.Token);
    }

    private async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, _stop.Token);
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    private static string Accept(string head)
    {
        const string Name = "Sec-WebSocket-Key:";
        var key = head.Split("\r\n").Single(l => l.StartsWith(Name, StringComparison.OrdinalIgnoreCase))[Name.Length..].Trim();
#pragma warning disable CA5350 // The protocol asks for this one; nothing depends on its strength.
        return Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + HandshakeKey)));
#pragma warning restore CA5350
    }
}

/// <summary>One upgraded connection, from the node's side.</summary>
internal sealed class RawConnection(WebSocket socket, TcpClient client, int index, CancellationToken stop)
{
    private const int MessageBytesMax = 1 << 16;

    /// <summary>Which connection of the node's this is, from 0.</summary>
    public int Index => index;

    /// <summary>Bytes have arrived that nobody has read.</summary>
    public bool HasUnread => client.Available > 0;

    /// <summary>The next call; the client's farewell ends the test's handling.</summary>
    public async Task<JsonElement> ReceiveAsync()
    {
        var buffer = new byte[MessageBytesMax];
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(length), stop);
            length += part.Count;
            if (part.MessageType == WebSocketMessageType.Close)
            {
                throw new IOException("The client left.");
            }

            if (part.EndOfMessage)
            {
                return JsonSerializer.Deserialize<JsonElement>(buffer.AsSpan(0, length));
            }
        }
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);

    public async Task SendAsync(byte[] bytes, WebSocketMessageType type) =>
        await socket.SendAsync(bytes.AsMemory(), type, endOfMessage: true, stop);

    public async Task CloseAsync() => await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "enough", stop);

    /// <summary>Ends the connection without a word.</summary>
    public void Cut() => client.Client.Close(0);

    /// <summary>Neither reads nor writes any more, and so answers no ping.</summary>
    public Task FreezeAsync() => Task.Delay(Timeout.InfiniteTimeSpan, stop);

    /// <summary>Reads, and so answers pings, but says nothing.</summary>
    public async Task ListenAsync()
    {
        while (true)
        {
            await ReceiveAsync();
        }
    }
}
