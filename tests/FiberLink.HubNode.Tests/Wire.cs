using System.Net;
using System.Text;
using System.Text.Json;

namespace FiberLink.HubNode.Tests;

/// <summary>The node's wire without our client in between.</summary>
internal static class Wire
{
    /// <summary>Without the proxy that the machine may have in its environment.</summary>
    public static HttpClient NewHttpClient()
    {
        HttpClient.DefaultProxy = new WebProxy();
        return new();
    }

    /// <summary>The answer to one call with one object of parameters (or any other JSON for them).</summary>
    public static async Task<JsonElement> CallAsync(this Scene scene, string method, string parameters) =>
        (await scene.PostAsync($$"""{"jsonrpc":"2.0","id":7,"method":"{{method}}","params":[{{parameters}}]}"""))!.Value;

    /// <summary>Null for an empty body.</summary>
    public static async Task<JsonElement?> PostAsync(this Scene scene, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await scene.Http.PostAsync(scene.Node.Endpoint, content, Scene.Ct);
        response.EnsureSuccessStatusCode();
        var bytes = await response.Content.ReadAsByteArrayAsync(Scene.Ct);
        return bytes.Length == 0 ? null : JsonSerializer.Deserialize<JsonElement>(bytes);
    }

    public static (int Code, string Message) Error(JsonElement answer) =>
        (answer.GetProperty("error").GetProperty("code").GetInt32(), answer.GetProperty("error").GetProperty("message").GetString()!);
}
