using System.Net.Sockets;
using System.Text;

namespace FiberLink.Service.Tests.Scene;

/// <summary>Bytes on a connection, for what no HTTP client sends.</summary>
internal static class RawHttp
{
    /// <summary>Sends the bytes and reads until the service closes the connection.</summary>
    /// <param name="service">Whose address.</param>
    /// <param name="bytes">Should ask for the connection to be closed.</param>
    /// <param name="isCutShort">True to say that no more will come, although more was promised.</param>
    /// <param name="ct">Stops the wait.</param>
    /// <returns>Everything that was answered; empty when nothing was.</returns>
    public static async Task<string> SendAsync(Uri service, byte[] bytes, bool isCutShort, CancellationToken ct)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(service.Host, service.Port, ct);
        var stream = client.GetStream();
        var answer = new MemoryStream();
        try
        {
            await stream.WriteAsync(bytes, ct);
            if (isCutShort)
            {
                client.Client.Shutdown(SocketShutdown.Send);
            }

            await stream.CopyToAsync(answer, ct);
        }
        catch (IOException)
        {
            // The service has heard enough.
        }

        return Encoding.UTF8.GetString(answer.ToArray());
    }

    /// <summary>A request as bytes: its length as told, its headers as given, the same ones twice included.</summary>
    public static byte[] Bytes(SignedRequest request, int? contentLength = null)
    {
        var head = new StringBuilder($"POST {request.Path} HTTP/1.1\r\nHost: service\r\nConnection: close\r\n");
        head.Append($"Content-Type: {request.ContentType}\r\nContent-Length: {contentLength ?? request.Body.Length}\r\n");
        foreach (var (name, value) in request.Headers)
        {
            head.Append($"{name}: {value}\r\n");
        }

        return [.. Encoding.UTF8.GetBytes(head.Append("\r\n").ToString()), .. request.Body];
    }
}
