using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FiberLink.Chain.Node;

/// <summary>What came back of a call, before anybody has said what it means.</summary>
internal abstract record RpcResult
{
    private RpcResult()
    {
    }

    /// <summary>The node gave a result; null is one, too.</summary>
    public sealed record Answered(JsonElement Result) : RpcResult;

    /// <summary>The node gave an error.</summary>
    public sealed record Error(long Code, string Message) : RpcResult;

    /// <summary>There is no answer.</summary>
    public sealed record None(bool MayHaveBeenSent, string Detail) : RpcResult;
}

/// <summary>JSON-RPC 2.0 over HTTP, one request for each call. The connections are the caller's.</summary>
internal sealed class CkbRpc(HttpClient http, CkbNodeOptions options, TimeProvider time)
{
    private const int AnswerBytesMax = 32 * 1024 * 1024;
    private const int ChunkBytes = 16 * 1024;
    private const int MessageLettersMax = 500;
    private const string Version = "2.0";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private long _lastId;

    /// <exception cref="OperationCanceledException">The caller's own cancellation; not the deadline's.</exception>
    public async Task<RpcResult> CallAsync(string method, JsonArray parameters, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var id = Interlocked.Increment(ref _lastId);
        var text = new JsonObject { ["jsonrpc"] = Version, ["id"] = id, ["method"] = method, ["params"] = parameters }.ToJsonString();
        using var deadline = new CancellationTokenSource(options.Deadline, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
        try
        {
            return Read(await PostAsync(text, both.Token), id);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new RpcResult.None(MayHaveBeenSent: true, "The time was over.");
        }
        catch (HttpRequestException e)
        {
            return new RpcResult.None(MayHaveBeenSent(e), e.Message);
        }
        catch (Exception e) when (e is IOException or JsonException or FormatException or InvalidOperationException)
        {
            return new RpcResult.None(MayHaveBeenSent: true, Shortened(e.Message));
        }
    }

    private async Task<ReadOnlyMemory<byte>> PostAsync(string text, CancellationToken ct)
    {
        using var content = new StringContent(text, MediaTypeHeaderValue.Parse("application/json"));
        using var request = new HttpRequestMessage(HttpMethod.Post, options.Endpoint) { Content = content };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw new FormatException($"HTTP status {(int)response.StatusCode}.");
        }

        using var body = new MemoryStream();
        await using var stream = await response.Content.ReadAsStreamAsync(ct);
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

    private static RpcResult Read(ReadOnlyMemory<byte> body, long id)
    {
        using var document = JsonDocument.Parse(body, Strict);
        var answer = document.RootElement;
        if (answer.ValueKind != JsonValueKind.Object || !answer.TryGetProperty("jsonrpc", out var version) || !version.ValueEquals(Version))
        {
            throw new FormatException("The answer is not JSON-RPC 2.0.");
        }

        var error = answer.TryGetProperty("error", out var e) && e.ValueKind == JsonValueKind.Object ? e : (JsonElement?)null;
        var isOwn = answer.TryGetProperty("id", out var own)
            && ((own.ValueKind == JsonValueKind.Number && own.TryGetInt64(out var number) && number == id)
                || (own.ValueKind == JsonValueKind.Null && error is not null));
        if (!isOwn)
        {
            throw new FormatException("The answer belongs to another call.");
        }

        if (error is { } refused)
        {
            return new RpcResult.Error(
                refused.TryGetProperty("code", out var code) && code.TryGetInt64(out var value)
                    ? value
                    : throw new FormatException("The error has no code."),
                refused.TryGetProperty("message", out var message) ? Shortened(message.GetString() ?? "") : "");
        }

        return answer.TryGetProperty("result", out var result)
            ? new RpcResult.Answered(result.Clone())
            : throw new FormatException("The answer has neither a result nor an error.");
    }

    /// <summary>Only where no connection came about is it certain that the node has seen nothing.</summary>
    private static bool MayHaveBeenSent(HttpRequestException e) => e.HttpRequestError
        is not (HttpRequestError.ConnectionError
            or HttpRequestError.NameResolutionError
            or HttpRequestError.SecureConnectionError
            or HttpRequestError.ProxyTunnelError);

    private static string Shortened(string text) => text.Length <= MessageLettersMax ? text : text[..MessageLettersMax] + "…";
}
