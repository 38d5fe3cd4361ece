using System.CommandLine;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Postgres;
using FiberLink.Service.Startup;
using Npgsql;

namespace FiberLink.Cli.Commands;

/// <summary><c>db</c>: brings the schema up to date, or says whether it is.</summary>
internal static class DbCommands
{
    public static Command Build(SharedOptions shared)
    {
        var apply = new Command("apply", "Apply the migrations that are missing. Safe to run twice, and from two places at once.");
        apply.SetAction((parsed, ct) => ApplyAsync(shared.HomeOf(parsed).ToolSettings(), parsed.GetValue(shared.Json), ct));
        var assert = new Command("assert", "Say how the schema differs from what this program expects; exit code 1 when it does.");
        assert.SetAction((parsed, ct) => AssertAsync(shared.HomeOf(parsed).ToolSettings(), parsed.GetValue(shared.Json), ct));
        return new Command("db", "The database's schema.") { apply, assert };
    }

    private static async Task<int> ApplyAsync(ServiceSettings settings, bool asJson, CancellationToken ct)
    {
        await using var database = NpgsqlDataSource.Create(settings.Database);
        try
        {
            var applied = await Migrations.ApplyAsync(database, Schema.Migrations, ct);
            await (asJson
                ? Printer.JsonAsync(new JsonObject { ["applied"] = new JsonArray([.. applied.Select(id => (JsonNode)id)]) })
                : Console.Out.WriteLineAsync(applied.Count == 0 ? "The schema was up to date." : $"Applied: {string.Join(", ", applied)}"));
            return ExitCode.Done;
        }
        catch (MigrationException failed)
        {
            throw new CommandFailedException(ExitCode.Refused, failed.Message);
        }
    }

    private static async Task<int> AssertAsync(ServiceSettings settings, bool asJson, CancellationToken ct)
    {
        await using var database = NpgsqlDataSource.Create(settings.Database);
        var difference = await Migrations.AssertAsync(database, Schema.Migrations, ct);
        await (asJson
            ? Printer.JsonAsync(new JsonObject
            {
                ["isCurrent"] = difference.IsCurrent,
                ["difference"] = difference.IsCurrent ? null : difference.ToString(),
            })
            : Console.Out.WriteLineAsync(difference.IsCurrent ? "The schema is as expected." : $"The schema differs: {difference}"));
        return difference.IsCurrent ? ExitCode.Done : ExitCode.Refused;
    }
}
