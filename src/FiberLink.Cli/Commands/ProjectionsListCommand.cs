using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.EventStore.Projections;
using FiberLink.EventStore.Rebuilding;
using FiberLink.Projections;
using Npgsql;

namespace FiberLink.Cli.Commands;

/// <summary><c>projections list</c>: what read models there are.</summary>
internal static class ProjectionsListCommand
{
    public static Command Build(SharedOptions shared)
    {
        var list = new Command(
            "list",
            "List the read models: when they are kept, whether they can be split by stream, their generation, their tables, and why.");
        list.SetAction((parsed, ct) => RunAsync(shared, parsed, ct));
        return list;
    }

    private static async Task<int> RunAsync(SharedOptions shared, ParseResult parsed, CancellationToken ct)
    {
        await using var database = NpgsqlDataSource.Create(shared.HomeOf(parsed).ToolSettings().Database);
        var generations = await GenerationStatus.ReadAsync(database, ReadModels.All, ct);
        var all = ReadModels.All.Zip(generations).ToArray();
        if (parsed.GetValue(shared.Json))
        {
            await Printer.JsonAsync(new JsonArray([.. all.Select(m => (JsonNode)Json(m.First, m.Second))]));
        }
        else
        {
            await Printer.TableAsync(
                ["NAME", "KIND", "SHARDS", "GENERATION", "UNFINISHED", "TABLES", "WHY"],
                [.. all.Select(m => (IReadOnlyList<string>)
                [
                    m.First.Projection.Name, Kind(m.First), Shards(m.First), Number(m.Second.Live), Unfinished(m.Second),
                    string.Join(", ", m.First.Tables!.Names), m.First.Reason,
                ])]);
        }

        return ExitCode.Done;
    }

    private static JsonObject Json(ReadModel model, GenerationStatus generation) => new JsonObject
    {
        ["name"] = model.Projection.Name,
        ["kind"] = Kind(model),
        ["shards"] = Shards(model),
        ["generation"] = generation.Live,
        ["liveSince"] = generation.LiveSince,
        ["unfinished"] = generation.Unfinished,
        ["unfinishedPosition"] = generation.UnfinishedPosition,
        ["tables"] = new JsonArray([.. model.Tables!.Names.Select(t => (JsonNode)$"{model.Tables.Schema}.{t}")]),
        ["reason"] = model.Reason,
    };

    private static string Kind(ReadModel model) => model.Lifecycle is ProjectionLifecycle.Inline ? "inline" : "async";

    private static string Shards(ReadModel model) => model.Projection.IsByStream ? "by stream" : "one";

    private static string Unfinished(GenerationStatus generation) =>
        generation.Unfinished is { } number ? $"{Number(number)} at {Number(generation.UnfinishedPosition ?? 0)}" : "-";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
