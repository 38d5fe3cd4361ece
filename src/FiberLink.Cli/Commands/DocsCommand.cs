using System.CommandLine;
using System.Globalization;
using System.Text;
using FiberLink.Events;
using FiberLink.Projections;
using FiberLink.Service.Startup;

namespace FiberLink.Cli.Commands;

/// <summary><c>docs</c>: writes the reference pages from the lists that the program runs on. For developers; not in the help.</summary>
internal static class DocsCommand
{
    private const string Notice =
        "<!-- Written by 'fiberlink docs docs/reference' from the lists the program runs on; a test holds it to them. -->";

    public static Command Build()
    {
        var folder = new Argument<string>("folder") { Description = "Where docs/reference is." };
        var command = new Command("docs", "Write the reference pages that are made from the program.") { folder };
        command.Hidden = true;
        command.SetAction(async (parsed, ct) =>
        {
            foreach (var (name, text) in Pages())
            {
                await File.WriteAllTextAsync(Path.Combine(parsed.GetValue(folder)!, name), text, ct);
            }

            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Each page's file name and text.</summary>
    public static IReadOnlyDictionary<string, string> Pages() =>
        new Dictionary<string, string> { ["settings.md"] = Settings(), ["events.md"] = Events(), ["read-models.md"] = ReadModelPage() };

    private static string Settings()
    {
        var page = Page(
            "Settings",
            "Environment variables. `FIBERLINK_MASTER_KEY` may be given as the path of a file, in `FIBERLINK_MASTER_KEY_FILE`. What is "
            + "missing or wrong stops the start, and all of it is said at once.");
        Row(page, "Variable", "Takes", "Standard", "Meaning");
        Row(page, "---", "---", "---", "---");
        foreach (var setting in SettingsReference.All)
        {
            Row(page, $"`{setting.Name}`", setting.Takes, setting.Standard ?? "must be set", setting.Meaning);
        }

        return page.Append("\n`OTEL_EXPORTER_OTLP_ENDPOINT` and the other variables of OpenTelemetry say where traces, meters and logs go. "
            + "`FIBERLINK_HOME` is the folder of `fiberlink dev`.\n").ToString();
    }

    private static string Events()
    {
        var page = Page(
            "Events",
            "Every stored event. Names are for ever; a new shape is a new name. Amounts are `{asset, units}` with units as a decimal "
            + "string of the smallest unit.");
        Row(page, "Name", "Members");
        Row(page, "---", "---");
        foreach (var contract in EventContracts.All)
        {
            Row(page, $"`{contract.Name}`", string.Join(", ", contract.Json.Properties.Select(p => $"`{p.Name}`")));
        }

        return page.ToString();
    }

    private static string ReadModelPage()
    {
        var page = Page(
            "Read models",
            "Tables in the schema `read_models`, one folder each under `projections/`. A rebuild gives the same rows again, but for "
            + "columns that do not come from events: those it takes over from the live rows.");
        Row(page, "Read model", "Kept", "Tables", "Not from events", "Why so");
        Row(page, "---", "---", "---", "---", "---");
        foreach (var model in ReadModels.All)
        {
            Row(
                page,
                $"`{model.Projection.Name}`",
                model.Lifecycle.ToString().ToLower(CultureInfo.InvariantCulture),
                string.Join(", ", model.Tables!.Names.Select(t => $"`{t}`")),
                string.Join(", ", model.Tables.NotFromEvents.Select(c => $"`{c.Table}.{c.Column}`")),
                model.Reason);
        }

        return page.ToString();
    }

    private static StringBuilder Page(string title, string about) =>
        new StringBuilder().Append("# ").Append(title).Append("\n\n").Append(Notice).Append("\n\n").Append(about).Append("\n\n");

    private static void Row(StringBuilder page, params string[] cells) => page.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
