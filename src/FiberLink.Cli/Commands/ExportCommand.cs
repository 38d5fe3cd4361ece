using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Service;
using FiberLink.Service.Exports;
using FiberLink.Service.Ledger;
using FiberLink.Service.Startup;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Cli.Commands;

/// <summary><c>export</c>: a community's ledger, tips, withdrawals or events as a file, with a manifest.</summary>
internal static class ExportCommand
{
    public static Command Build(SharedOptions shared)
    {
        var command = new Command(
            "export", "Write a community's ledger, tips, withdrawals or events into a file, however many there are, with a manifest.");
        foreach (var kind in Enum.GetValues<ExportKind>())
        {
            command.Subcommands.Add(Build(shared, kind));
        }

        return command;
    }

    private static Command Build(SharedOptions shared, ExportKind kind)
    {
        var app = new Option<string>("--app") { Description = "The community.", Required = true };
        var from = Points.Option("--from", "What comes after it: a position of the log, or a moment [default: the beginning]");
        var to = Points.Option("--to", "And up to it: a position of the log, or a moment [default: the log's end]");
        var formats = kind is ExportKind.Ledger ? "csv, jsonl, beancount" : "csv, jsonl";
        var format = new Option<ExportFormat>("--format")
        {
            Description = $"How: {formats}.",
            Required = true,
            CustomParser = result =>
            {
                var text = result.Tokens is [var token] ? token.Value : "";
                if (formats.Split(", ").Contains(text, StringComparer.OrdinalIgnoreCase))
                {
                    return Enum.Parse<ExportFormat>(text, ignoreCase: true);
                }

                result.AddError($"--format: '{text}' is none for {Word(kind)}; there are {formats}.");
                return default;
            },
        };
        var file = new Option<FileInfo>("--out")
        {
            Description = "The file. Its manifest is beside it: <file>.manifest.json.", Required = true,
        };
        var command = new Command(Word(kind), Describe(kind)) { app, from, to, format, file };
        command.SetAction(async (parsed, ct) =>
        {
            await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
            await NodeTools.RequireAppAsync(tools, parsed.GetValue(app)!, ct);
            var books = tools.GetRequiredService<LedgerBooks>();
            var begin = parsed.GetValue(from) is { } point
                ? await Points.FindAsync(books, "--from", point, ct)
                : new LedgerPoint(0, null);
            var window = new ExportWindow(
                parsed.GetValue(app)!, begin, await Points.FindAsync(books, "--to", parsed.GetValue(to), ct));
            if (window.From.Position > window.To.Position)
            {
                throw new CommandFailedException(
                    ExitCode.Usage, $"--from is {Points.Text(window.From)}, which is after --to, {Points.Text(window.To)}.");
            }

            var manifest = await WriteAsync(tools, kind, parsed.GetValue(format), window, parsed.GetValue(file)!.FullName, ct);
            await (parsed.GetValue(shared.Json)
                ? Printer.JsonAsync(manifest)
                : Console.Out.WriteLineAsync($"{manifest["file"]}: {manifest["rows"]} rows, SHA-256 {manifest["sha256"]}"));
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<JsonObject> WriteAsync(
        ServiceProvider tools, ExportKind kind, ExportFormat format, ExportWindow window, string path, CancellationToken ct)
    {
        var manifestPath = path + ".manifest.json";
        if (Array.Find([path, manifestPath], File.Exists) is { } there)
        {
            throw new CommandFailedException(ExitCode.Refused, $"{there} is there already: name another file, or remove it.");
        }

        var partial = path + ".part";
        try
        {
            long rows;
            await using (var stream = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None))
            await using (var writer = new StreamWriter(stream, new UTF8Encoding(false)))
            {
                rows = await WriteAsync(tools, kind, format, window, writer, ct);
            }

            string hash;
            await using (var written = File.OpenRead(partial))
            {
                hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(written, ct));
            }

            var manifest = new JsonObject
            {
                ["kind"] = Word(kind),
                ["format"] = format.ToString().ToLowerInvariant(),
                ["appId"] = window.Tenant,
                ["from"] = Points.Json(window.From),
                ["to"] = Points.Json(window.To),
                ["file"] = Path.GetFileName(path),
                ["rows"] = rows,
                ["bytes"] = new FileInfo(partial).Length,
                ["sha256"] = hash,
                ["madeAt"] = TimeProvider.System.GetUtcNow().ToString("O", CultureInfo.InvariantCulture),
            };
            await File.WriteAllTextAsync(manifestPath, manifest.ToJsonString() + "\n", ct);
            File.Move(partial, path);
            return manifest;
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private static Task<long> WriteAsync(
        ServiceProvider tools, ExportKind kind, ExportFormat format, ExportWindow window, TextWriter writer, CancellationToken ct)
    {
        var sources = tools.GetRequiredService<ExportSources>();
        return format switch
        {
            ExportFormat.Csv => ExportWriters.CsvAsync(sources.Of(kind, window, ct), writer, ct),
            ExportFormat.Jsonl => ExportWriters.JsonLinesAsync(sources.Of(kind, window, ct), writer, ct),
            _ => ExportWriters.BeancountAsync(sources.Entries(window, ct), tools.GetRequiredService<AssetSettings>(), writer, ct),
        };
    }

    private static string Word(ExportKind kind) => kind.ToString().ToLowerInvariant();

    private static string Describe(ExportKind kind) => kind switch
    {
        ExportKind.Ledger => "Every posting, with what its account stood at then.",
        ExportKind.Tips => "The tips that were requested then, as they stand now. What members wrote stays sealed.",
        ExportKind.Withdrawals => "The withdrawals that were requested then, as they stand now.",
        _ => "The log itself. What members wrote stays sealed.",
    };
}
