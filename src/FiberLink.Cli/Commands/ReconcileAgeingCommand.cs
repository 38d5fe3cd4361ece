using System.CommandLine;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Service;
using FiberLink.Service.Reconciliation;
using FiberLink.Service.Startup;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Cli.Commands;

/// <summary><c>reconcile ageing</c>: what waits, which is no difference, and for how long.</summary>
internal static class ReconcileAgeingCommand
{
    public static Command Build(SharedOptions shared)
    {
        var app = new Option<string?>("--app") { Description = "Only this community, and nothing of the hub's own." };
        var ageing = new Command(
            "ageing",
            """
            List what is not over and is no difference, by how long it has been so: what is held at the node, in suspense, under way, taken
            back, or waits for somebody. Exit codes: 0 done; 2 wrong usage or settings; 3 the database does not answer.
            """)
        {
            app,
        };
        ageing.SetAction(async (parsed, ct) =>
        {
            await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
            if (parsed.GetValue(app) is { } tenant)
            {
                await NodeTools.RequireAppAsync(tools, tenant, ct);
            }

            await SayAsync(tools, parsed.GetValue(app), parsed.GetValue(shared.Json), ct);
            return ExitCode.Done;
        });
        return ageing;
    }

    public static async Task SayAsync(IServiceProvider tools, string? app, bool asJson, CancellationToken ct)
    {
        var items = await tools.GetRequiredService<OpenItemsQuery>().ReadAsync(app, ct);
        var assets = tools.GetRequiredService<AssetSettings>();
        if (asJson)
        {
            await Printer.JsonLineAsync(new JsonObject
            {
                ["waiting"] = new JsonArray([.. items.Select(i => (JsonNode)new JsonObject
                {
                    ["what"] = i.What,
                    ["age"] = i.Age.Name(),
                    ["asset"] = i.Amount.Asset.Code,
                    ["count"] = i.Count,
                    ["units"] = i.Amount.Units.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    ["since"] = i.Since,
                })]),
            });
            return;
        }

        if (items.Count == 0)
        {
            await Console.Out.WriteLineAsync("Nothing waits.");
            return;
        }

        await Printer.TableAsync(
            ["WAITS", "FOR", "COUNT", "ABOUT", "OLDEST SINCE"],
            [.. items.Select(i => (IReadOnlyList<string>)
            [
                i.What, i.Age.Name(), ReconcilePrinter.Number(i.Count), ReconcilePrinter.Text(i.Amount.Asset.Code, i.Amount.Units, assets),
                $"{i.Since:u}",
            ])]);
    }
}
