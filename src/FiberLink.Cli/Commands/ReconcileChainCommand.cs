using System.CommandLine;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Service;
using FiberLink.Service.Reconciliation;
using FiberLink.Service.Reconciliation.OnChain;
using FiberLink.Service.Startup;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Cli.Commands;

/// <summary><c>reconcile chain</c>: compares what the log says of its transactions, and the books of the wallet, with the chain.</summary>
internal static class ReconcileChainCommand
{
    public static readonly TimeSpan SinceStandard = TimeSpan.FromDays(1);

    public static Command Build(SharedOptions shared)
    {
        var app = new Option<string?>("--app") { Description = "Only this community's withdrawals, and nothing of the hub's own." };
        var since = Durations.Option("--since", "Of what is final, only what changed within this time [default: 1d]");
        var chain = new Command(
            "chain",
            """
            Ask the chain for every transaction that is not final, or changed lately: whether it is where the log has it, what its recipient
            got, whether the cells that it spends are there, and whether the wallet has what the books say. It only reads.
            docs/runbooks/reconcile.md says what each kind means and what to do.

            Exit codes: 0 everything agrees; 1 something differs; 2 wrong usage or settings, or no chain is set up; 3 the database or the
            chain's node does not answer.
            """)
        {
            app, since,
        };
        chain.SetAction(async (parsed, ct) =>
        {
            var settings = SettingsReader.ReadForDatabaseAndNode(shared.HomeOf(parsed).Variable);
            await using var tools = ServiceHost.BuildNodeTools(settings);
            if (parsed.GetValue(app) is { } tenant)
            {
                await NodeTools.RequireAppAsync(tools, tenant, ct);
            }

            if (!tools.GetRequiredService<ChainReconciliation>().IsSetUp)
            {
                throw new CommandFailedException(
                    ExitCode.Usage, $"No chain is set up: {ServiceSettings.Names.CkbUrl} and what goes with it are not set.");
            }

            return await RunAsync(
                tools, parsed.GetValue(app), parsed.GetValue(since) ?? SinceStandard, parsed.GetValue(shared.Json), ct);
        });
        return chain;
    }

    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(IServiceProvider tools, string? app, TimeSpan since, bool asJson, CancellationToken ct)
    {
        var assets = tools.GetRequiredService<AssetSettings>();
        var from = tools.GetRequiredService<TimeProvider>().GetUtcNow() - since;
        var report = await tools.GetRequiredService<ChainReconciliation>().RunAsync(
            new(app, from), d => ReconcilePrinter.TellAsync(d, asJson, assets), ct);
        await (asJson ? Printer.JsonLineAsync(Json(report)) : SayAsync(report, assets));
        return report.Transactions > 0 && report.Counts.GetValueOrDefault(DifferenceKind.NoAnswer) == report.Transactions
                ? ExitCode.Unavailable
            : report.Differences > 0 ? ExitCode.Refused
            : ExitCode.Done;
    }

    private static async Task SayAsync(ChainReport report, AssetSettings assets)
    {
        await ReconcilePrinter.SummaryAsync(report, isRepairing: false, assets);
        await Console.Out.WriteLineAsync(
            $"{ReconcilePrinter.Number(report.Transactions)} transactions and {ReconcilePrinter.Number(report.Cells)} cells compared: "
            + (report.Differences == 0 ? "no difference." : $"{ReconcilePrinter.Number(report.Differences)} differences."));
        if (report.Lines.Count > 0)
        {
            await Printer.TableAsync(
                ["PLACE", "ASSET", "BOOKS", "SEEN", "NOT EXPLAINED"],
                [.. report.Lines.Select(l => (IReadOnlyList<string>)
                [
                    l.Place.ToString(),
                    l.Asset.Code,
                    assets.Format(l.Asset, l.Books),
                    l.Seen is { } seen ? assets.Format(new(l.Asset, seen)) : "nobody could look",
                    l.Unexplained is { } units ? assets.Format(l.Asset, units) : "no capital booked",
                ])]);
        }
    }

    private static JsonObject Json(ChainReport report)
    {
        var invariant = System.Globalization.CultureInfo.InvariantCulture;
        var json = new JsonObject
        {
            ["transactions"] = report.Transactions,
            ["cells"] = report.Cells,
            ["inventory"] = new JsonArray([.. report.Lines.Select(l => (JsonNode)new JsonObject
            {
                ["place"] = l.Place.ToString(),
                ["asset"] = l.Asset.Code,
                ["books"] = l.Books.ToString(invariant),
                ["seen"] = l.Seen?.ToString(invariant),
                ["unexplained"] = l.Unexplained?.ToString(invariant),
            })]),
        };
        ReconcilePrinter.Add(json, report);
        return json;
    }
}
