using System.CommandLine;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Domain.Withdrawals;
using FiberLink.Projections.Adjustments;
using FiberLink.Service;
using FiberLink.Service.Adjustments;
using FiberLink.Service.Reconciliation.Books;
using FiberLink.Service.Startup;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Cli.Commands;

/// <summary><c>reconcile books</c>: compares the log with the books, the balances, and what is shown of tips and withdrawals.</summary>
internal static class ReconcileBooksCommand
{
    public static Command Build(SharedOptions shared)
    {
        var app = new Option<string?>("--app") { Description = "Only this community." };
        var repair = new Option<bool>("--repair")
        {
            Description = "Ask for the corrections of the books that are proposed; another person must agree to each ('adjust approve').",
        };
        var by = new Option<string?>("--by") { Description = "With --repair: who asks for them; it is kept." };
        var reason = new Option<string?>("--reason") { Description = "With --repair: why; it is kept." };
        var books = new Command(
            "books",
            """
            Compare the log with what is kept of it: each posting with the books, each balance with its postings, each tip and withdrawal
            with what is shown of it and with what it credits or debits. With --json a line for each difference, and one for the totals.
            docs/runbooks/reconcile.md says what each kind means and what to do.

            Exit codes: 0 everything agrees; 1 something differs; 2 wrong usage or settings; 3 the database does not answer.
            """)
        {
            app, repair, by, reason,
        };
        books.SetAction(async (parsed, ct) =>
        {
            var words = WordsOf(parsed.GetValue(repair), parsed.GetValue(by), parsed.GetValue(reason));
            await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
            if (parsed.GetValue(app) is { } tenant)
            {
                await NodeTools.RequireAppAsync(tools, tenant, ct);
            }

            return await RunAsync(tools, parsed.GetValue(app), words, parsed.GetValue(shared.Json), ct);
        });
        return books;
    }

    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(
        IServiceProvider tools, string? app, (string By, string Reason)? repair, bool asJson, CancellationToken ct)
    {
        var assets = tools.GetRequiredService<AssetSettings>();
        var report = await tools.GetRequiredService<BooksReconciliation>().RunAsync(
            app, d => ReconcilePrinter.TellAsync(d, asJson, assets), ct);
        var asked = repair is { } words ? await AskAsync(tools, report, words, ct) : [];
        await (asJson ? Printer.JsonLineAsync(Json(report, asked)) : SayAsync(report, asked, repair is not null, assets));
        return report.Differences == 0 ? ExitCode.Done : ExitCode.Refused;
    }

    /// <summary>Who asks for corrections, and why; null when nobody does.</summary>
    /// <exception cref="CommandFailedException">One of them is missing, or no line of text.</exception>
    public static (string By, string Reason)? WordsOf(bool repair, string? by, string? reason) =>
        !repair ? null
        : by is null || reason is null || OperatorWords.Objection(by, reason) is not null
            ? throw new CommandFailedException(ExitCode.Usage, "--repair needs --by and --reason: one line each.")
        : (by, reason);

    private static async Task<List<Asked>> AskAsync(
        IServiceProvider tools, BooksReport report, (string By, string Reason) words, CancellationToken ct)
    {
        var administration = tools.GetRequiredService<AdjustmentAdministration>();
        var adjustments = tools.GetRequiredService<AdjustmentsQuery>();
        var asked = new List<Asked>();
        foreach (var c in report.Corrections)
        {
            if (await adjustments.FindAsync(c.Id, ct) is { } row)
            {
                asked.Add(new(c.Id, IsNew: false, row.Stage.ToString()));
                continue;
            }

            asked.Add(await administration.RequestAsync(
                c.Id, c.App, c.From, c.To, c.Amount, isNewMember: true, words.By, words.Reason, ct) switch
            {
                AdjustmentAnswer.Done done => new(c.Id, done.IsNew, nameof(AdjustmentStage.Requested)),
                AdjustmentAnswer.Refused refused => new(c.Id, IsNew: false, refused.Why),
                var other => throw new System.Diagnostics.UnreachableException($"{other}"),
            });
        }

        return asked;
    }

    private static async Task SayAsync(BooksReport report, List<Asked> asked, bool isRepairing, AssetSettings assets)
    {
        await ReconcilePrinter.SummaryAsync(report, isRepairing, assets);
        await Console.Out.WriteLineAsync(
            $"{Number(report.Entries)} postings, {Number(report.Tips)} tips and {Number(report.Withdrawals)} withdrawals compared, "
            + $"at position {Number(report.Head)}: "
            + (report.Differences == 0 ? "no difference." : $"{Number(report.Differences)} differences."));
        if (report.Position < report.Head)
        {
            await Console.Out.WriteLineAsync(
                $"The books end at position {Number(report.Position)}; what came later was compared with the balances only.");
        }

        if (report.Corrected > 0)
        {
            await Console.Out.WriteLineAsync($"{Number(report.Corrected)} differences in the log were corrected by adjustments.");
        }

        if (report.Moving > 0)
        {
            await Console.Out.WriteLineAsync($"{Number(report.Moving)} changed at every look and were not compared: run it again.");
        }

        foreach (var one in asked)
        {
            await Console.Out.WriteLineAsync($"{(one.IsNew ? "asked for" : "not asked for again")}: {one.Id} ({one.Stage})");
        }
    }

    private static JsonObject Json(BooksReport report, List<Asked> asked)
    {
        var json = new JsonObject
        {
            ["postings"] = report.Entries,
            ["tips"] = report.Tips,
            ["withdrawals"] = report.Withdrawals,
            ["position"] = report.Head,
            ["booksPosition"] = report.Position,
            ["corrected"] = report.Corrected,
            ["moving"] = report.Moving,
            ["asked"] = new JsonArray([.. asked.Select(a => (JsonNode)new JsonObject
            {
                ["id"] = a.Id,
                ["isNew"] = a.IsNew,
                ["stage"] = a.Stage,
            })]),
        };
        ReconcilePrinter.Add(json, report);
        return json;
    }

    private static string Number(long number) => ReconcilePrinter.Number(number);

    private sealed record Asked(Guid Id, bool IsNew, string Stage);
}
