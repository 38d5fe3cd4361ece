using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.EventStore.Projections;
using FiberLink.Projections;
using Npgsql;

namespace FiberLink.Cli.Commands;

/// <summary><c>projections</c>: the read models, how far they are, and building them anew.</summary>
internal static class ProjectionsCommands
{
    public static Command Build(SharedOptions shared)
    {
        var status = new Command(
            "status", "Show each read model: its position in the log, its lag in events, and why it stands if it does.");
        status.SetAction((parsed, ct) => StatusAsync(shared, parsed, ct));
        return new Command("projections", "The read models.")
        {
            ProjectionsListCommand.Build(shared),
            status,
            ProjectionsRebuildCommand.Build(shared),
            ProjectionsVerifyCommand.Build(shared),
        };
    }

    private static async Task<int> StatusAsync(SharedOptions shared, ParseResult parsed, CancellationToken ct)
    {
        await using var database = NpgsqlDataSource.Create(shared.HomeOf(parsed).ToolSettings().Database);
        var all = await ProjectionStatus.ReadAsync(database, ReadModels.All, ct);
        if (parsed.GetValue(shared.Json))
        {
            await Printer.JsonAsync(new JsonArray([.. all.Select(s => (JsonNode)new JsonObject
            {
                ["name"] = s.Name,
                ["lifecycle"] = Lifecycle(s),
                ["position"] = s.Position,
                ["head"] = s.Head,
                ["lag"] = s.Lag,
                ["state"] = s.State,
                ["owner"] = s.Owner,
                ["lastError"] = s.LastError,
                ["failedPosition"] = s.FailedPosition,
            })]));
        }
        else
        {
            await Printer.TableAsync(
                ["NAME", "LIFECYCLE", "POSITION", "LAG", "STATE", "OWNER", "LAST ERROR"],
                [.. all.Select(s => (IReadOnlyList<string>)
                    [s.Name, Lifecycle(s), Number(s.Position), Number(s.Lag), s.State, s.Owner ?? "-", s.LastError ?? "-"])]);
        }

        return all.Any(s => s.State == "failing") ? ExitCode.Refused : ExitCode.Done;
    }

    private static string Lifecycle(ProjectionStatus status) => status.Lifecycle is ProjectionLifecycle.Inline ? "inline" : "async";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
