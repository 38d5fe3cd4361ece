using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.EventStore;
using FiberLink.EventStore.Rebuilding;
using FiberLink.Service;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace FiberLink.Cli.Commands;

/// <summary><c>projections rebuild</c>: builds read models anew beside the live ones, which they then replace.</summary>
internal static class ProjectionsRebuildCommand
{
    public static Command Build(SharedOptions shared)
    {
        var choice = new ProjectionsChoice();
        var rebuild = new Command(
            "rebuild",
            "Build a read model anew beside the live one and let it take over. Can be stopped at any time; the same again goes on.");
        choice.AddTo(rebuild);
        var from = new Option<long?>("--from")
        {
            Description =
                "0: begin anew, also when one is unfinished. Another position: go on with the unfinished one that stands just there, or "
                + "not at all; rows depend on all that came before, so none can begin in the middle.",
        };
        rebuild.Options.Add(from);
        rebuild.SetAction((parsed, ct) => parsed.GetValue(from) is null or >= 0
            ? RunAsync(shared, parsed, choice, parsed.GetValue(from), ct)
            : throw new CommandFailedException(ExitCode.Usage, "--from takes 0 or more."));
        return rebuild;
    }

    private static async Task<int> RunAsync(
        SharedOptions shared, ParseResult parsed, ProjectionsChoice choice, long? from, CancellationToken ct)
    {
        var chosen = choice.Read(parsed);
        var isJson = parsed.GetValue(shared.Json);
        await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
        var rebuild = new ProjectionRebuild(
            tools.GetRequiredService<NpgsqlDataSource>(), tools.GetRequiredService<IEventStore>(), TimeProvider.System);
        var told = new JsonArray();
        var exitCode = ExitCode.Done;
        foreach (var (model, options) in chosen)
        {
            var name = model.Projection.Name;
            try
            {
                var outcome = await rebuild.RunAsync(
                    model, options with { From = from }, isJson ? null : new RebuildLines(TimeProvider.System), ct);
                told.Add((JsonNode)Json(name, outcome));
                exitCode = outcome is RebuildOutcome.TookOver ? exitCode : ExitCode.Refused;
                if (!isJson)
                {
                    await (outcome is RebuildOutcome.TookOver ? Console.Out : Console.Error).WriteLineAsync(Sentence(name, outcome));
                }
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                throw new CommandFailedException(
                    ExitCode.Refused,
                    $"{name} was stopped: the old tables are live as before, and what is built is kept. "
                    + $"'fiberlink projections rebuild {name}' goes on from there.");
            }
        }

        if (isJson)
        {
            await Printer.JsonAsync(told);
        }

        return exitCode;
    }

    private static string Sentence(string name, RebuildOutcome outcome) => outcome switch
    {
        RebuildOutcome.TookOver done => string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: generation {done.Generation} is live, at position {done.Position}; ")
            + string.Create(CultureInfo.InvariantCulture, $"{done.Events} events read in {done.Took.TotalSeconds:0.0} s")
            + (done.ResumedAt > 0 ? string.Create(CultureInfo.InvariantCulture, $", after an earlier run's {done.ResumedAt}.") : "."),
        RebuildOutcome.AlreadyRunning => $"{name} is being rebuilt or verified by somebody else.",
        RebuildOutcome.CannotShow cannot => string.Create(
            CultureInfo.InvariantCulture,
            $"{name} cannot show the event at position {cannot.Position}: {cannot.Reason} The old tables are live as before."),
        RebuildOutcome.NotRebuildable unfit => $"{name} cannot be rebuilt: {unfit.Reason}",
        RebuildOutcome.TablesHeld held =>
            $"{name} is built, but its live tables were held all the time by {held.By}. The same again goes on from there.",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static JsonObject Json(string name, RebuildOutcome outcome) => outcome switch
    {
        RebuildOutcome.TookOver done => new JsonObject
        {
            ["name"] = name,
            ["outcome"] = "took over",
            ["generation"] = done.Generation,
            ["position"] = done.Position,
            ["events"] = done.Events,
            ["resumedAt"] = done.ResumedAt,
            ["seconds"] = done.Took.TotalSeconds,
        },
        RebuildOutcome.CannotShow cannot => new JsonObject
        {
            ["name"] = name,
            ["outcome"] = "cannot show",
            ["failedPosition"] = cannot.Position,
            ["reason"] = cannot.Reason,
        },
        _ => new JsonObject { ["name"] = name, ["outcome"] = "refused", ["reason"] = Sentence(name, outcome) },
    };
}
