using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Events.Money;
using FiberLink.Projections.AccountBalances;
using FiberLink.Projections.LedgerEntries;
using FiberLink.Service.Startup;

namespace FiberLink.Cli.Commands;

/// <summary>Each account of a community, added up over its members.</summary>
internal sealed class TrialBalance
{
    /// <param name="balances">Every account.</param>
    public TrialBalance(IReadOnlyList<AccountBalance> balances)
    {
        Rows =
        [
            .. balances.GroupBy(b => (b.Asset, b.Account))
                .Select(g => (g.Key.Asset, g.Key.Account, g.Count(b => b.Member is not null), Sum(g)))
                .OrderBy(r => r.Asset.Code, StringComparer.Ordinal).ThenBy(r => r.Account),
        ];
        Sums = [.. balances.GroupBy(b => b.Asset).Select(g => (g.Key, Sum(g)))];
    }

    public IReadOnlyList<(Asset Asset, Account Account, int Members, Int128 Units)> Rows { get; }

    public IReadOnlyList<(Asset Asset, Int128 Units)> Sums { get; }

    /// <summary>Whether each asset sums to zero.</summary>
    public bool IsBalanced => Sums.All(s => s.Units == 0);

    private static Int128 Sum(IEnumerable<AccountBalance> balances) => balances.Aggregate(Int128.Zero, (sum, b) => checked(sum + b.Units));
}

/// <summary>Prints balances and postings, wherever they were read from.</summary>
internal static class LedgerPrinter
{
    public static Task TableAsync(TrialBalance trial, AssetSettings assets) => Printer.TableAsync(
        ["ACCOUNT", "MEMBERS", "AMOUNT", "ASSET"],
        [
            .. trial.Rows.Select(r => (IReadOnlyList<string>)
            [
                r.Account.ToString(), Posting.BelongsToMember(r.Account) ? $"{r.Members}" : "-",
                assets.Format(r.Asset, r.Units), r.Asset.Code,
            ]),
            .. trial.Sums.Select(s => (IReadOnlyList<string>)["sum", "", assets.Format(s.Asset, s.Units), s.Asset.Code]),
        ]);

    public static JsonObject Json(TrialBalance trial, AssetSettings assets) => new()
    {
        ["accounts"] = new JsonArray([.. trial.Rows.Select(r => (JsonNode)new JsonObject
        {
            ["asset"] = r.Asset.Code,
            ["account"] = r.Account.ToString(),
            ["members"] = r.Members,
            ["amount"] = assets.Format(r.Asset, r.Units),
            ["units"] = r.Units.ToString(CultureInfo.InvariantCulture),
        })]),
        ["sums"] = new JsonObject(trial.Sums.Select(s =>
            KeyValuePair.Create(s.Asset.Code, (JsonNode?)s.Units.ToString(CultureInfo.InvariantCulture)))),
    };

    /// <summary>What a member's accounts stood at, on one line.</summary>
    public static async Task SayAsync(string when, IReadOnlyList<AccountBalance> balances, AssetSettings assets) =>
        await Console.Out.WriteLineAsync(
            $"{when}: "
            + (balances.Count == 0
                ? "nothing"
                : string.Join(", ", balances.Select(b => $"{b.Account} {assets.Format(b.Asset, b.Units)} {b.Asset.Code}"))));

    public static JsonObject Json(LedgerEntry e, AssetSettings assets) => new()
    {
        ["position"] = e.Position,
        ["posting"] = e.Number,
        ["at"] = e.At,
        ["account"] = e.Account.ToString(),
        ["member"] = e.Member,
        ["asset"] = e.Asset.Code,
        ["amount"] = assets.Format(e.Asset, e.Units),
        ["units"] = e.Units.ToString(CultureInfo.InvariantCulture),
        ["balance"] = assets.Format(e.Asset, e.Balance),
        ["balanceUnits"] = e.Balance.ToString(CultureInfo.InvariantCulture),
        ["eventId"] = e.EventId,
        ["event"] = e.Event,
        ["stream"] = e.Stream,
    };

    public static JsonArray Json(IReadOnlyList<AccountBalance> balances, AssetSettings assets) =>
        new([.. balances.Select(b => (JsonNode)new JsonObject
        {
            ["account"] = b.Account.ToString(),
            ["asset"] = b.Asset.Code,
            ["amount"] = assets.Format(b.Asset, b.Units),
            ["units"] = b.Units.ToString(CultureInfo.InvariantCulture),
        })]);
}
