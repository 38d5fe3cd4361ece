using System.CommandLine;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.EventStore;
using FiberLink.EventStore.Rebuilding;
using FiberLink.Projections;
using FiberLink.Service;
using FiberLink.Service.Ledger;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace FiberLink.Cli.Commands;

/// <summary><c>events replay</c>: a read model as it was at any point of the log, in files.</summary>
internal static class EventsReplayCommand
{
    public static Command Build(SharedOptions shared)
    {
        var to = Points.Option("--to", "The last event that is shown: a position of the log, or a moment [default: the log's end]");
        var projection = new Option<string>("--projection")
        {
            Description = "Which read model; 'projections list' has them.", Required = true,
        };
        var folder = new Option<DirectoryInfo>("--out") { Description = "The folder for the files, table.csv each.", Required = true };
        var replay = new Command(
            "replay",
            """
            Show a read model as it was at any point of the log: build it beside the live one up to there, and write its tables into files.
            CSV with a head line, ordered by key. Nothing live is touched, and commands go on meanwhile.

            Exit codes: 0 written; 1 it could not be, and why; 2 wrong usage; 3 the database or the folder is away.
            """)
        {
            to, projection, folder,
        };
        replay.SetAction(async (parsed, ct) =>
        {
            var name = parsed.GetValue(projection)!;
            var model = ReadModels.All.FirstOrDefault(m => string.Equals(m.Projection.Name, name, StringComparison.OrdinalIgnoreCase))
                ?? throw new CommandFailedException(
                    ExitCode.Usage,
                    $"--projection: there is no read model '{name}'. There are: "
                    + $"{string.Join(", ", ReadModels.All.Select(m => m.Projection.Name))}.");
            await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
            var point = await Points.FindAsync(tools.GetRequiredService<LedgerBooks>(), "--to", parsed.GetValue(to), ct);
            var outcome = await new ProjectionReplay(
                    tools.GetRequiredService<NpgsqlDataSource>(), tools.GetRequiredService<IEventStore>(), TimeProvider.System)
                .RunAsync(
                    model,
                    point.Position,
                    parsed.GetValue(folder)!.FullName,
                    parsed.GetValue(shared.Json) ? null : new RebuildLines(TimeProvider.System),
                    ct);
            return await TellAsync(model.Projection.Name, point, outcome, parsed.GetValue(shared.Json));
        });
        return replay;
    }

    private static async Task<int> TellAsync(string name, LedgerPoint point, ReplayOutcome outcome, bool isJson)
    {
        if (outcome is not ReplayOutcome.Written written)
        {
            throw new CommandFailedException(ExitCode.Refused, outcome switch
            {
                ReplayOutcome.AlreadyRunning => $"{name} is being rebuilt, verified or replayed by somebody else.",
                ReplayOutcome.CannotShow cannot => $"{name} cannot show the event at position {cannot.Position}: {cannot.Reason}",
                ReplayOutcome.NotReplayable unfit => $"{name} cannot be built beside the live one: {unfit.Reason}",
                _ => throw new System.Diagnostics.UnreachableException(),
            });
        }

        if (isJson)
        {
            await Printer.JsonAsync(new JsonObject
            {
                ["name"] = name,
                ["asOf"] = Points.Json(point),
                ["files"] = new JsonArray([.. written.Files.Select(f => (JsonNode)new JsonObject
                {
                    ["path"] = f.Path, ["rows"] = f.Rows, ["sha256"] = f.Sha256,
                })]),
            });
            return ExitCode.Done;
        }

        await Console.Out.WriteLineAsync($"{name}, as of {Points.Text(point)}:");
        foreach (var file in written.Files)
        {
            await Console.Out.WriteLineAsync($"  {file.Path}: {file.Rows} rows, SHA-256 {file.Sha256}");
        }

        return ExitCode.Done;
    }
}
