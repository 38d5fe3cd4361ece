using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using FiberLink.Crypto;
using FiberLink.Crypto.Sealing;
using FiberLink.EventStore.Sealing;

namespace FiberLink.Service.Audit.Packs;

/// <summary>The files of a pack, and how their lines are written and read.</summary>
internal static class PackText
{
    /// <summary>A signed note: the pack's other files, with their hashes.</summary>
    public const string Manifest = "manifest";

    /// <summary>A signed note: the log's root.</summary>
    public const string Checkpoint = "checkpoint";

    /// <summary>The log's keys, with their vouchers.</summary>
    public const string Keys = "keys.jsonl";

    /// <summary>A position, a space, and the event's canonical form.</summary>
    public const string Events = "events";

    /// <summary>What is between the events in the log's tree: a level and a hash.</summary>
    public const string Others = "others";

    /// <summary>What accounts stood at before the first event.</summary>
    public const string Opening = "opening.jsonl";

    /// <summary>What they stood at after the last.</summary>
    public const string Closing = "closing.jsonl";

    /// <summary>The postings, as 'export ledger' writes them.</summary>
    public const string Ledger = "ledger.csv";

    /// <summary>What was published of liabilities, with the salts.</summary>
    public const string Liabilities = "liabilities.jsonl";

    /// <summary>Every file of a community's pack but the manifest.</summary>
    public static IReadOnlyList<string> Files { get; } =
        [Checkpoint, Keys, Events, Others, Opening, Closing, Ledger, Liabilities];

    /// <summary>Every file of one member's pack but the manifest.</summary>
    public static IReadOnlyList<string> MemberFiles { get; } = [Checkpoint, Keys, Events, Others, Closing];

    private static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Line(SealKey key) => new JsonObject
    {
        ["number"] = key.Number, ["since"] = key.SinceSize, ["key"] = key.Key.ToString(), ["voucher"] = key.Voucher,
    }.ToJsonString(OneLine);

    /// <exception cref="FormatException">The line is none.</exception>
    public static SealKey ReadKey(string line)
    {
        var json = Parse(line);
        return NoteKey.TryParse((string?)json["key"], out var key)
            ? new((int)json["number"]!, key, (long)json["since"]!, (string?)json["voucher"])
            : throw new FormatException("It is no key.");
    }

    public static string Line(PackBalance balance) => new JsonObject
    {
        ["account"] = balance.Account,
        ["member"] = balance.Member,
        ["asset"] = balance.Asset,
        ["units"] = balance.Units.ToString(CultureInfo.InvariantCulture),
    }.ToJsonString(OneLine);

    public static PackBalance ReadBalance(string line)
    {
        var json = Parse(line);
        return new(
            Text(json, "account"),
            Text(json, "member"),
            Text(json, "asset"),
            Int128.Parse(Text(json, "units"), CultureInfo.InvariantCulture));
    }

    /// <summary>In the one order.</summary>
    public static IEnumerable<PackBalance> Ordered(IEnumerable<PackBalance> balances) =>
        balances.Where(b => b.Units != 0)
            .OrderBy(b => b.Asset, StringComparer.Ordinal).ThenBy(b => b.Account, StringComparer.Ordinal)
            .ThenBy(b => b.Member, StringComparer.Ordinal);

    public static string Line(LiabilityPublication publication, Bytes32? salt) => new JsonObject
    {
        ["position"] = publication.At,
        ["salt"] = salt?.ToHex(),
        ["data"] = JsonNode.Parse(LiabilityPublication.Write(publication.Body)),
    }.ToJsonString(OneLine);

    /// <exception cref="FormatException">The line is none.</exception>
    public static (LiabilityPublication Publication, Bytes32? Salt) ReadPublication(string app, string line)
    {
        var json = Parse(line);
        var body = LiabilityPublication.TryRead(Encoding.UTF8.GetBytes(json["data"]?.ToJsonString() ?? ""))
            ?? throw new FormatException("It is no publication.");
        return (new(app, (long)json["position"]!, body), (string?)json["salt"] is { } salt ? Bytes32.Parse(salt) : null);
    }

    private static JsonObject Parse(string line) => JsonNode.Parse(line) as JsonObject ?? throw new FormatException("A line is no object.");

    private static string Text(JsonObject json, string name) =>
        (string?)json[name] ?? throw new FormatException($"A line has no {name}.");
}

/// <summary>What an account stood at.</summary>
internal sealed record PackBalance(string Account, string Member, string Asset, Int128 Units);
