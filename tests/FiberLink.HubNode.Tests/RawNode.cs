using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FiberLink.HubNode.Tests;

/// <summary>
/// Takes HTTP requests and writes back whatever bytes the test made for their bodies: also what no server would. A connection takes
/// another request only after an answer that does not close it.
/// </summary>
internal sealed class RawNode : IAsyncDisposable
{
    private const int BodyBytesMax = 1 << 20;
    private const string LastLine = "Connection: close";

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

    public static byte[] Response(string body, string status = "200 OK", bool isLast = true)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var head = $"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {bytes.Length}\r\n"
            + (isLast ? $"{LastLine}\r\n\r\n" : "\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. bytes];
    }

    /// <summary>The part of a request behind its head.</summary>
    public static string Body(string request) => request[(request.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];

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
                connections.Add(AnswerAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
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
                var keepsOn = true;
                while (keepsOn)
                {
                    var (head, body) = await ReadAsync(stream, _stop.Token);
                    lock (_requests)
                    {
                        _requests.Add(head + body);
                    }

                    if (_answer(body) is not { } answer)
                    {
                        await Task.Delay(Timeout.InfiniteTimeSpan, _stop.Token);
                        return;
                    }

                    await stream.WriteAsync(answer, _stop.Token);
                    keepsOn = answer.Length > 0 && !Encoding.ASCII.GetString(answer).Contains(LastLine, StringComparison.Ordinal);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // The test is over, or the client has heard enough.
            }
        }
    }

    /// <summary>One whole request.</summary>
    public static async Task<(string Head, string Body)> ReadAsync(NetworkStream stream, CancellationToken ct)
    {
        var bytes = new byte[BodyBytesMax];
        var length = 0;
        while (true)
        {
            var read = await stream.ReadAsync(bytes.AsMemory(length), ct);
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
