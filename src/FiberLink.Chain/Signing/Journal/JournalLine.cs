using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using FiberLink.Chain.Transactions;

namespace FiberLink.Chain.Signing.Journal;

/// <summary>What a signer's journal tells of.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Opened), "opened")]
[JsonDerivedType(typeof(Signed), "signed")]
[JsonDerivedType(typeof(Forgotten), "forgotten")]
internal abstract record JournalLine
{
    public const int CurrentVersion = 1;

    private JournalLine()
    {
    }

    /// <summary>The first line: whose journal it is.</summary>
    public sealed record Opened(
        [property: JsonRequired] int Version,
        [property: JsonRequired] string Network,
        [property: JsonRequired] string PublicKey) : JournalLine;

    /// <summary>A signature may have left; written before it does.</summary>
    /// <param name="At">When, in milliseconds since 1970.</param>
    /// <param name="Transaction">Its hash.</param>
    /// <param name="Inputs">The cells of ours that it spends.</param>
    /// <param name="Spent">
    /// What leaves of each asset, by <see cref="Policy.AssetLimit.Key"/>; beyond what left already with the one that it replaces.
    /// </param>
    /// <param name="Fee">In shannon; it is among the coins that leave.</param>
    /// <param name="Pays">
    /// Stands for all that leaves the wallet but the fee, and for others' cells beside ours; null in a line of before replacements were
    /// signed.
    /// </param>
    public sealed record Signed(
        [property: JsonRequired] long At,
        [property: JsonRequired] Bytes32 Transaction,
        [property: JsonRequired] ImmutableArray<OutPoint> Inputs,
        [property: JsonRequired] ImmutableDictionary<string, UInt128> Spent,
        [property: JsonRequired] UInt128 Fee,
        Bytes32? Pays = null) : JournalLine;

    /// <summary>An operator said that a transaction will never be on the chain, so that its cells may be spent by another.</summary>
    /// <param name="At">When, in milliseconds since 1970.</param>
    /// <param name="Transaction">Its hash.</param>
    /// <param name="Reason">The operator's words.</param>
    /// <param name="By">The user id of whoever asked.</param>
    public sealed record Forgotten(
        [property: JsonRequired] long At,
        [property: JsonRequired] Bytes32 Transaction,
        [property: JsonRequired] string Reason,
        [property: JsonRequired] uint By) : JournalLine;
}

/// <summary>
/// How a line stands in the file: a check, a space, JSON. The check follows from the line and from all before it, so that a line that was
/// changed, taken out or put elsewhere is seen.
/// </summary>
internal static class JournalText
{
    private const int CheckBytes = 8;
    private const int CheckLetters = 2 * CheckBytes;

    /// <summary>What the first line's check follows from.</summary>
    public static string Start { get; } = new('0', CheckLetters);

    /// <summary>The line without its end, and its check.</summary>
    public static (string Text, string Check) Write(JournalLine line, string before)
    {
        var json = JsonSerializer.Serialize(line, JournalJson.Default.JournalLine);
        var check = CheckOf(before, Encoding.UTF8.GetBytes(json));
        return ($"{check} {json}", check);
    }

    /// <summary>Null where the line isn't what was written there.</summary>
    public static (JournalLine Line, string Check)? Read(ReadOnlySpan<byte> text, string before)
    {
        if (text.Length <= CheckLetters || text[CheckLetters] != (byte)' ')
        {
            return null;
        }

        var json = text[(CheckLetters + 1)..];
        var check = CheckOf(before, json);
        try
        {
            return Encoding.ASCII.GetString(text[..CheckLetters]) == check
                && JsonSerializer.Deserialize(json, JournalJson.Default.JournalLine) is { } line
                ? (line, check)
                : null;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return null;
        }
    }

    private static string CheckOf(string before, ReadOnlySpan<byte> json)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData([.. Encoding.ASCII.GetBytes(before), .. json], hash);
        return Convert.ToHexStringLower(hash[..CheckBytes]);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(Bytes32Json), typeof(OutPointJson), typeof(UnitsJson)])]
[JsonSerializable(typeof(JournalLine))]
internal sealed partial class JournalJson : JsonSerializerContext;

internal sealed class Bytes32Json : JsonConverter<Bytes32>
{
    public override Bytes32 Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Bytes32.TryParse(reader.GetString(), out var value)
            ? value
            : throw new JsonException("Not 0x and 64 hexadecimal digits.");

    public override void Write(Utf8JsonWriter writer, Bytes32 value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToHex());
}

/// <summary>The hash, a colon and the index.</summary>
internal sealed class OutPointJson : JsonConverter<OutPoint>
{
    public override OutPoint Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && reader.GetString()!.Split(':') is [var hash, var index]
        && Bytes32.TryParse(hash, out var transaction)
        && uint.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new(transaction, number)
            : throw new JsonException("Not a transaction's hash, a colon and an index.");

    public override void Write(Utf8JsonWriter writer, OutPoint value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}

/// <summary>Smallest units as decimal digits in a string: programs that read numbers as fractions would round them.</summary>
internal sealed class UnitsJson : JsonConverter<UInt128>
{
    public override UInt128 Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String
        && UInt128.TryParse(reader.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new JsonException("Not decimal digits in a string.");

    public override void Write(Utf8JsonWriter writer, UInt128 value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
}
