using System.Text.Json;
using System.Text.Json.Nodes;
using FiberLink.Chain.Node;

namespace FiberLink.Sandbox.Chain;

/// <summary>
/// A call's parameters, by their places. A <see cref="FormatException"/> becomes "Invalid params"; null and what is left out are the same.
/// </summary>
internal sealed class CallParameters
{
    private readonly JsonElement[] _values;

    private CallParameters(JsonElement[] values) => _values = values;

    /// <exception cref="FormatException">It is no list.</exception>
    public static CallParameters From(JsonNode? parameters) => parameters switch
    {
        null => new([]),
        JsonArray list => new([.. list.Deserialize<JsonElement>().EnumerateArray()]),
        _ => throw new FormatException("Invalid params: expected a list."),
    };

    public JsonElement? Optional(int place) =>
        place < _values.Length && _values[place].ValueKind != JsonValueKind.Null ? _values[place] : null;

    public JsonElement At(int place) => Optional(place) ?? throw new FormatException($"invalid length {_values.Length}.");

    public Bytes32 Hash(int place) => CkbJson.ReadHash(At(place));

    public ulong Number(int place) => CkbJson.ReadQuantity(At(place));

    public string? Text(int place) => Optional(place)?.GetString();

    public bool? Flag(int place) => Optional(place)?.GetBoolean();
}
