using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FiberLink.HubNode.Tests;

/// <summary>
/// Takes one HTTP request for each connection and writes back whatever bytes the test made for its body: also what no server would.
/// </summary>
internal sealed class RawNode : IAsyncDisposable
{
    private const int BodyBytesMax = 1 << 20;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<string, byte[]?> _answer;
    private readonly Task _serving;
    private readonly List<string> _requests = [];

    /// <param name="answer">From the request's body to the whole response; null never answers.</param>
    public RawNode(Func<string, byte[]?> answer)
    {
        _answer = answer;
        _listener.Start();
        _serving = ServeAsync();
    }

    public Uri Endpoint => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    /// <summary>Head and body of each request so far.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    public static byte[] Response(string body, string status = "200 OK")
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var head = $"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {bytes.Length}\r\nConnection: close\r\n\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. bytes];
    }

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
                connections.Add(AnswerAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var (head, body) = await ReadAsync(stream);
                lock (_requests)
                {
                    _requests.Add(head + body);
                }

                if (_answer(body) is { } answer)
                {
                    await stream.WriteAsync(answer, _stop.Token);
                }
                else
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, _stop.Token);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // The test is over, or the client has heard enough.
            }
        }
    }

    private async Task<(string Head, string Body)> ReadAsync(NetworkStream stream)
    {
        var bytes = new byte[BodyBytesMax];
        var length = 0;
        while (true)
        {
            var read = await stream.ReadAsync(bytes.AsMemory(length), _stop.Token);
            length += read;
            var text = Encoding.UTF8.GetString(bytes, 0, length);
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (read == 0)
            {
                throw new IOException("The client left.");
            }

            if (end >= 0 && text.Length - end - 4 >= ContentLength(text[..end]))
            {
                return (text[..(end + 4)], text[(end + 4)..]);
            }
        }
    }

    private static int ContentLength(string head) => int.Parse(
        head.Split("\r\n").Single(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))["Content-Length:".Length..],
        System.Globalization.CultureInfo.InvariantCulture);
}
