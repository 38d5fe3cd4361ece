using System.Net;
using System.Net.Http.Headers;

namespace FiberLink.HubNode.Transport;

/// <summary>One HTTP request for each call; connections are the client's to keep.</summary>
internal sealed class HttpTransport(HttpClient http, Uri endpoint, BearerToken token) : INodeTransport
{
    private const int ChunkBytes = 16 * 1024;

    public async Task<NodeAnswer<ReadOnlyMemory<byte>>> SendAsync(long id, ReadOnlyMemory<byte> call, CancellationToken ct)
    {
        try
        {
            using var content = new ReadOnlyMemoryContent(call);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = content };
            if (token.Current() is { } bearer)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
            }

            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            return response.StatusCode == HttpStatusCode.OK
                ? new NodeAnswer<ReadOnlyMemory<byte>>.Ok(await ReadBodyAsync(response.Content, ct))
                : NodeTransports.Failed(Meaning(response.StatusCode), $"HTTP status {(int)response.StatusCode}.");
        }
        catch (HttpRequestException e)
        {
            return NodeTransports.Failed(WasSent(e.HttpRequestError) ? NodeFailure.NoAnswer : NodeFailure.Unreachable, e.Message);
        }
        catch (Exception e) when (e is IOException or FormatException)
        {
            return NodeTransports.Failed(NodeFailure.NoAnswer, e.Message);
        }
    }

    /// <summary>The connections are the caller's.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpContent content, CancellationToken ct)
    {
        using var body = new MemoryStream();
        await using var stream = await content.ReadAsStreamAsync(ct);
        var chunk = new byte[ChunkBytes];
        while (await stream.ReadAsync(chunk, ct) is var length and > 0)
        {
            if (body.Length + length > NodeTransports.AnswerBytesMax)
            {
                throw new FormatException($"The answer has more than {NodeTransports.AnswerBytesMax} bytes.");
            }

            await body.WriteAsync(chunk.AsMemory(0, length), ct);
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    /// <summary>Only where no connection came about is it certain that the node has seen nothing.</summary>
    private static bool WasSent(HttpRequestError error) => error
        is not (HttpRequestError.ConnectionError
            or HttpRequestError.NameResolutionError
            or HttpRequestError.SecureConnectionError
            or HttpRequestError.ProxyTunnelError);

    private static NodeFailure Meaning(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => NodeFailure.Unauthorized,

        // The node's server turns these away before it looks at the call.
        HttpStatusCode.BadRequest
            or HttpStatusCode.MethodNotAllowed
            or HttpStatusCode.RequestEntityTooLarge
            or HttpStatusCode.UnsupportedMediaType => NodeFailure.InvalidRequest,
        _ => NodeFailure.NoAnswer,
    };
}
