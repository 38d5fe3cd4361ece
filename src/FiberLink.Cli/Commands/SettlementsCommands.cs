using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Projections.TipActivity;
using FiberLink.Service;
using FiberLink.Service.Reconciliation;
using FiberLink.Service.Startup;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Cli.Commands;

/// <summary><c>settlements backfill</c>: asks the node once more about every tip of a window of time.</summary>
internal static class SettlementsCommands
{
    private static readonly TimeSpan WaitStandard = TimeSpan.FromSeconds(15);

    public static Command Build(SharedOptions shared)
    {
        var app = new Option<string>("--app") { Description = "The community.", Required = true };
        var from = Moments.Required("--from", "Tips requested at this moment or later");
        var to = Moments.Required("--to", "Tips requested before this moment");
        var wait = Durations.Option("--wait", "How long to wait for the running service to handle what was found [default: 15s]");
        var backfill = new Command(
            "backfill",
            """
            Ask the node once more about every tip of a window of time that is not settled, also about those that are not asked about any
            more, and put what is news into the inbox. Nothing is credited twice. Can be stopped at any time and repeated.

            Exit codes: 0 everything was examined; 1 the node did not answer for, or does not know, some of it; 2 wrong usage or settings;
            3 the database or the node does not answer.
            """)
        {
            app, from, to, wait,
        };
        backfill.SetAction((parsed, ct) => RunAsync(
            shared,
            parsed,
            WindowOf(parsed.GetValue(app)!, parsed.GetValue(from), parsed.GetValue(to)),
            parsed.GetValue(wait) ?? WaitStandard,
            ct));
        return new Command("settlements", "Payments that the node has and the log may not.") { backfill };
    }

    private static TipWindow WindowOf(string app, DateTimeOffset from, DateTimeOffset to) =>
        from < to
            ? new(app, from, to)
            : throw new CommandFailedException(ExitCode.Usage, $"--to ({to:u}) must be later than --from ({from:u}).");

    private static async Task<int> RunAsync(
        SharedOptions shared, ParseResult parsed, TipWindow window, TimeSpan patience, CancellationToken ct)
    {
        var settings = SettingsReader.ReadForDatabaseAndNode(shared.HomeOf(parsed).Variable);
        var asJson = parsed.GetValue(shared.Json);
        await using var tools = ServiceHost.BuildNodeTools(settings);
        await NodeTools.RequireAppAsync(tools, window.Tenant, ct);
        await NodeTools.RequireNodeAsync(tools, settings, ct);
        var lines = new BackfillLines(TimeProvider.System, isSilent: asJson);
        BackfillReport report;
        try
        {
            report = await tools.GetRequiredService<SettlementBackfill>().RunAsync(window, lines, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            throw new CommandFailedException(
                ExitCode.Refused,
                string.Create(CultureInfo.InvariantCulture, $"Stopped after {lines.Examined} tips. ")
                + "Nothing is lost: what was found is in the inbox, and the same again goes through all of it anew.");
        }

        var fates = await tools.GetRequiredService<MessageFatesQuery>().WaitAsync(report.News, patience, ct);
        await (asJson ? Printer.JsonAsync(Json(window, report, fates)) : SayAsync(report, fates));
        return report.IsWhole ? ExitCode.Done : ExitCode.Refused;
    }

    private static async Task SayAsync(BackfillReport report, MessageFates fates)
    {
        await Printer.TableAsync(
            ["TIPS", "COUNT"],
            [
                .. Counts(report).Select(c => (IReadOnlyList<string>)[c.Words, c.Count.ToString(CultureInfo.InvariantCulture)]),
            ]);
        await NodeTools.SayFatesAsync(fates);
        if (!report.IsWhole)
        {
            await Console.Error.WriteLineAsync(
                "Not everything could be examined: see docs/runbooks/reconcile.md. Repeating the command is safe.");
        }
    }

    private static IEnumerable<(string Key, string Words, long Count)> Counts(BackfillReport report) =>
    [
        ("examined", "examined", report.Examined),
        ("paid", "  paid", report.Paid),
        ("received", "  received, not paid yet", report.Received),
        ("open", "  open", report.Open),
        ("expired", "  expired", report.Expired),
        ("cancelled", "  cancelled", report.Cancelled),
        ("neverMade", "  never made", report.NeverMade),
        ("unknown", "  unknown to the node", report.Unknown),
        ("unanswered", "  no answer", report.Unanswered),
        ("settled", "skipped: settled already", report.Settled),
        ("suspended", "skipped: in suspense", report.Suspended),
    ];

    private static JsonObject Json(TipWindow window, BackfillReport report, MessageFates fates)
    {
        var json = new JsonObject
        {
            ["appId"] = window.Tenant,
            ["from"] = window.From,
            ["to"] = window.To,
            ["isWhole"] = report.IsWhole,
            ["logHead"] = report.Head,
            ["readFromTheLog"] = report.Head - report.Position,
        };
        foreach (var (key, _, count) in Counts(report))
        {
            json[key] = count;
        }

        json["news"] = NodeTools.Json(fates);
        return json;
    }

    /// <summary>A line now and then while the node is asked.</summary>
    private sealed class BackfillLines(TimeProvider time, bool isSilent) : IProgress<BackfillReport>
    {
        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

        private long? _said;

        public long Examined { get; private set; }

        public void Report(BackfillReport value)
        {
            Examined = value.Examined;
            if (isSilent || (_said is { } at && time.GetElapsedTime(at) < Interval))
            {
                return;
            }

            if (_said is null && value.Head > value.Position)
            {
                Console.Out.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The dashboards are {value.Head - value.Position} events behind; those are read from the log."));
            }

            _said = time.GetTimestamp();
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{value.Examined} examined, {value.Settled + value.Suspended} skipped, {value.News.Count} news"));
        }
    }
}
