using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.EventStore.Projections;
using FiberLink.EventStore.Rebuilding;
using FiberLink.Projections;
using Npgsql;

namespace FiberLink.Cli.Commands;

/// <summary><c>projections list</c>: what follows the log, how far it is, and what was decided about it.</summary>
internal static class ProjectionsListCommand
{
    public static Command Build(SharedOptions shared)
    {
        var list = new Command(
            "list",
            """
            Show each read model and subscription: how it is kept, which generation is live, where its shards stand in the log, how far they
            are behind, who runs them and why one stands if it does; then what was paused and what is left out. With --json also tables,
            and why it is kept as it is. 'status' is the same.

            Exit codes: 0 none is failing; 1 one is.
            """);
        list.Aliases.Add("status");
        list.SetAction((parsed, ct) => RunAsync(shared, parsed, ct));
        return list;
    }

    private static async Task<int> RunAsync(SharedOptions shared, ParseResult parsed, CancellationToken ct)
    {
        await using var database = NpgsqlDataSource.Create(shared.HomeOf(parsed).ToolSettings().Database);
        var shards = await ProjectionStatus.ReadAllAsync(database, ReadModels.All, ct);
        var decisions = await ProjectionDecisions.ReadAsync(database, ct);
        var generations = (await GenerationStatus.ReadAsync(database, ReadModels.All, ct))
            .ToDictionary(g => g.Name, StringComparer.Ordinal);
        if (parsed.GetValue(shared.Json))
        {
            await Printer.JsonAsync(new JsonArray(
            [
                .. shards.GroupBy(s => s.Name, StringComparer.Ordinal)
                    .Select(s => (JsonNode)Json([.. s], generations.GetValueOrDefault(s.Key), decisions)),
            ]));
        }
        else
        {
            await Printer.TableAsync(
                ["NAME", "KIND", "GENERATION", "SHARD", "POSITION", "LAG", "SECONDS", "STATE", "OWNER", "LAST ERROR"],
                [.. shards.Select(s => Cells(s, generations.GetValueOrDefault(s.Name)))]);
            await SayAsync(decisions);
        }

        return shards.Any(s => s.State == "failing") ? ExitCode.Refused : ExitCode.Done;
    }

    /// <summary>Prints what was decided; nothing when nothing was.</summary>
    public static async Task SayAsync(ProjectionDecisions decisions)
    {
        foreach (var pause in decisions.Pauses)
        {
            await Console.Out.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{pause.Projection} is paused since {pause.At.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z by {pause.By}: {pause.Reason}"));
        }

        foreach (var skip in decisions.Skips)
        {
            await Console.Out.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{skip.Projection} leaves out the event at position {skip.Position} ({skip.EventId}), by {skip.By}: {skip.Reason}"));
        }
    }

    private static IReadOnlyList<string> Cells(ProjectionStatus shard, GenerationStatus? generation) =>
    [
        shard.Name, Kind(shard), Generation(generation), shard.Shard, Number(shard.Position), Number(shard.Lag),
        shard.LagTime.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture), shard.State, shard.Owner ?? "-",
        shard.LastError?.ReplaceLineEndings(" ") ?? "-",
    ];

    private static JsonObject Json(
        IReadOnlyList<ProjectionStatus> shards, GenerationStatus? generation, ProjectionDecisions decisions)
    {
        var worst = shards.FirstOrDefault(s => s.State == "failing") ?? shards.MinBy(s => s.Position)!;
        var model = ReadModels.All.FirstOrDefault(m => m.Projection.Name == worst.Name);
        return new JsonObject
        {
            ["name"] = worst.Name,
            ["kind"] = Kind(worst),
            ["isSplitByStream"] = model?.Projection.IsByStream,
            ["generation"] = generation?.Live,
            ["liveSince"] = generation?.LiveSince,
            ["unfinished"] = generation?.Unfinished,
            ["unfinishedPosition"] = generation?.UnfinishedPosition,
            ["position"] = shards.Min(s => s.Position),
            ["head"] = worst.Head,
            ["lag"] = shards.Max(s => s.Lag),
            ["lagSeconds"] = shards.Max(s => s.LagTime.TotalSeconds),
            ["state"] = worst.State,
            ["owner"] = worst.Owner,
            ["lastError"] = worst.LastError,
            ["failedPosition"] = worst.FailedPosition,
            ["pause"] = worst.Pause is { } pause
                ? new JsonObject { ["by"] = pause.By, ["reason"] = pause.Reason, ["at"] = pause.At }
                : null,
            ["skipped"] = new JsonArray([.. decisions.Skips.Where(s => s.Projection == worst.Name).Select(s => (JsonNode)Json(s))]),
            ["shards"] = new JsonArray([.. shards.Select(s => (JsonNode)Json(s))]),
            ["tables"] = model is null
                ? null
                : new JsonArray([.. model.Tables!.Names.Select(t => (JsonNode)$"{model.Tables.Schema}.{t}")]),
            ["reason"] = model?.Reason,
        };
    }

    private static JsonObject Json(ProjectionStatus shard) => new()
    {
        ["shard"] = shard.Shard,
        ["position"] = shard.Position,
        ["lag"] = shard.Lag,
        ["lagSeconds"] = shard.LagTime.TotalSeconds,
        ["state"] = shard.State,
        ["owner"] = shard.Owner,
        ["lastError"] = shard.LastError,
        ["failedPosition"] = shard.FailedPosition,
    };

    private static JsonObject Json(SkippedEvent skip) => new()
    {
        ["position"] = skip.Position, ["eventId"] = skip.EventId, ["by"] = skip.By, ["reason"] = skip.Reason, ["at"] = skip.At,
    };

    private static string Kind(ProjectionStatus shard) => shard.Kind switch
    {
        ProjectionKind.Inline => "inline",
        ProjectionKind.Async => "async",
        _ => "subscription",
    };

    private static string Generation(GenerationStatus? generation) => generation switch
    {
        null => "-",
        { Unfinished: { } number } => $"{Number(generation.Live)} ({Number(number)} at {Number(generation.UnfinishedPosition ?? 0)})",
        _ => Number(generation.Live),
    };

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
