using System.Text.Json;

namespace FiberLink.Service.Rpc;

/// <summary>An authenticated call.</summary>
/// <param name="App">The community that signed it.</param>
/// <param name="Params">As sent; undefined when there were none.</param>
/// <param name="CorrelationId">Names the request in events and logs.</param>
internal sealed record RpcCall(string App, JsonElement Params, string CorrelationId);

/// <summary>One JSON-RPC method.</summary>
/// <param name="Name">Its public name.</param>
/// <param name="IsRead">True when it changes nothing; its nonce need not survive a crash of the database.</param>
/// <param name="Subject">
/// Whom a rate limit is kept for within the community, so that callers that poll do not use up each other's; null for all together.
/// </param>
/// <param name="Handle">What answers it.</param>
internal sealed record RpcMethod(
    string Name, bool IsRead, Func<JsonElement, string?>? Subject, Func<RpcCall, CancellationToken, Task<RpcResult>> Handle);

/// <summary>What a method answers: a result, or one of the errors in the public list.</summary>
internal abstract record RpcResult
{
    private RpcResult()
    {
    }

    /// <param name="Write">Writes the result, an object.</param>
    internal sealed record Ok(Action<Utf8JsonWriter> Write) : RpcResult;

    /// <param name="Code">The public code.</param>
    /// <param name="Message">The public text; the plugin acts on some of them.</param>
    /// <param name="Issues">What is wrong with the parameters, for <see cref="RpcErrorCode.InvalidParams"/>.</param>
    internal sealed record Error(RpcErrorCode Code, string Message, IReadOnlyList<ParamIssue>? Issues = null) : RpcResult;

    public static RpcResult Json<T>(T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> json) =>
        new Ok(writer => JsonSerializer.Serialize(writer, value, json));

    public static RpcResult Invalid(IReadOnlyList<ParamIssue> issues) => new Error(RpcErrorCode.InvalidParams, "Invalid params", issues);

    /// <summary>Trouble that passes. The words keep an unmodified plugin polling.</summary>
    public static RpcResult Unavailable(string what) =>
        new Error(RpcErrorCode.InternalError, $"Internal error: {what}, service unavailable. Please retry in a moment.");
}

/// <summary>One thing that is wrong with the parameters.</summary>
/// <param name="Code">What kind: invalid_type, invalid_string, too_small, too_big, invalid_enum_value, custom.</param>
/// <param name="Message">What to do about it.</param>
/// <param name="Path">Where, from the parameters' root.</param>
internal sealed record ParamIssue(string Code, string Message, IReadOnlyList<string> Path);

/// <summary>The public list. Codes are part of the contract with callers and are never reused.</summary>
internal enum RpcErrorCode
{
    InvalidRequest = -32600,
    MethodNotFound = -32601,
    InvalidParams = -32602,
    InternalError = -32603,
    Unauthorized = -32001,
    TipNotFound = -32004,
    RateLimitExceeded = -32005,
}
