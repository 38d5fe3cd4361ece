using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FiberLink.Domain.Money;
using FiberLink.Events.Money;

namespace FiberLink.Cli.Output;

/// <summary>
/// The main facts of an event on one line, whatever event it is: amounts as people write them, postings, and every other value with its
/// name. Long texts are shortened, and nothing that is sealed is shown; <c>--json</c> has all of it.
/// </summary>
/// <param name="amount">Writes an amount with its asset.</param>
internal sealed class EventFacts(Func<Asset, Int128, string> amount)
{
    private const int TextMax = 44;
    private const int TextEnd = 8;

    // A happening tells of its own moment once more, some way into the same second.
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(5);

    /// <summary>Where no settings are at hand: only CKB's decimals are known, as they are nobody's choice.</summary>
    public static EventFacts Offline { get; } = new((asset, units) => asset == Asset.Ckb
        ? $"{AmountText.Format(units, AssetDefinition.Ckb.Decimals)} {asset}"
        : string.Create(CultureInfo.InvariantCulture, $"{units} smallest units of {asset}"));

    /// <summary>Writes an amount with its asset.</summary>
    public string Amount(Asset asset, Int128 units) => amount(asset, units);

    /// <inheritdoc cref="Amount(Asset, Int128)"/>
    public string Amount(Amount of) => amount(of.Asset, (Int128)of.Units);

    /// <param name="body">The event's body, as it is stored.</param>
    /// <param name="stream">The key of its stream: the id in it is not told again.</param>
    /// <param name="at">When it was: moments near it are not told again.</param>
    public string Of(JsonNode body, string stream, DateTimeOffset at) =>
        Joined(body.AsObject().Where(p => !IsTold(p.Value, stream, at)));

    private static bool IsTold(JsonNode? value, string stream, DateTimeOffset at) =>
        value is JsonValue text && text.GetValueKind() == JsonValueKind.String
        && ((Guid.TryParse((string)text!, out var id) && stream.EndsWith(id.ToString("N"), StringComparison.Ordinal))
            || (Time((string)text!) is { } moment && (moment - at).Duration() <= Moment));

    private string Fact(string name, JsonNode? value) => value switch
    {
        null => "",
        JsonObject { Count: 2 } money when money["asset"] is { } asset && money["units"] is { } units =>
            $"{Words(name)} {Amount(asset, units)}",
        JsonObject entry when entry["postings"] is JsonArray postings => string.Join(", ", postings.Select(p => Posting(p!))),
        JsonObject { Count: 3 } sealedText when sealedText["ciphertext"] is not null => $"{Words(name)} sealed",
        JsonObject other => $"{Words(name)} ({Joined(other)})",
        JsonArray list => list.Count == 0 ? "" : $"{Words(name)} {string.Join(" ", list.Select(v => v is null ? "" : Text(v)))}",
        _ => value.GetValueKind() switch
        {
            JsonValueKind.False => "",
            JsonValueKind.True => Words(name),
            _ => $"{Words(name)} {Text(value)}",
        },
    };

    private string Joined(IEnumerable<KeyValuePair<string, JsonNode?>> properties) =>
        string.Join(", ", properties.Select(p => Fact(p.Key, p.Value)).Where(f => f.Length > 0));

    private string Posting(JsonNode posting)
    {
        var units = Int128.Parse((string)posting["units"]!, CultureInfo.InvariantCulture);
        var member = (string?)posting["member"] is { } whose ? $" {Printer.Printable(whose)}" : "";
        return $"{posting["account"]}{member} {(units > 0 ? "+" : "")}{amount(new Asset((string)posting["asset"]!), units)}";
    }

    // What a node reported may be no amount of ours.
    private string Amount(JsonNode asset, JsonNode units) =>
        Asset.IsCode(Text(asset))
        && Int128.TryParse((string?)units, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var read)
            ? amount(new Asset((string)asset!), read)
            : $"{Text(units)} {Text(asset)}";

    private static string Text(JsonNode value)
    {
        if (value.GetValueKind() is not JsonValueKind.String)
        {
            return value is JsonObject or JsonArray ? "…" : value.ToJsonString();
        }

        var text = (string)value!;
        return Time(text) is { } moment
            ? moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : Printer.Printable(text.Length <= TextMax ? text : $"{text[..(TextMax - TextEnd - 1)]}…{text[^TextEnd..]}");
    }

    private static DateTimeOffset? Time(string text) =>
        text.Length > 18 && text[10] == 'T'
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var read)
            ? read
            : null;

    // requestedAt: "requested at".
    private static string Words(string name) =>
        string.Concat(name.Select(c => char.IsAsciiLetterUpper(c) ? $" {char.ToLowerInvariant(c)}" : $"{c}"));
}
