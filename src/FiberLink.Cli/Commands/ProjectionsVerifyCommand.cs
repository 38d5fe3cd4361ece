using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.EventStore;
using FiberLink.EventStore.Projections;
using FiberLink.EventStore.Rebuilding;
using FiberLink.Service;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace FiberLink.Cli.Commands;

/// <summary><c>projections verify</c>: builds read models anew beside the live ones, compares, and drops what it built.</summary>
internal static class ProjectionsVerifyCommand
{
    public static Command Build(SharedOptions shared)
    {
        var choice = new ProjectionsChoice();
        var verify = new Command(
            "verify",
            "Build a read model anew beside the live one, compare them at one position, and drop it. Exit code 1 when they differ.");
        choice.AddTo(verify);
        verify.SetAction((parsed, ct) => RunAsync(shared, parsed, choice, ct));
        return verify;
    }

    private static async Task<int> RunAsync(SharedOptions shared, ParseResult parsed, ProjectionsChoice choice, CancellationToken ct)
    {
        var chosen = choice.Read(parsed);
        var isJson = parsed.GetValue(shared.Json);
        await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
        var skips = (await ProjectionDecisions.ReadAsync(tools.GetRequiredService<NpgsqlDataSource>(), ct)).Skips;
        var verification = new ProjectionVerification(
            tools.GetRequiredService<NpgsqlDataSource>(), tools.GetRequiredService<IEventStore>(), TimeProvider.System);
        var told = new JsonArray();
        var exitCode = ExitCode.Done;
        foreach (var (model, options) in chosen)
        {
            var name = model.Projection.Name;
            var outcome = await verification.RunAsync(model, options, isJson ? null : new RebuildLines(TimeProvider.System), ct);
            var leftOut = skips.Where(s => s.Projection == name).ToArray();
            var json = Json(name, outcome);
            json["skipped"] = new JsonArray([.. leftOut.Select(s => (JsonNode)s.Position)]);
            told.Add((JsonNode)json);
            exitCode = outcome is VerifyOutcome.Compared { IsSame: true } ? exitCode : ExitCode.Refused;
            if (!isJson)
            {
                await SayAsync(name, outcome);
                await ProjectionsListCommand.SayAsync(new([], leftOut));
            }
        }

        if (isJson)
        {
            await Printer.JsonAsync(told);
        }

        return exitCode;
    }

    private static async Task SayAsync(string name, VerifyOutcome outcome)
    {
        if (outcome is not VerifyOutcome.Compared compared)
        {
            await Console.Error.WriteLineAsync(Sentence(name, outcome));
            return;
        }

        await Console.Out.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {(compared.IsSame ? "as its log has it" : "NOT as its log has it")}, at position {compared.Position}."));
        foreach (var table in compared.Tables)
        {
            await Console.Out.WriteLineAsync($"  {Line(table)}");
            foreach (var row in table.Differences)
            {
                await Console.Out.WriteLineAsync($"    {row.Key}: {Words(row)}");
            }
        }
    }

    private static string Line(TableComparison table) => table switch
    {
        { Shape: { } shape } => $"{table.Table}: other columns: {shape}",
        { IsSame: true } => string.Create(CultureInfo.InvariantCulture, $"{table.Table}: {table.LiveRows} rows, digest {table.LiveDigest}"),
        _ => string.Create(
            CultureInfo.InvariantCulture,
            $"{table.Table}: {table.LiveRows} rows, digest {table.LiveDigest}; should be {table.RebuiltRows}, {table.RebuiltDigest}:"),
    };

    private static string Words(RowDifference row) => row.Kind switch
    {
        RowDifferenceKind.Missing => "is missing",
        RowDifferenceKind.TooMany => "should not be there",
        _ => $"differs in {string.Join(", ", row.Columns)}",
    };

    private static string Sentence(string name, VerifyOutcome outcome) => outcome switch
    {
        VerifyOutcome.AlreadyRunning => $"{name} is being rebuilt or verified by somebody else.",
        VerifyOutcome.CannotShow cannot => string.Create(
            CultureInfo.InvariantCulture, $"{name} cannot show the event at position {cannot.Position}: {cannot.Reason}"),
        VerifyOutcome.NotRebuildable unfit => $"{name} cannot be built beside the live one: {unfit.Reason}",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static JsonObject Json(string name, VerifyOutcome outcome) => outcome is VerifyOutcome.Compared compared
        ? new JsonObject
        {
            ["name"] = name,
            ["isSame"] = compared.IsSame,
            ["position"] = compared.Position,
            ["seconds"] = compared.Took.TotalSeconds,
            ["tables"] = new JsonArray([.. compared.Tables.Select(t => (JsonNode)Json(t))]),
        }
        : new JsonObject { ["name"] = name, ["isSame"] = null, ["reason"] = Sentence(name, outcome) };

    private static JsonObject Json(TableComparison table) => new()
    {
        ["table"] = table.Table,
        ["isSame"] = table.IsSame,
        ["rows"] = table.LiveRows,
        ["digest"] = table.LiveDigest,
        ["rebuiltRows"] = table.RebuiltRows,
        ["rebuiltDigest"] = table.RebuiltDigest,
        ["columns"] = table.Shape,
        ["differences"] = new JsonArray([.. table.Differences.Select(d => (JsonNode)new JsonObject
        {
            ["key"] = d.Key,
            ["difference"] = Words(d),
            ["columns"] = new JsonArray([.. d.Columns.Select(c => (JsonNode)c)]),
        })]),
    };
}
