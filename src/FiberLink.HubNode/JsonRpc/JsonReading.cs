using System.Text.Json;

namespace FiberLink.HubNode.JsonRpc;

/// <summary>
/// Strict reading of members: each is there and has its form, or a <see cref="FormatException"/> says which isn't. It never leaves this
/// library: the call makes it <see cref="NodeFailure.NoAnswer"/>.
/// </summary>
internal static class JsonReading
{
    private static readonly UInt128 TimeMax = (UInt128)DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    public static JsonElement Member(this JsonElement parent, string name, JsonValueKind kind)
    {
        if (parent.ValueKind != JsonValueKind.Object || !parent.TryGetProperty(name, out var member))
        {
            throw new FormatException($"The answer has no '{name}'.");
        }

        return member.ValueKind == kind
            ? member
            : throw new FormatException($"'{name}' is {member.ValueKind} instead of {kind}.");
    }

    /// <summary>Null also where the member is there and null: the node writes optional ones both ways.</summary>
    public static JsonElement? OptionalMember(this JsonElement parent, string name, JsonValueKind kind)
    {
        if (parent.ValueKind == JsonValueKind.Object
            && (!parent.TryGetProperty(name, out var member) || member.ValueKind == JsonValueKind.Null))
        {
            return null;
        }

        return parent.Member(name, kind);
    }

    public static bool Flag(this JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var member) && member.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? member.ValueKind == JsonValueKind.True
            : throw new FormatException($"'{name}' is neither true nor false.");

    public static string? OptionalText(this JsonElement parent, string name) =>
        parent.OptionalMember(name, JsonValueKind.String)?.GetString();

    public static string Text(this JsonElement parent, string name) => parent.Member(name, JsonValueKind.String).GetString()!;

    public static UInt128 Quantity(this JsonElement parent, string name) => ToQuantity(parent.Text(name), name);

    public static uint Count(this JsonElement parent, string name) =>
        parent.Quantity(name) is var quantity && quantity <= uint.MaxValue
            ? (uint)quantity
            : throw new FormatException($"'{name}' is more than 32 bits.");

    public static PaymentHash Hash(this JsonElement parent, string name) =>
        PaymentHash.TryParse(parent.Text(name), out var hash)
            ? hash
            : throw new FormatException($"'{name}' is not 0x and 64 hexadecimal digits.");

    /// <summary>Milliseconds since 1970, as the node writes most of its times.</summary>
    public static DateTimeOffset Time(this JsonElement parent, string name) =>
        parent.Quantity(name) is var milliseconds && milliseconds <= TimeMax
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds)
            : throw new FormatException($"'{name}' is beyond the year 9999.");

    public static UInt128? OptionalQuantity(this JsonElement parent, string name) =>
        parent.OptionalMember(name, JsonValueKind.String) is { } member ? ToQuantity(member.GetString()!, name) : null;

    public static UInt128 ToQuantity(string text, string name) =>
        HexQuantity.TryParse(text, out var value)
            ? value
            : throw new FormatException($"'{name}' is not a hexadecimal quantity.");
}
