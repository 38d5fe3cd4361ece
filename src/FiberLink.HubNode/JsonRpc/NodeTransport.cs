using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace FiberLink.HubNode.JsonRpc;

/// <summary>Carries one call over HTTP and turns everything that can go wrong on the way into a named failure.</summary>
internal sealed class NodeTransport(HttpClient http, HubNodeOptions options)
{
    private const int AnswerBytesMax = 1 << 20;
    private const int ChunkBytes = 16 * 1024;

    public async Task<NodeAnswer<T>> SendAsync<T>(RpcCall call, Func<JsonElement, T> read, CancellationToken ct)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, options.Endpoint) { Content = call.ToContent() };
            if (options.BearerToken is { } token)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }

            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            return response.StatusCode == HttpStatusCode.OK
                ? call.Read(await ReadBodyAsync(response.Content, ct), read)
                : Failed<T>(Meaning(response.StatusCode), $"HTTP status {(int)response.StatusCode}.");
        }
        catch (HttpRequestException e)
        {
            return Failed<T>(WasSent(e.HttpRequestError) ? NodeFailure.NoAnswer : NodeFailure.Unreachable, e.Message);
        }
        catch (Exception e) when (e is IOException or JsonException or FormatException)
        {
            return Failed<T>(NodeFailure.NoAnswer, e.Message);
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpContent content, CancellationToken ct)
    {
        using var body = new MemoryStream();
        await using var stream = await content.ReadAsStreamAsync(ct);
        var chunk = new byte[ChunkBytes];
        while (await stream.ReadAsync(chunk, ct) is var length and > 0)
        {
            if (body.Length + length > AnswerBytesMax)
            {
                throw new FormatException($"The answer has more than {AnswerBytesMax} bytes.");
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

    private static NodeAnswer<T>.Failed Failed<T>(NodeFailure failure, string detail) => new(failure, NodeText.Shorten(detail));
}
