using System.CommandLine;
using System.Text.Json.Nodes;
using FiberLink.Cli.Doctor;
using FiberLink.Cli.Output;
using FiberLink.Service;
using FiberLink.Service.Startup;
using FiberLink.Service.Treasury.Administration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace FiberLink.Cli.Commands;

/// <summary><c>status</c>: how things are, on one screen.</summary>
internal static class StatusCommand
{
    public static Command Build(SharedOptions shared)
    {
        var status = new Command(
            "status",
            """
            Show how things are, on one screen: service nodes, log, checkpoint, read models, messages, tips, withdrawals, suspense,
            treasury. It asks the database and nobody else; 'doctor' looks at settings, node, chain and signer, too.

            Exit codes: 0 nothing needs anybody; 1 something does; 3 the database does not answer.
            """);
        status.SetAction((parsed, ct) => RunAsync(shared, parsed, ct));
        return status;
    }

    private static async Task<int> RunAsync(SharedOptions shared, ParseResult parsed, CancellationToken ct)
    {
        await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
        var assets = tools.GetRequiredService<AssetSettings>();
        var overview = await Overview.ReadAsync(tools.GetRequiredService<NpgsqlDataSource>(), TimeProvider.System, ct);
        var treasury = await tools.GetRequiredService<TreasuryReports>().StatusAsync(ct);
        var findings = OverviewFindings.Of(overview, treasury.Alarms, a => TreasuryStatusPrinter.Sentence(a, assets), assets);
        await (parsed.GetValue(shared.Json) ? Printer.JsonAsync(Json(overview, findings, assets)) : FindingsPrinter.PrintAsync(findings));
        return findings.Any(f => f.Condition is not Condition.Good) ? ExitCode.Refused : ExitCode.Done;
    }

    private static JsonObject Json(Overview o, IReadOnlyList<Finding> findings, AssetSettings assets) => new()
    {
        ["at"] = o.At,
        ["needsAttention"] = findings.Any(f => f.Condition is not Condition.Good),
        ["position"] = o.Log.Position,
        ["lastEventAt"] = o.Log.LastAt,
        ["checkpoint"] = o.Checkpoint is { } c ? new JsonObject { ["size"] = c.Size, ["signedAt"] = c.SignedAt } : null,
        ["nodes"] = new JsonArray([.. o.Nodes.Select(n => (JsonNode)n.Name)]),
        ["lag"] = o.Shards.Max(s => s.Lag),
        ["lagSeconds"] = o.Shards.Max(s => s.LagTime.TotalSeconds),
        ["messages"] = new JsonArray([.. o.Messages.GroupBy(g => g.State, StringComparer.Ordinal).Select(g => (JsonNode)new JsonObject
        {
            ["state"] = g.Key, ["count"] = g.Sum(b => b.Count), ["oldestDueAt"] = g.Min(b => b.OldestDueAt),
        })]),
        ["tipsToday"] = new JsonObject { ["requested"] = o.Tips.Requested, ["settled"] = o.Tips.Settled, ["open"] = o.Tips.Open },
        ["withdrawals"] = new JsonArray([.. o.Withdrawals.Select(w => (JsonNode)new JsonObject
        {
            ["stage"] = w.Stage, ["count"] = w.Count, ["needApproval"] = w.NeedApproval, ["oldest"] = w.Oldest,
        })]),
        ["suspense"] = new JsonArray([.. o.Suspense.Select(s => (JsonNode)new JsonObject
        {
            ["appId"] = s.Tenant, ["asset"] = s.Asset.Code, ["amount"] = assets.Format(s.Asset, s.Units),
        })]),
        ["findings"] = FindingsPrinter.Json(findings),
    };
}
