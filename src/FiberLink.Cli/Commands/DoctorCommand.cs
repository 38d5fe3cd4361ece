using System.CommandLine;
using FiberLink.Cli.Doctor;
using FiberLink.Cli.Output;
using FiberLink.HubNode;
using FiberLink.Service.Startup;
using Npgsql;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.Cli.Commands;

/// <summary><c>doctor</c>: looks at everything the service needs, and says what to do.</summary>
internal static class DoctorCommand
{
    public static Command Build(SharedOptions shared)
    {
        var command = new Command(
            "doctor",
            """
            Look at everything the service needs, and say what to do: settings, database, durability, backups, clocks, schema, read models,
            messages, Fiber node, chain node, signer. Nothing is changed.

            Exit codes: 0 nothing is bad; 1 something is.
            """);
        command.SetAction((parsed, ct) => RunAsync(shared, parsed, ct));
        return command;
    }

    private static async Task<int> RunAsync(SharedOptions shared, ParseResult parsed, CancellationToken ct)
    {
        var variable = shared.HomeOf(parsed).Variable;
        var findings = new List<Finding>(Settings(variable));
        findings.AddRange(await DatabaseAsync(variable, ct));
        findings.AddRange(await OutsideAsync(variable, ct));
        await (parsed.GetValue(shared.Json)
            ? Printer.JsonAsync(FindingsPrinter.Json(findings))
            : FindingsPrinter.PrintAsync(findings));
        return findings.Exists(f => f.Condition is Condition.Bad) ? ExitCode.Refused : ExitCode.Done;
    }

    private static IEnumerable<Finding> Settings(Func<string, string?> variable)
    {
        try
        {
            SettingsReader.Read(variable);
            return [new("settings", Condition.Good, "a service would start with them")];
        }
        catch (SettingsException wrong)
        {
            return wrong.Problems.Select(p => new Finding("settings", Condition.Bad, p, "see docs/reference/settings.md"));
        }
    }

    private static async Task<IReadOnlyList<Finding>> DatabaseAsync(Func<string, string?> variable, CancellationToken ct)
    {
        try
        {
            await using var database = NpgsqlDataSource.Create(SettingsReader.ReadForTools(variable).Database);
            return await new DatabaseExamination(database, TimeProvider.System).LookAsync(ct);
        }
        catch (SettingsException)
        {
            // It was said above what is wrong with them.
            return [new("server", Condition.Bad, "not looked at", $"set {Names.Database}")];
        }
        catch (NpgsqlException away)
        {
            return [new("server", Condition.Bad, away.Message, $"look at it, and at {Names.Database}")];
        }
    }

    private static async Task<IReadOnlyList<Finding>> OutsideAsync(Func<string, string?> variable, CancellationToken ct)
    {
        try
        {
            var settings = SettingsReader.ReadForNode(variable);
            var outside = new OutsideExamination(settings, TimeProvider.System);
            using var http = new NodeHttpClient();
            await using var node = new JsonRpcHubNode(http, NodeHttpClient.Options(settings), TimeProvider.System);
            return [await outside.NodeAsync(node, ct), .. await outside.ChainAsync(ct)];
        }
        catch (SettingsException)
        {
            return [new("Fiber node", Condition.Bad, "not looked at", $"set {Names.NodeUrl}")];
        }
    }
}
