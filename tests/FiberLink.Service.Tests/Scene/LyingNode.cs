using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace FiberLink.Service.Tests.Scene;

/// <summary>Passes each call on to a node and tells its answer otherwise: lies that no sandbox has a switch for.</summary>
internal sealed class LyingNode : IAsyncDisposable
{
    private static readonly HttpClient Http = new();

    private readonly WebApplication _app;
    private Uri? _behind;

    private LyingNode(WebApplication app, Action<string, JsonNode> tell, Func<JsonNode, JsonNode?>? answer)
    {
        _app = app;
        app.Run(context => PassAsync(context, tell, answer));
    }

    /// <summary>Where the node is that is asked.</summary>
    public Uri InFrontOf(Uri node)
    {
        _behind = node;
        return new(_app.Urls.Single());
    }

    /// <param name="tell">From the method and the answer's result to what is told: changed in place.</param>
    /// <param name="ct">Stops the call.</param>
    /// <param name="answer">From the call to a result that is told without asking the node; null asks it.</param>
    public static async Task<LyingNode> StartAsync(
        Action<string, JsonNode> tell, CancellationToken ct, Func<JsonNode, JsonNode?>? answer = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var node = new LyingNode(builder.Build(), tell, answer);
        await node._app.StartAsync(ct);
        return node;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }

    private async Task PassAsync(HttpContext context, Action<string, JsonNode> tell, Func<JsonNode, JsonNode?>? answerOf)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var call = JsonNode.Parse(body.ToArray())!;
        if (answerOf?.Invoke(call) is { } own)
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(
                new JsonObject { ["jsonrpc"] = "2.0", ["id"] = call["id"]?.DeepClone(), ["result"] = own }.ToJsonString(),
                context.RequestAborted);
            return;
        }

        using var content = new ByteArrayContent(body.ToArray());
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json");
        using var response = await Http.PostAsync(_behind, content, context.RequestAborted);
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(context.RequestAborted))!;
        if (answer["result"] is { } result)
        {
            tell(call["method"]!.GetValue<string>(), result);
        }

        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer.ToJsonString(), context.RequestAborted);
    }
}
