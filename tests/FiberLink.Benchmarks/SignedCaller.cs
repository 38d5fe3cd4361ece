using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FiberLink.Service.Authentication;

namespace FiberLink.Benchmarks;

/// <summary>Calls the service as a community's back end does.</summary>
internal sealed class SignedCaller(Uri service, string app, string secret) : IDisposable
{
    public HttpClient Http { get; } = new();

    public async Task<string> CreateTipAsync(string post, string from, string to, CancellationToken ct)
    {
        var answer = await CallAsync("tip.create", new JsonObject
        {
            ["amount"] = "1.5",
            ["asset"] = "CKB",
            ["postId"] = post,
            ["fromUserId"] = from,
            ["toUserId"] = to,
        }, ct);
        return answer.GetProperty("invoice").GetString()!;
    }

    public async Task<string> StatusAsync(string invoice, CancellationToken ct) =>
        (await CallAsync("tip.status", new JsonObject { ["invoice"] = invoice }, ct)).GetProperty("state").GetString()!;

    public void Dispose() => Http.Dispose();

    private async Task<JsonElement> CallAsync(string method, JsonObject parameters, CancellationToken ct)
    {
        var body = Encoding.UTF8.GetBytes(
            new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1, ["method"] = method, ["params"] = parameters }.ToJsonString());
        using var request = SignedRequest.Create(service, app, secret, body, DateTimeOffset.UtcNow);
        using var response = await Http.SendAsync(request, ct);
        using var answer = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(ct), cancellationToken: ct);
        return answer.RootElement.TryGetProperty("result", out var result)
            ? result.Clone()
            : throw new InvalidOperationException($"{method}: {answer.RootElement.GetRawText()}");
    }
}
