using System.Text;
using System.Text.Json;
using FiberLink.Sandbox.Control;
using FiberLink.Sandbox.Subscriptions;
using FiberLink.Sandbox.Wire;
using Microsoft.AspNetCore.Http;

namespace FiberLink.Sandbox;

/// <summary>The HTTP side: calls to the node on any path, control under its own, and faults that cut connections.</summary>
/// <remarks>A node without <c>changes</c> has no WebSocket.</remarks>
internal sealed class SandboxEndpoint(
    IAnswerCalls calls, IAnswerControl control, StoreChanges? changes, Faults faults, TimeProvider time, CancellationToken stop)
{
    /// <summary>The node's own limit.</summary>
    public const int BodyBytesMax = 10 * 1024 * 1024;

    private const string JsonType = "application/json";

    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await (context.Request.Path.StartsWithSegments("/sandbox", out var rest)
                ? HandleControlAsync(context, rest.Value?.TrimStart('/') ?? string.Empty)
                : HandleCallAsync(context));
        }
        catch (OperationCanceledException)
        {
            // The caller has gone, or the node stops: neither waits for an answer.
            context.Abort();
        }
        catch (NodePanicException)
        {
            context.Abort();
        }
    }

    private async Task HandleCallAsync(HttpContext context)
    {
        if (faults.IsAway)
        {
            context.Abort();
            return;
        }

        if (changes is not null && context.WebSockets.IsWebSocketRequest)
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            using var session = new SocketSession(socket, calls, changes, faults, time, stop);
            await session.RunAsync();
            return;
        }

        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }

        if (!IsJson(context.Request.ContentType))
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        var body = await ReadBodyAsync(context.Request);
        if (faults.TakeDelay() is var delay && delay > TimeSpan.Zero)
        {
            // Not bound to the caller: a call that was sent is executed also when its caller gives up.
            await Task.Delay(delay, time, stop);
        }

        if (faults.TakeCutBefore())
        {
            context.Abort();
            return;
        }

        var answer = await calls.AnswerAsync(body, subscribe: null);
        if (faults.TakeLostAnswer() || faults.TakeCutAfter())
        {
            context.Abort();
            return;
        }

        if (answer is not null)
        {
            await WriteAsync(context.Response, StatusCodes.Status200OK, Encoding.UTF8.GetBytes(answer.ToJsonString()));
        }
    }

    private async Task HandleControlAsync(HttpContext context, string verb)
    {
        // Asking for the JSON type keeps pages of a browser on the same machine from posting here.
        if (HttpMethods.IsPost(context.Request.Method) && !IsJson(context.Request.ContentType))
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        var (status, body) = control.Answer(context.Request.Method, verb, await ReadBodyAsync(context.Request)) switch
        {
            ControlAnswer.Done done => (StatusCodes.Status200OK, done.Body),
            ControlAnswer.Refused refused => (StatusCodes.Status409Conflict, new ControlWire.Refused(refused.Reason)),
            ControlAnswer.Unreadable unreadable => (StatusCodes.Status400BadRequest, new ControlWire.Refused(unreadable.Reason)),
            _ => (StatusCodes.Status404NotFound, new ControlWire.Refused($"There is no {context.Request.Method} /sandbox/{verb}.")),
        };
        await WriteAsync(context.Response, status, JsonSerializer.SerializeToUtf8Bytes(body, body.GetType(), ControlWire.Json));
    }

    private static bool IsJson(string? contentType) =>
        contentType?.Split(';')[0].Trim() is { } type
        && (type.Equals(JsonType, StringComparison.OrdinalIgnoreCase)
            || type.Equals("application/json-rpc", StringComparison.OrdinalIgnoreCase));

    private static async Task<byte[]> ReadBodyAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        return body.ToArray();
    }

    private static async Task WriteAsync(HttpResponse response, int status, byte[] body)
    {
        response.StatusCode = status;
        response.ContentType = JsonType;
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, response.HttpContext.RequestAborted);
    }
}
