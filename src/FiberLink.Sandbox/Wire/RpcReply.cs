using System.Text.Json.Nodes;

namespace FiberLink.Sandbox.Wire;

/// <summary>What a method answers, before it gets its envelope.</summary>
internal abstract record RpcReply
{
    public const int ParseError = -32700;
    public const int InvalidRequest = -32600;
    public const int MethodNotFound = -32601;
    public const int InvalidParams = -32602;
    public const int InternalError = -32603;
    public const int ApplicationError = -32000;
    public const int Unauthorized = -32999;

    private RpcReply()
    {
    }

    public sealed record Result(JsonObject Value) : RpcReply;

    public sealed record Number(int Value) : RpcReply;

    /// <summary>Anything that is no object: a text, a list, or null.</summary>
    public sealed record Plain(JsonNode? Value) : RpcReply;

    public sealed record Error(int Code, string Message, JsonNode? Data = null) : RpcReply;

    public JsonObject ToEnvelope(JsonNode? id)
    {
        var envelope = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id?.DeepClone() };
        switch (this)
        {
            case Result result:
                envelope["result"] = result.Value.DeepClone();
                break;
            case Number number:
                envelope["result"] = number.Value;
                break;
            case Plain plain:
                envelope["result"] = plain.Value?.DeepClone();
                break;
            case Error error:
                var body = new JsonObject { ["code"] = error.Code, ["message"] = error.Message };
                if (error.Data is { } data)
                {
                    body["data"] = data.DeepClone();
                }

                envelope["error"] = body;
                break;
        }

        return envelope;
    }
}
