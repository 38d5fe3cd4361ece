using System.Text.Json;
using System.Text.Json.Nodes;
using FiberLink.HubNode;

namespace FiberLink.Sandbox.Wire;

/// <summary>
/// The one object in the parameters, read with the strictness and roughly in the words of the node. A <see cref="FormatException"/>
/// becomes "Invalid params"; unknown members are ignored, as the node ignores them.
/// </summary>
internal sealed class MethodParameters
{
    private readonly JsonObject _object;

    private MethodParameters(JsonObject value) => _object = value;

    /// <exception cref="FormatException">It isn't an array of exactly one object.</exception>
    public static MethodParameters From(JsonNode? parameters) => parameters switch
    {
        JsonArray { Count: 1 } array when array[0] is JsonObject value => new(value),
        JsonArray { Count: 0 } or null => throw new FormatException("No more params"),
        _ => throw new FormatException("invalid type: expected an array of one object"),
    };

    /// <summary>The parameters as the node repeats them in its errors: every known member, null where it was absent.</summary>
    public JsonObject Echo(params ReadOnlySpan<string> names)
    {
        var echo = new JsonObject();
        foreach (var name in names)
        {
            echo[name] = _object[name]?.DeepClone();
        }

        return echo;
    }

    public string? OptionalText(string name) => _object[name] switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        var other => throw new FormatException($"invalid type: {Kind(other)}, expected a string"),
    };

    public string Text(string name) => OptionalText(name) ?? throw Missing(name);

    public bool Flag(string name) => _object[name] switch
    {
        null => false,
        JsonValue value when value.GetValueKind() is JsonValueKind.True or JsonValueKind.False => value.GetValue<bool>(),
        var other => throw new FormatException($"invalid type: {Kind(other)}, expected a boolean"),
    };

    public UInt128 Quantity(string name) => ToQuantity(Text(name));

    public UInt128? OptionalQuantity(string name) => OptionalText(name) is { } text ? ToQuantity(text) : null;

    public ulong? OptionalQuantity64(string name) => OptionalText(name) switch
    {
        null => null,
        var text when ToQuantity(text) is var quantity && quantity <= ulong.MaxValue => (ulong)quantity,
        _ => throw new FormatException("number too large to fit in target type"),
    };

    public PaymentHash Hash(string name) => OptionalHash(name) ?? throw Missing(name);

    public PaymentHash? OptionalHash(string name) =>
        OptionalText(name) is not { } text ? null
        : PaymentHash.TryParse(WithPrefix(text), out var hash) ? hash
        : throw NotABytes32();

    public Preimage? OptionalPreimage(string name) =>
        OptionalText(name) is not { } text ? null
        : HubNode.Preimage.TryParse(WithPrefix(text), out var preimage) ? preimage
        : throw NotABytes32();

    public Preimage Preimage(string name) => OptionalPreimage(name) ?? throw Missing(name);

    /// <summary>66 digits of a point on the curve, whether or not <c>0x</c> stands before them.</summary>
    public string? OptionalPubkey(string name) => OptionalText(name) is { } text ? ToPubkey(text) : null;

    public IReadOnlyList<string>? OptionalPubkeys(string name) => _object[name] switch
    {
        null => null,
        JsonArray list => [.. list.Select(item => item is JsonValue value && value.TryGetValue<string>(out var text)
            ? ToPubkey(text)
            : throw new FormatException("invalid type: expected a string"))],
        var other => throw new FormatException($"invalid type: {Kind(other)}, expected a sequence"),
    };

    /// <summary>Bytes by numbers up to 65535, as the node repeats them.</summary>
    public IReadOnlyDictionary<string, string>? OptionalRecords(string name)
    {
        if (_object[name] is not { } node)
        {
            return null;
        }

        var records = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in node as JsonObject ?? throw new FormatException($"invalid type: {Kind(node)}, expected a map"))
        {
            records[HexQuantity.Format(ToQuantity(key) is var number && number <= ushort.MaxValue
                ? number
                : throw new FormatException($"invalid value: custom record key {key} is out of range"))] =
                value is JsonValue text && text.TryGetValue<string>(out var bytes) && bytes.StartsWith("0x", StringComparison.Ordinal)
                    ? $"0x{Convert.ToHexStringLower(Convert.FromHexString(bytes.AsSpan(2)))}"
                    : throw new FormatException("invalid type: expected a hex string");
        }

        return records;
    }

    public UdtScript? OptionalScript(string name)
    {
        if (_object[name] is not { } node)
        {
            return null;
        }

        var script = new MethodParameters(node as JsonObject ?? throw new FormatException("invalid type: expected struct Script"));
        try
        {
            return new UdtScript(script.Text("code_hash"), script.Text("hash_type"), script.Text("args"));
        }
        catch (ArgumentException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    /// <summary>A script of the chain, of whatever kind.</summary>
    public UdtScript Script(string name) => OptionalScript(name) ?? throw Missing(name);

    /// <summary>Anything that is an object.</summary>
    public JsonObject Object(string name) => _object[name] switch
    {
        JsonObject value => value,
        null => throw Missing(name),
        var other => throw new FormatException($"invalid type: {Kind(other)}, expected a struct"),
    };

    /// <summary>The enum member of exactly this name.</summary>
    public T? OptionalVariant<T>(string name, params ReadOnlySpan<(string Name, T Value)> variants)
        where T : struct
    {
        if (OptionalText(name) is not { } text)
        {
            return null;
        }

        var names = new List<string>();
        foreach (var (variant, value) in variants)
        {
            if (text == variant)
            {
                return value;
            }

            names.Add($"`{variant}`");
        }

        throw new FormatException($"unknown variant `{text}`, expected one of {string.Join(", ", names)}");
    }

    public static FormatException Missing(string name) => new($"missing field `{name}`");

    private static UInt128 ToQuantity(string text) => text switch
    {
        _ when HexQuantity.TryParse(text, out var value) => value,
        _ when !text.StartsWith("0x", StringComparison.Ordinal) =>
            throw new FormatException($"uint hex string does not start with 0x: {text}"),
        _ when text.Length > 3 && text[2] == '0' =>
            throw new FormatException($"uint hex string starts with redundant leading zeros: {text}"),
        _ => throw new FormatException($"failed to parse uint hex {text}"),
    };

    private static string ToPubkey(string text) =>
        PublicKey.TryParse(text.StartsWith("0x", StringComparison.Ordinal) ? text[2..] : text, out var key)
            ? key.ToString()
            : throw NotABytes32();

    // Hashes are read with and without 0x; quantities are not.
    private static string WithPrefix(string text) => text.StartsWith("0x", StringComparison.Ordinal) ? text : $"0x{text}";

    private static FormatException NotABytes32() => new("failed to convert vector into type");

    private static string Kind(JsonNode node) => node.GetValueKind() switch
    {
        JsonValueKind.Number => $"integer `{node.ToJsonString()}`",
        JsonValueKind.True or JsonValueKind.False => $"boolean `{node.ToJsonString()}`",
        JsonValueKind.Array => "sequence",
        JsonValueKind.Object => "map",
        _ => "value",
    };
}
