using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Events.Money;
using FiberLink.Projections.AccountBalances;
using FiberLink.Service;
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
        var command = new Command("balance", "Show what a member has, in each asset: available, and held by open withdrawals.")
        {
            app, member,
        };
        command.SetAction((parsed, ct) => RunAsync(shared, parsed, parsed.GetValue(app)!, parsed.GetValue(member)!, ct));
        return command;
    }

    private static async Task<int> RunAsync(SharedOptions shared, ParseResult parsed, string app, string member, CancellationToken ct)
    {
        var settings = shared.HomeOf(parsed).ToolSettings();
        await using var tools = ServiceHost.BuildTools(settings);
        var assets = tools.GetRequiredService<AssetSettings>();
        var balances = await tools.GetRequiredService<AccountBalancesQuery>().OfMemberAsync(app, member, ct);
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
            await Console.Out.WriteLineAsync($"{member} of {app} has nothing and never had.");
            return ExitCode.Done;
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
