using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using FiberLink.Sandbox.Wire;

namespace FiberLink.Sandbox.Chain;

/// <summary>From a body to a body: single calls and batches, with the refusals that are switched on.</summary>
internal sealed class ChainDispatch(ChainMethods methods, ChainFaults faults) : IAnswerCalls
{
    private readonly ConcurrentDictionary<string, long> _calls = new(StringComparer.Ordinal);

    /// <summary>How often each known method was called.</summary>
    public IReadOnlyDictionary<string, long> Calls => _calls;

    public Task<JsonNode?> AnswerAsync(ReadOnlyMemory<byte> body, Func<int>? subscribe) => Task.FromResult(Answer(body.Span));

    private JsonNode? Answer(ReadOnlySpan<byte> body)
    {
        JsonNode? request;
        try
        {
            request = JsonNode.Parse(body);
        }
        catch (JsonException)
        {
            return new RpcReply.Error(RpcReply.ParseError, "Parse error").ToEnvelope(id: null);
        }

        return request switch
        {
            JsonArray { Count: > 0 } batch => new JsonArray([.. batch.Select(c => (JsonNode)AnswerOne(c))]),
            _ => AnswerOne(request),
        };
    }

    public void ForgetCalls() => _calls.Clear();

    private JsonObject AnswerOne(JsonNode? request) =>
        request is JsonObject call
        && call["jsonrpc"] is JsonValue version && version.TryGetValue<string>(out var text) && text == "2.0"
        && call["method"] is JsonValue name && name.TryGetValue<string>(out var method)
            ? Execute(method, call["params"]).ToEnvelope(call["id"])
            : new RpcReply.Error(RpcReply.InvalidRequest, "Invalid request").ToEnvelope(id: null);

    private RpcReply Execute(string method, JsonNode? parameters)
    {
        if (methods.Find(method) is not { } execute)
        {
            return new RpcReply.Error(RpcReply.MethodNotFound, "Method not found");
        }

        _calls.AddOrUpdate(method, 1, (_, count) => count + 1);
        if (faults.TakeRefusal(method) is { } refusal)
        {
            return new RpcReply.Error(refusal.Code, refusal.Message);
        }

        try
        {
            return execute(CallParameters.From(parameters));
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            return new RpcReply.Error(RpcReply.InvalidParams, $"Invalid params: {e.Message}");
        }
    }
}
