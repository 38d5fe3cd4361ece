using System.CommandLine;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.HubNode;
using FiberLink.Service;
using FiberLink.Service.Reconciliation;
using FiberLink.Service.Startup;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Cli.Commands;

/// <summary><c>reconcile</c>, and of its parts <c>node</c>: compares every invoice and payment the node knows with the log.</summary>
internal static class ReconcileCommand
{
    private const string NotListed =
        "Invoices that the node has and the log does not know cannot be found: a node does not list its invoices.";

    private static readonly TimeSpan WaitStandard = TimeSpan.FromSeconds(15);

    public static Command Build(SharedOptions shared)
    {
        var app = new Option<string?>("--app") { Description = "Only this community, and no payments, which are the node's as a whole." };
        var repair = new Option<bool>("--repair")
        {
            Description = "Mend what is safe: what the node was paid or knows, and the log does not, goes into the inbox.",
        };
        var wait = Durations.Option("--wait", "How long to wait for the running service to handle what is mended [default: 15s]");
        var node = new Command(
            "node",
            $"""
            Compare every invoice of the log with the node's, and every payment of the node with the log's. With --json a line for each
            difference, and one for the totals. docs/runbooks/reconcile.md says what each kind means and what to do.

            {NotListed}

            Exit codes: 0 everything agrees, or with --repair was mended and handled; 1 something differs; 2 wrong usage or settings;
            3 the database or the node does not answer.
            """)
        {
            app, repair, wait,
        };
        node.SetAction((parsed, ct) => RunAsync(
            shared, parsed, new(parsed.GetValue(app), parsed.GetValue(repair)), parsed.GetValue(wait) ?? WaitStandard, ct));
        return new Command("reconcile", "Compares the log with what is kept of it, and with what is outside.")
        {
            node,
            ReconcileBooksCommand.Build(shared),
            ReconcileChainCommand.Build(shared),
            ReconcileAllCommand.Build(shared),
            ReconcileAgeingCommand.Build(shared),
        };
    }

    private static async Task<int> RunAsync(
        SharedOptions shared, ParseResult parsed, ReconcileWish wish, TimeSpan patience, CancellationToken ct)
    {
        var settings = SettingsReader.ReadForDatabaseAndNode(shared.HomeOf(parsed).Variable);
        await using var tools = ServiceHost.BuildNodeTools(settings);
        if (wish.Tenant is { } tenant)
        {
            await NodeTools.RequireAppAsync(tools, tenant, ct);
        }

        await NodeTools.RequireNodeAsync(tools, settings, ct);
        return await RunAsync(tools, wish, patience, parsed.GetValue(shared.Json), ct);
    }

    /// <returns>The exit code.</returns>
    /// <exception cref="CommandFailedException">It was stopped.</exception>
    public static async Task<int> RunAsync(
        IServiceProvider tools, ReconcileWish wish, TimeSpan patience, bool asJson, CancellationToken ct)
    {
        var assets = tools.GetRequiredService<AssetSettings>();
        ReconcileReport report;
        try
        {
            report = await tools.GetRequiredService<NodeReconciliation>().RunAsync(
                wish, d => ReconcilePrinter.TellAsync(d, asJson, assets), ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            throw new CommandFailedException(
                ExitCode.Refused, "Stopped before everything was compared. What was put into the inbox stays there; repeating is safe.");
        }

        var fates = await tools.GetRequiredService<MessageFatesQuery>().WaitAsync(report.News, patience, ct);
        var stillDifferent = await tools.GetRequiredService<NodeReconciliation>().CountStillDifferentAsync(report, ct);
        await (asJson
            ? Printer.JsonLineAsync(Json(report, fates, stillDifferent))
            : SayAsync(wish, report, fates, stillDifferent, assets));
        return Code(wish, report, stillDifferent);
    }

    private static int Code(ReconcileWish wish, ReconcileReport report, int stillDifferent)
    {
        var isMended = wish.Repair && report.Repairable.Values.Sum() == report.Differences && stillDifferent == 0;
        var areCompared = report.PaymentsFailure is null or NodeFailure.NotOffered;
        return report.Tips > 0 && report.Counts.GetValueOrDefault(DifferenceKind.NoAnswer) == report.Tips ? ExitCode.Unavailable
            : areCompared && (report.Differences == 0 || isMended) ? ExitCode.Done
            : ExitCode.Refused;
    }

    private static async Task SayAsync(
        ReconcileWish wish, ReconcileReport report, MessageFates fates, int stillDifferent, AssetSettings assets)
    {
        await ReconcilePrinter.SummaryAsync(report, wish.Repair, assets);
        await Console.Out.WriteLineAsync(
            $"{Number(report.Tips)} invoices and {Number(report.Payments)} payments compared, at position {Number(report.Head)}: "
            + (report.Differences == 0 ? "no difference." : $"{Number(report.Differences)} differences."));
        if (report.InSuspense > 0)
        {
            await Console.Out.WriteLineAsync(
                $"{Number(report.InSuspense)} are in suspense: paid, but not as ordered. See docs/runbooks/alarms.md, 2001.");
        }

        await Console.Out.WriteLineAsync(NotListed);
        if (PaymentsNote(report) is { } note)
        {
            await Console.Error.WriteLineAsync(note);
        }

        await NodeTools.SayFatesAsync(fates);
        if (report.Mended.Count > 0)
        {
            await Console.Out.WriteLineAsync($"Mended: {Number(report.Mended.Count - stillDifferent)} of {Number(report.Mended.Count)}.");
        }
    }

    private static string? PaymentsNote(ReconcileReport report) =>
        report.PaymentsFailure switch
        {
            null => null,
            NodeFailure.NotOffered => "The payments were not compared: the node is too old to list them.",
            NodeFailure.Unauthorized => "The payments were not compared: the node wants another token, or does not have list_payments.",
            var other => $"The payments were not all compared: {other}.",
        };

    private static JsonObject Json(ReconcileReport report, MessageFates fates, int stillDifferent)
    {
        var json = new JsonObject
        {
            ["invoices"] = report.Tips,
            ["payments"] = report.Payments,
            ["position"] = report.Head,
            ["inSuspense"] = report.InSuspense,
            ["news"] = NodeTools.Json(fates),
            ["mended"] = report.Mended.Count - stillDifferent,
            ["notMended"] = stillDifferent,
            ["notes"] = new JsonArray([.. new[] { NotListed, PaymentsNote(report) }.OfType<string>().Select(n => (JsonNode)n)]),
        };
        ReconcilePrinter.Add(json, report);
        return json;
    }

    private static string Number(long number) => ReconcilePrinter.Number(number);
}
