using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Events;
using FiberLink.EventStore;
using FiberLink.Service.Audit.Packs;
using FiberLink.Service.Exports;
using FiberLink.Service.Ledger;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Cli.Commands;

/// <summary><c>audit pack</c> and <c>audit check-pack</c>: a community's books, to be checked on a machine without our database.</summary>
internal static class AuditPackCommands
{
    public static Command BuildPack(SharedOptions shared)
    {
        var app = new Option<string>("--app") { Description = "The community.", Required = true };
        var from = Points.Option("--from", "What comes after it: a position of the log, or a moment [default: the beginning]");
        var to = Points.Option("--to", "And up to it: a position of the log, or a moment [default: the log's end]");
        var output = new Option<string>("--out") { Description = "A folder, or a file ending in .zip.", Required = true };
        var command = new Command(
            "pack",
            """
            Write an evidence pack of a community: its events with what shows that they are in the signed log, the ledger, balances, and
            what was published of liabilities. It needs the key that signs checkpoints. It tells everything about the community's members
            but what they wrote.
            """) { app, from, to, output };
        command.SetAction((parsed, ct) => PackAsync(
            shared, parsed, parsed.GetValue(app)!, parsed.GetValue(from), parsed.GetValue(to), parsed.GetValue(output)!, ct));
        return command;
    }

    public static Command BuildCheck(SharedOptions shared)
    {
        var pack = new Argument<string>("pack") { Description = "The folder or the zip file." };
        var key = new Option<string>("--key")
        {
            Description = "The log's first key, or a later one, as you got it by another way: a line, or a file.", Required = true,
        };
        var command = new Command(
            "check-pack",
            """
            Check an evidence pack: every file, signature and event, that postings sum to zero, that ledger and balances are what the events
            give, and what was published of liabilities. It needs no database and no network.
            """) { pack, key };
        command.SetAction(async (parsed, ct) =>
        {
            var path = parsed.GetValue(pack)!;
            var result = await CheckAsync(path, AuditTools.ReadKey(parsed.GetValue(key)!), ct);
            return await SayAsync(result, path, parsed.GetValue(shared.Json));
        });
        return command;
    }

    private static async Task<int> PackAsync(
        SharedOptions shared, ParseResult parsed, string app, LogPoint? from, LogPoint? to, string output, CancellationToken ct)
    {
        var path = Path.GetFullPath(output);
        if (Path.Exists(path) || Path.Exists($"{path}.part"))
        {
            throw new CommandFailedException(ExitCode.Refused, $"{path} is there already: name another, or remove it.");
        }

        await using var tools = new AuditTools(shared.HomeOf(parsed).ToolSettings());
        await NodeTools.RequireAppAsync(tools.Services, app, ct);
        var books = tools.Services.GetRequiredService<LedgerBooks>();
        var window = new ExportWindow(
            app,
            from is null ? new LedgerPoint(0, null) : await Points.FindAsync(books, "--from", from, ct),
            await Points.FindAsync(books, "--to", to, ct));
        if (window.From.Position > window.To.Position)
        {
            throw new CommandFailedException(
                ExitCode.Usage, $"--from is {Points.Text(window.From)}, which is after --to, {Points.Text(window.To)}.");
        }

        using var signer = tools.OpenKey();
        var checkpoint = await tools.SignAsync(ct);
        await tools.Services.GetRequiredService<PackWriter>().WriteAsync(window, checkpoint, signer, path, ct);
        return await SayAsync(await CheckAsync(path, signer.Key, ct), path, parsed.GetValue(shared.Json));
    }

    private static async Task<CheckedPack> CheckAsync(string path, Crypto.Sealing.NoteKey trusted, CancellationToken ct)
    {
        if (!Path.Exists(path))
        {
            throw new CommandFailedException(ExitCode.Usage, $"There is no '{path}'.");
        }

        try
        {
            using var pack = PackSource.Open(path);
            var catalogue = new EventCatalogue(EventContracts.All.Select(c => (c.Name, c.Json)));
            return await new PackCheck(pack, trusted, catalogue).RunAsync(ct);
        }
        catch (InvalidDataException broken)
        {
            throw new CommandFailedException(ExitCode.Refused, $"'{path}' is neither a folder nor a zip file: {broken.Message}");
        }
    }

    private static async Task<int> SayAsync(CheckedPack result, string path, bool isJson)
    {
        if (isJson)
        {
            await Printer.JsonAsync(new JsonObject
            {
                ["isSound"] = result.IsSound,
                ["pack"] = path,
                ["log"] = result.Checkpoint?.Origin,
                ["size"] = result.Checkpoint?.Size,
                ["appId"] = result.Manifest?.App,
                ["from"] = result.Manifest?.From,
                ["to"] = result.Manifest?.To,
                ["events"] = result.Events,
                ["entries"] = result.Entries,
                ["publications"] = result.Publications,
                ["findings"] = new JsonArray([.. result.Findings.Select(f => (JsonNode)f)]),
            });
            return result.IsSound ? ExitCode.Done : ExitCode.Refused;
        }

        foreach (var finding in result.Findings)
        {
            await Console.Out.WriteLineAsync(finding);
        }

        if (result is { Manifest: { } manifest, Checkpoint: { } checkpoint })
        {
            await Console.Out.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{manifest.App}, positions {manifest.From + 1} to {manifest.To} of {checkpoint.Origin} with {checkpoint.Size} events: ")
                + string.Create(
                    CultureInfo.InvariantCulture,
                    $"{result.Events} events, {result.Entries} entries, {result.Publications} publications of liabilities."));
            if (manifest.From > 0)
            {
                await Console.Out.WriteLineAsync("The opening balances were believed: only a pack from the beginning shows them.");
            }
        }

        await Console.Out.WriteLineAsync(result.IsSound ? $"{path}: the pack is sound." : $"{path}: THE PACK IS NOT SOUND.");
        return result.IsSound ? ExitCode.Done : ExitCode.Refused;
    }
}
