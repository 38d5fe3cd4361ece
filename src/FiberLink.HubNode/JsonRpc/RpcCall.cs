using System.Buffers;
using System.Text.Json;

namespace FiberLink.HubNode.JsonRpc;

/// <summary>One call: its bytes on the way out, and what its envelope says on the way back.</summary>
internal sealed record RpcCall(long Id, NodeMethod Method, Action<Utf8JsonWriter>? WriteParameters)
{
    private const string Version = "2.0";
    private const int DepthMax = 32;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = DepthMax, AllowDuplicateProperties = false };

    /// <summary>Parameters are an array of exactly one object, or of nothing.</summary>
    public ReadOnlyMemory<byte> ToBytes()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("jsonrpc", Version);
            json.WriteNumber("id", Id);
            json.WriteString("method", Method.Name);
            json.WriteStartArray("params");
            if (WriteParameters is not null)
            {
                json.WriteStartObject();
                WriteParameters(json);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    /// <summary>What the answer says; one that is not an answer to this call is <see cref="NodeFailure.NoAnswer"/>.</summary>
    public NodeAnswer<T> Read<T>(ReadOnlyMemory<byte> body, Func<JsonElement, T> read)
    {
        try
        {
            return ReadEnvelope(body, read);
        }
        catch (InvalidOperationException)
        {
            // JSON text is decoded when it is taken out: broken UTF-8 and half surrogates show only then.
            return new NodeAnswer<T>.Failed(NodeFailure.NoAnswer, "The answer has text that is not Unicode.");
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return new NodeAnswer<T>.Failed(NodeFailure.NoAnswer, NodeText.Shorten(e.Message));
        }
    }

    private NodeAnswer<T> ReadEnvelope<T>(ReadOnlyMemory<byte> body, Func<JsonElement, T> read)
    {
        using var document = JsonDocument.Parse(body, Strict);
        var envelope = document.RootElement;
        if (envelope.Text("jsonrpc") != Version)
        {
            throw new FormatException("The answer is not JSON-RPC 2.0.");
        }

        var error = envelope.OptionalMember("error", JsonValueKind.Object);
        RequireOwnId(envelope, error);
        if (error is { } refused)
        {
            return envelope.TryGetProperty("result", out _)
                ? throw new FormatException("The answer has both a result and an error.")
                : Refusal<T>(refused);
        }

        return new NodeAnswer<T>.Ok(read(envelope.Member("result", Method.AnswersNull ? JsonValueKind.Null : JsonValueKind.Object)));
    }

    private void RequireOwnId(JsonElement envelope, JsonElement? error)
    {
        if (!envelope.TryGetProperty("id", out var id))
        {
            throw new FormatException("The answer has no 'id'.");
        }

        // A server that could not read the request could not read its id either.
        var mayBeNull = error is { } refused && Code(refused) is NodeRefusals.ParseError or NodeRefusals.InvalidRequest;
        var isOwn = (id.ValueKind == JsonValueKind.Number && id.TryGetInt64(out var value) && value == Id)
            || (id.ValueKind == JsonValueKind.Null && mayBeNull);
        if (!isOwn)
        {
            throw new FormatException("The answer belongs to another call.");
        }
    }

    private static NodeAnswer<T> Refusal<T>(JsonElement error)
    {
        var (code, message) = (Code(error), error.Text("message"));
        var about = error.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.String
            ? $" ({NodeText.HideHashes(NodeText.Shorten(data.GetString()!))})"
            : string.Empty;
        return new NodeAnswer<T>.Failed(
            NodeRefusals.Meaning(code, message), $"{code}: {NodeText.Shorten(message)}{about}");
    }

    private static long Code(JsonElement error) =>
        error.Member("code", JsonValueKind.Number).TryGetInt64(out var code)
            ? code
            : throw new FormatException("The error's 'code' is not an integer.");
}
