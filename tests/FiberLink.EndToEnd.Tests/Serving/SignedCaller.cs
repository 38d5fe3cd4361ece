using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using FiberLink.Service.Authentication;

namespace FiberLink.EndToEnd.Tests.Serving;

/// <summary>A tip that somebody wishes to give.</summary>
internal sealed record Wish(string PostId, string From, string To, string Amount, string? Message = null)
{
    public JsonObject ToJson() => new()
    {
        ["amount"] = Amount,
        ["asset"] = "CKB",
        ["postId"] = PostId,
        ["fromUserId"] = From,
        ["toUserId"] = To,
        ["message"] = Message,
    };
}

/// <summary>A community's back end: signs its calls and sends them to one service node.</summary>
internal sealed class SignedCaller(HttpClient http, Uri service, string app, string secret)
{
    private const int NonceBytes = 8;

    /// <summary>The whole answer.</summary>
    /// <exception cref="HttpRequestException">The connection was refused, or died before there was an answer.</exception>
    public async Task<JsonObject> CallAsync(string method, JsonObject parameters, CancellationToken ct)
    {
        var body = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["jsonrpc"] = "2.0",
            ["id"] = "1",
            ["method"] = method,
            ["params"] = parameters,
        }.ToJsonString());
        var timestamp = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NonceBytes));
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(service, "/rpc")) { Content = content };
        request.Headers.Add("x-app-id", app);
        request.Headers.Add("x-ts", timestamp);
        request.Headers.Add("x-nonce", nonce);
        request.Headers.Add("x-signature", RequestAuthenticator.Sign(Encoding.UTF8.GetBytes(secret), timestamp, nonce, body));
        using var response = await http.SendAsync(request, ct);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(ct))!.AsObject();
    }

    /// <summary>The invoice of a tip that the service must grant.</summary>
    public async Task<string> CreateTipAsync(Wish wish, CancellationToken ct)
    {
        var answer = await CallAsync("tip.create", wish.ToJson(), ct);
        return (string?)answer["result"]?["invoice"] ?? throw new InvalidOperationException($"No invoice: {answer.ToJsonString()}");
    }

    public async Task<string> TipStateAsync(string invoice, CancellationToken ct)
    {
        var answer = await CallAsync("tip.status", new JsonObject { ["invoice"] = invoice }, ct);
        return (string?)answer["result"]?["state"] ?? throw new InvalidOperationException($"No state: {answer.ToJsonString()}");
    }
}
