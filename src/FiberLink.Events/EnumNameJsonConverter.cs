using System.Text.Json;
using System.Text.Json.Serialization;

namespace FiberLink.Events;

/// <summary>
/// An enum is stored as its name, letter for letter. The framework's own converter also reads other capitals and numbers that
/// have no name, and writes the latter: such a body would not write back as it was stored.
/// </summary>
public sealed class EnumNameJsonConverter<TEnum> : JsonConverter<TEnum>
    where TEnum : struct, Enum
{
    public override TEnum Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String
        && Enum.TryParse<TEnum>(reader.GetString(), out var value)
        && Enum.GetName(value) is { } name
        && reader.ValueTextEquals(name)
            ? value
            : throw new JsonException($"{typeof(TEnum).Name} is stored as one of its names.");

    public override void Write(Utf8JsonWriter writer, TEnum value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Enum.GetName(value) ?? throw new JsonException($"{value} is no name of {typeof(TEnum).Name}."));
}
