using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using FiberLink.Chain.Node;

namespace FiberLink.Chain.Tests.Node;

/// <summary>The other side of the wire: takes calls, and writes back whatever bytes the test made, or none.</summary>
internal sealed class RawCkbNode : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<JsonObject, byte[]?> _answer;
    private readonly List<JsonObject> _calls = [];
    private readonly Task _serving;

    /// <param name="answer">From a call to the whole response; null never answers, nothing cuts the connection.</param>
    public RawCkbNode(Func<JsonObject, byte[]?> answer)
    {
        _answer = answer;
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>Answers every call with this result, or with this error.</summary>
    public RawCkbNode(string member, string value)
        : this(call => Answer(call, member, value))
    {
    }

    public Uri Endpoint => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    public IReadOnlyList<JsonObject> Calls
    {
        get
        {
            lock (_calls)
            {
                return [.. _calls];
            }
        }
    }

    public static byte[] Answer(JsonObject call, string member, string value) =>
        Response($$"""{"jsonrpc":"2.0","id":{{call["id"]}},"{{member}}":{{value}}}""");

    public static byte[] Response(string body, string status = "200 OK")
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var head = $"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {bytes.Length}\r\nConnection: close\r\n\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. bytes];
    }

    /// <summary>A client of this node.</summary>
    public JsonRpcCkbNode Client(HttpClient http, TimeProvider? time = null) =>
        new(http, new() { Endpoint = Endpoint }, time ?? TimeProvider.System);

    /// <summary>From here on nobody can connect.</summary>
    public void StopListening() => _listener.Stop();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
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
                var call = JsonNode.Parse(await ReadBodyAsync(stream))!.AsObject();
                lock (_calls)
                {
                    _calls.Add(call);
                }

                if (_answer(call) is not { } answer)
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, _stop.Token);
                    return;
                }

                await stream.WriteAsync(answer, _stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // The test is over, or the client has heard enough.
            }
        }
    }

    private async Task<string> ReadBodyAsync(NetworkStream stream)
    {
        var bytes = new byte[1 << 20];
        for (var length = 0; ;)
        {
            var read = await stream.ReadAsync(bytes.AsMemory(length), _stop.Token);
            length += read;
            var text = Encoding.UTF8.GetString(bytes, 0, length);
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0 && length - end - 4 >= ContentLength(text[..end]))
            {
                return text[(end + 4)..];
            }

            if (read == 0)
            {
                throw new IOException("The client left.");
            }
        }
    }

    private static int ContentLength(string head)
    {
        const string Name = "Content-Length:";
        var line = head.Split("\r\n").Single(l => l.StartsWith(Name, StringComparison.OrdinalIgnoreCase));
        return int.Parse(line.AsSpan(Name.Length), provider: CultureInfo.InvariantCulture);
    }
}
