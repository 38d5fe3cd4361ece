using System.Net;
using System.Text.Json;

namespace FiberLink.Service.Tests.Scene;

/// <summary>An answer as it came over the wire.</summary>
public sealed record RpcReply(HttpStatusCode Status, string? ContentType, string Text, IReadOnlyDictionary<string, string> Headers)
{
    private readonly Lazy<JsonElement> _json = new(() => JsonDocument.Parse(Text).RootElement.Clone());

    public JsonElement Json => _json.Value;

    /// <summary>The id's own letters.</summary>
    public string Id => Json.GetProperty("id").GetRawText();

    /// <summary>The result of a call that must have gone well.</summary>
    public JsonElement Result
    {
        get
        {
            Assert.Equal(HttpStatusCode.OK, Status);
            return Json.TryGetProperty("result", out var result) ? result : throw new InvalidOperationException($"No result: {Text}");
        }
    }

    public int? ErrorCode => Json.TryGetProperty("error", out var error) ? error.GetProperty("code").GetInt32() : null;

    public string? ErrorMessage => Json.TryGetProperty("error", out var error) ? error.GetProperty("message").GetString() : null;

    /// <summary>The paths that the issues of refused parameters name, dotted.</summary>
    public IReadOnlyList<string> Paths =>
    [
        .. Json.GetProperty("error").GetProperty("data").EnumerateArray()
            .Select(issue => string.Join('.', issue.GetProperty("path").EnumerateArray().Select(p => p.GetString()))),
    ];

    /// <summary>What the first issue with refused parameters says.</summary>
    public string FirstIssue => Json.GetProperty("error").GetProperty("data")[0].GetProperty("message").GetString()!;

    /// <summary>An error of JSON-RPC, which always comes as HTTP 200.</summary>
    public void AssertError(int code, string message)
    {
        Assert.Equal((HttpStatusCode.OK, code, message), (Status, ErrorCode, ErrorMessage));
        Assert.Equal("2.0", Json.GetProperty("jsonrpc").GetString());
        Assert.False(Json.TryGetProperty("result", out _));
    }

    public void AssertUnauthorized() => AssertError(-32001, "Unauthorized");
}
