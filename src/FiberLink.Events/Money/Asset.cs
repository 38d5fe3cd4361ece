using System.Text.Json;
using System.Text.Json.Serialization;

namespace FiberLink.Events.Money;

/// <summary>
/// What an amount is of, by its code: <c>CKB</c>, or a token an operator configured, such as <c>USDI</c>.
/// </summary>
/// <remarks>How many decimals an asset has is configuration, not a stored fact: the log counts smallest units.</remarks>
[JsonConverter(typeof(AssetJsonConverter))]
public readonly record struct Asset
{
    /// <summary>The longest code that is accepted.</summary>
    public const int CodeLengthMax = 12;

    private readonly string? _code;

    /// <param name="code">2 to 12 capital letters or digits, beginning with a letter.</param>
    /// <exception cref="ArgumentException">The code is anything else.</exception>
    public Asset(string code)
    {
        if (!IsCode(code))
        {
            throw new ArgumentException(
                $"An asset code is 2 to {CodeLengthMax} capital letters or digits, beginning with a letter.", nameof(code));
        }

        _code = code;
    }

    /// <summary>The CKB network's own coin; its smallest unit is the shannon, 10⁻⁸ CKB.</summary>
    public static Asset Ckb { get; } = new("CKB");

    public string Code => _code ?? throw new InvalidOperationException("An asset that was never set has no code.");

    public static bool IsCode(string? text) =>
        text is { Length: >= 2 and <= CodeLengthMax }
        && char.IsAsciiLetterUpper(text[0])
        && text.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c));

    public override string ToString() => Code;
}

internal sealed class AssetJsonConverter : JsonConverter<Asset>
{
    public override Asset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && reader.GetString() is { } code && Asset.IsCode(code)
            ? new Asset(code)
            : throw new JsonException("An asset is stored as its code, a string.");

    public override void Write(Utf8JsonWriter writer, Asset value, JsonSerializerOptions options) => writer.WriteStringValue(value.Code);
}
