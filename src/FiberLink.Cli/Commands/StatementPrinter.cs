using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Events.Money;
using FiberLink.Projections.AccountBalances;
using FiberLink.Service.Ledger;
using FiberLink.Service.Startup;

namespace FiberLink.Cli.Commands;

/// <summary>Prints what a member's balance is made of: each posting, why it was made, and what he had then.</summary>
internal sealed class StatementPrinter
{
    private static readonly string[] Head =
        ["POSITION", "TIME (UTC)", "ACCOUNT", "AMOUNT", "AVAILABLE", "HELD", "ASSET", "WHY", "STREAM"];

    private readonly AssetSettings _assets;
    private readonly Dictionary<(Asset Asset, Account Account), Int128> _balances;

    /// <param name="opening">What the accounts stood at before the first posting.</param>
    /// <param name="assets">How amounts are written.</param>
    public StatementPrinter(IEnumerable<AccountBalance> opening, AssetSettings assets) =>
        (_assets, _balances) = (assets, opening.ToDictionary(b => (b.Asset, b.Account), b => b.Units));

    /// <summary>All lines, as wide as the widest.</summary>
    public async Task TableAsync(IAsyncEnumerable<ExplainedEntry> entries)
    {
        var rows = new List<IReadOnlyList<string>>();
        await foreach (var (entry, why) in entries)
        {
            _balances[(entry.Asset, entry.Account)] = entry.Balance;
            rows.Add(
            [
                $"{entry.Position}", $"{entry.At.UtcDateTime:yyyy-MM-dd HH:mm:ss}", NameOf(entry.Account),
                _assets.Format(entry.Asset, entry.Units), Now(entry.Asset, Account.MemberAvailable), Now(entry.Asset, Account.MemberHeld),
                entry.Asset.Code, why, entry.Stream,
            ]);
        }

        if (rows.Count > 0)
        {
            await Printer.TableAsync(Head, rows);
        }
    }

    /// <summary>A line of JSON for each, as they come.</summary>
    /// <param name="entries">The postings.</param>
    public async Task JsonLinesAsync(IAsyncEnumerable<ExplainedEntry> entries)
    {
        await foreach (var explained in entries)
        {
            await Printer.JsonLineAsync(Json(explained));
        }
    }

    /// <summary>The next posting: they are told in their order.</summary>
    public JsonObject Json(ExplainedEntry explained)
    {
        var entry = explained.Entry;
        _balances[(entry.Asset, entry.Account)] = entry.Balance;
        var line = LedgerPrinter.Json(entry, _assets);
        line["available"] = Now(entry.Asset, Account.MemberAvailable);
        line["held"] = Now(entry.Asset, Account.MemberHeld);
        line["why"] = explained.Why;
        return line;
    }

    private static string NameOf(Account account) => account switch
    {
        Account.MemberAvailable => "available",
        Account.MemberHeld => "held",
        _ => account.ToString(),
    };

    private string Now(Asset asset, Account account) => _assets.Format(asset, _balances.GetValueOrDefault((asset, account)));
}
