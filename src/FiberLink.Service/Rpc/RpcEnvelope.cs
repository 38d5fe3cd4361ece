using System.Text.Json;

namespace FiberLink.Service.Rpc;

/// <summary>A JSON-RPC 2.0 request, not yet known to be from anybody.</summary>
/// <param name="Id">String, number or null; echoed to the letter.</param>
/// <param name="Method">Not empty.</param>
/// <param name="Params">Anything; undefined when there are none.</param>
internal sealed record RpcEnvelope(JsonElement Id, string Method, JsonElement Params)
{
    /// <summary>No method of ours is longer; a longer name is unknown without being looked up.</summary>
    public const int MethodLengthMax = 128;

    /// <returns>Null when it is not one: a batch, a notification, or something else altogether.</returns>
    public static RpcEnvelope? Read(JsonElement root) =>
        Text(root.Member("jsonrpc")) == "2.0"
        && root.Member("id") is { ValueKind: JsonValueKind.String or JsonValueKind.Number or JsonValueKind.Null } id
        && Text(root.Member("method")) is { Length: > 0 } method
            ? new(id, method, root.Member("params"))
            : null;

    /// <summary>The text of a JSON string; null for anything else, and for escapes that are no text (a lone surrogate).</summary>
    public static string? Text(JsonElement element)
    {
        if (element.ValueKind is not JsonValueKind.String)
        {
            return null;
        }

        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
