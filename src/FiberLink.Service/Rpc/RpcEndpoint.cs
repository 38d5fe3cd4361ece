using System.Diagnostics;
using System.Text.Json;
using System.Text.Unicode;
using FiberLink.Postgres;
using FiberLink.Service.Authentication;
using FiberLink.Service.Telemetry;

namespace FiberLink.Service.Rpc;

/// <summary><c>POST /rpc</c>: JSON-RPC 2.0, one signed request at a time, in the order of checks that the contract gives.</summary>
internal sealed partial class RpcEndpoint(
    RpcMethods methods,
    RequestAuthenticator authenticator,
    RateLimiter limiter,
    ReflectedPosition position,
    TimeProvider time,
    ILogger<RpcEndpoint> logger)
{
    /// <summary>1 MiB, as the published service has it.</summary>
    public const int BodyBytesMax = 1024 * 1024;

    private const string UnknownMethod = "unknown";
    private const string Unreadable = "Internal error: could not read raw request body.";

    private static readonly Func<ILogger, string, string, IDisposable?> CallScope =
        LoggerMessage.DefineScope<string, string>("app:{App} method:{Method}");

    public async Task HandleAsync(HttpContext http)
    {
        var body = await RequestBody.ReadAsync(http.Request, BodyBytesMax, http.RequestAborted);
        if (body is RequestBody.TooLarge)
        {
            await RpcResponse.WriteHttpErrorAsync(
                http, StatusCodes.Status413PayloadTooLarge, "Payload Too Large", $"Request body is larger than {BodyBytesMax} bytes");
            return;
        }

        if (body is not RequestBody.Bytes { Value: { Length: > 0 } bytes })
        {
            await RpcResponse.WriteAsync(
                http, null, new RpcResult.Error(RpcErrorCode.InternalError, Unreadable), StatusCodes.Status500InternalServerError);
            return;
        }

        // Parsing looks at the bytes of a text only when the text is asked for, and the id is sent back without being looked at.
        if (!Utf8.IsValid(bytes))
        {
            await RpcResponse.WriteHttpErrorAsync(http, StatusCodes.Status400BadRequest, "Bad Request", "The body is not UTF-8");
            return;
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(bytes);
        }
        catch (JsonException broken)
        {
            await RpcResponse.WriteHttpErrorAsync(
                http, StatusCodes.Status400BadRequest, "Bad Request", $"The body is not JSON: {broken.Message}");
            return;
        }

        using (document)
        {
            await HandleAsync(http, bytes, document.RootElement);
        }
    }

    private async Task HandleAsync(HttpContext http, byte[] body, JsonElement root)
    {
        if (RpcEnvelope.Read(root) is not { } envelope)
        {
            await RpcResponse.WriteAsync(http, null, new RpcResult.Error(RpcErrorCode.InvalidRequest, "Invalid Request"));
            return;
        }

        var method = methods.Find(envelope.Method);
        var started = time.GetTimestamp();
        using var activity = ServiceTelemetry.StartRpc(method?.Name);
        var result = await AnswerAsync(http, body, envelope, method);
        ServiceTelemetry.CountRpc(activity, method?.Name, result, time.GetElapsedTime(started));
        await RpcResponse.WriteAsync(http, envelope.Id, result);
    }

    private async Task<RpcResult> AnswerAsync(HttpContext http, byte[] body, RpcEnvelope envelope, RpcMethod? method)
    {
        try
        {
            // What is unknown counts as a write, so that its nonce is kept with all care.
            var isRead = method?.IsRead ?? false;
            if (await authenticator.AuthenticateAsync(http.Request.Headers, body, isRead, http.RequestAborted) is not { } app)
            {
                return new RpcResult.Error(RpcErrorCode.Unauthorized, "Unauthorized");
            }

            Activity.Current?.SetTag("fiberlink.app", app);
            using var scope = CallScope(logger, app, method?.Name ?? UnknownMethod);
            var allowance = limiter.Take(app, method?.Name, method?.Subject?.Invoke(envelope.Params));
            allowance.WriteTo(http.Response.Headers);
            if (isRead && allowance.IsGranted)
            {
                // Before it is read: what is read later shows at least as much.
                await position.WriteToAsync(http.Response.Headers, http.RequestAborted);
            }

            return !allowance.IsGranted ? new RpcResult.Error(RpcErrorCode.RateLimitExceeded, "Rate limit exceeded")
                : method is null ? new RpcResult.Error(RpcErrorCode.MethodNotFound, "Method not found")
                : await method.Handle(new RpcCall(app, envelope.Params, CorrelationOf(http)), http.RequestAborted);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // The one place where a fault becomes an answer: logged with its trace, told to nobody in detail.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            LogFault(fault, method?.Name ?? UnknownMethod);
            return PostgresFailures.IsTransient(fault)
                ? RpcResult.Unavailable("the database does not answer")
                : new RpcResult.Error(RpcErrorCode.InternalError, "Internal error");
        }
    }

    private static string CorrelationOf(HttpContext http) => Activity.Current?.TraceId.ToHexString() ?? http.TraceIdentifier;

    [LoggerMessage(2100, LogLevel.Error, "{Method} failed")]
    private partial void LogFault(Exception fault, string method);
}
