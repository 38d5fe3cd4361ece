using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Events.Money;
using FiberLink.EventStore;
using FiberLink.Projections.AccountBalances;
using FiberLink.Service;
using FiberLink.Service.Ledger;
using FiberLink.Service.Startup;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Cli.Commands;

/// <summary><c>balance</c>: what a member has.</summary>
internal static class BalanceCommand
{
    public static Command Build(SharedOptions shared)
    {
        var app = new Argument<string>("app") { Description = "The community." };
        var member = new Argument<string>("member") { Description = "The member." };
        var asOf = Points.AsOf();
        var command = new Command("balance", "Show what a member has, in each asset: available, and held by open withdrawals.")
        {
            app, member, asOf,
        };
        command.SetAction((parsed, ct) =>
            RunAsync(shared, parsed, parsed.GetValue(app)!, parsed.GetValue(member)!, parsed.GetValue(asOf), ct));
        return command;
    }

    private static async Task<int> RunAsync(
        SharedOptions shared, ParseResult parsed, string app, string member, LogPoint? asOf, CancellationToken ct)
    {
        var settings = shared.HomeOf(parsed).ToolSettings();
        await using var tools = ServiceHost.BuildTools(settings);
        var assets = tools.GetRequiredService<AssetSettings>();
        await NodeTools.RequireAppAsync(tools, app, ct);
        var books = tools.GetRequiredService<LedgerBooks>();
        var point = asOf is null ? null : await Points.FindAsync(books, asOf, ct);
        var balances = point is null
            ? await tools.GetRequiredService<AccountBalancesQuery>().OfMemberAsync(app, member, ct)
            : await books.BalancesAsync(app, member, point.Position, ct);
        var rows = balances
            .GroupBy(b => b.Asset)
            .Select(g => (Asset: g.Key, Available: Units(g, Account.MemberAvailable), Held: Units(g, Account.MemberHeld)))
            .ToArray();
        if (parsed.GetValue(shared.Json))
        {
            await Printer.JsonAsync(new JsonObject
            {
                ["appId"] = app,
                ["userId"] = member,
                ["asOf"] = point is null ? null : Points.Json(point),
                ["balances"] = new JsonArray([.. rows.Select(r => (JsonNode)new JsonObject
                {
                    ["asset"] = r.Asset.Code,
                    ["available"] = assets.Format(r.Asset, r.Available),
                    ["held"] = assets.Format(r.Asset, r.Held),
                    ["availableUnits"] = r.Available.ToString(CultureInfo.InvariantCulture),
                    ["heldUnits"] = r.Held.ToString(CultureInfo.InvariantCulture),
                })]),
            });
            return ExitCode.Done;
        }

        if (rows.Length == 0)
        {
            await Console.Out.WriteLineAsync(point is null
                ? $"{member} of {app} has nothing and never had."
                : $"{member} of {app} had nothing, and never had: as of {Points.Text(point)}.");
            return ExitCode.Done;
        }

        if (point is not null)
        {
            await Console.Out.WriteLineAsync($"As of {Points.Text(point)}:");
        }

        await Printer.TableAsync(
            ["ASSET", "AVAILABLE", "HELD"],
            [.. rows.Select(r => (IReadOnlyList<string>)
                [r.Asset.Code, assets.Format(r.Asset, r.Available), assets.Format(r.Asset, r.Held)])]);
        return ExitCode.Done;
    }

    private static Int128 Units(IEnumerable<AccountBalance> balances, Account account) =>
        balances.Where(b => b.Account == account).Select(b => b.Units).SingleOrDefault();
}
