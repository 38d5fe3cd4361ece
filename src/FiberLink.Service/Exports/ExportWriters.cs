using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using FiberLink.Events.Money;
using FiberLink.Projections;
using FiberLink.Projections.LedgerEntries;
using FiberLink.Service.Startup;

namespace FiberLink.Service.Exports;

/// <summary>How an export is written.</summary>
internal enum ExportFormat
{
    /// <summary>RFC 4180, with a head line.</summary>
    Csv = 1,

    /// <summary>A JSON object on each line.</summary>
    Jsonl = 2,

    /// <summary>Plain-text double-entry bookkeeping (beancount's syntax, version 2 and 3); the ledger alone.</summary>
    Beancount = 3,
}

/// <summary>Writes rows as they come.</summary>
internal static class ExportWriters
{
    private static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <returns>How many rows there were.</returns>
    public static async Task<long> CsvAsync(TableRows table, TextWriter writer, CancellationToken ct)
    {
        await LineAsync(table.Columns);
        var rows = 0L;
        await foreach (var row in table.Rows.WithCancellation(ct))
        {
            await LineAsync(row.Select(v => v is null ? "" : Text(v)));
            rows++;
        }

        return rows;

        Task LineAsync(IEnumerable<string> values) => writer.WriteAsync($"{string.Join(',', values.Select(Quoted))}\r\n".AsMemory(), ct);
    }

    /// <returns>How many rows there were.</returns>
    public static async Task<long> JsonLinesAsync(TableRows table, TextWriter writer, CancellationToken ct)
    {
        var rows = 0L;
        await foreach (var row in table.Rows.WithCancellation(ct))
        {
            await writer.WriteAsync($"{OnOneLine(Line(table.Columns, row))}\n".AsMemory(), ct);
            rows++;
        }

        return rows;
    }

    /// <summary>A row as an object, and as a line.</summary>
    public static JsonObject Line(IReadOnlyList<string> columns, object?[] row) =>
        new(columns.Zip(row, (name, value) => KeyValuePair.Create(name, Node(value))));

    public static string OnOneLine(JsonNode line) => line.ToJsonString(OneLine);

    /// <summary>A moment as exports have it: UTC, to the microsecond.</summary>
    public static string Moment(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>A transaction for each event. What the hub has is an asset there, so every sign is the other way round.</summary>
    /// <returns>How many postings there were.</returns>
    public static async Task<long> BeancountAsync(
        IAsyncEnumerable<LedgerEntry> entries, AssetSettings assets, TextWriter writer, CancellationToken ct)
    {
        await writer.WriteAsync("plugin \"beancount.plugins.auto_accounts\"\n".AsMemory(), ct);
        var (postings, last) = (0L, Guid.Empty);
        await foreach (var entry in entries.WithCancellation(ct))
        {
            if (entry.EventId != last)
            {
                last = entry.EventId;
                var date = entry.At.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
                var head = $"\n{date} * \"{entry.Event}\" \"{entry.Stream}\"\n  position: {entry.Position}\n  event: \"{entry.EventId}\"\n";
                await writer.WriteAsync(head.AsMemory(), ct);
            }

            await writer.WriteAsync(
                $"  {AccountOf(entry)}  {assets.Format(entry.Asset, -entry.Units)} {entry.Asset.Code}\n".AsMemory(), ct);
            postings++;
        }

        return postings;
    }

    private static string AccountOf(LedgerEntry entry) => entry.Account switch
    {
        Account.MemberAvailable => $"Liabilities:Members:Available:{NameOf(entry.Member!)}",
        Account.MemberHeld => $"Liabilities:Members:Held:{NameOf(entry.Member!)}",
        Account.HubChannels => "Assets:Hub:Channels",
        Account.HubOnChain => "Assets:Hub:Chain",
        Account.HubCold => "Assets:Hub:Cold",
        Account.HubKeptBack => "Assets:Hub:KeptBack",
        Account.HubCapital => "Equity:Hub",
        Account.WithinHub => "Assets:Hub:Within",
        Account.InFlight => "Assets:Hub:InFlight",
        Account.PlatformFees => "Income:PlatformFees",
        Account.NetworkFees => "Expenses:NetworkFees",
        Account.Suspense => "Liabilities:Suspense",
        _ => throw new ArgumentOutOfRangeException(nameof(entry), entry.Account, "No such account."),
    };

    // Names there are letters, digits and dashes: what has others is written as the hexadecimal digits of its UTF-8.
    private static string NameOf(string member) =>
        member.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
            ? $"M-{member}"
            : $"X-{Convert.ToHexStringLower(Encoding.UTF8.GetBytes(member))}";

    private static string Quoted(string text) =>
        text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    private static string Text(object value) => value switch
    {
        DateTimeOffset at => Moment(at),
        DateTime at => Moment(at),
        JsonNode json => json.ToJsonString(OneLine),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static JsonNode? Node(object? value) => value switch
    {
        null => null,
        long number => number,
        bool flag => flag,
        JsonNode json => json,
        _ => Text(value),
    };
}
