using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Crypto.Liabilities;
using FiberLink.Crypto.Sealing;

namespace FiberLink.Cli.Commands;

/// <summary><c>audit check</c>: what a proof shows, with nothing but the proof and a key.</summary>
internal static class AuditCheckCommand
{
    private const long FileLengthMax = 4 << 20;

    public static Command Build(SharedOptions shared)
    {
        var file = new Argument<string>("file")
        {
            Description = "A proof or a receipt, or a checkpoint. 'audit liabilities check' and 'audit check-pack' take the others.",
        };
        var key = new Option<string[]>("--key")
        {
            Description = "A key that you trust, or a file with it; may be said several times.",
            Required = true,
        };
        var command = new Command("check", "Check a proof, a receipt or a checkpoint. It needs no database and no network.") { file, key };
        command.SetAction((parsed, ct) => RunAsync(
            parsed.GetValue(file)!, [.. parsed.GetValue(key)!.Select(AuditTools.ReadKey)], parsed.GetValue(shared.Json), ct));
        return command;
    }

    private static async Task<int> RunAsync(string file, IReadOnlyList<NoteKey> keys, bool isJson, CancellationToken ct)
    {
        if (Directory.Exists(file))
        {
            throw new CommandFailedException(ExitCode.Usage, $"'{file}' is a folder; 'audit check-pack' checks an evidence pack.");
        }

        if (new FileInfo(file).Length > FileLengthMax)
        {
            throw new CommandFailedException(
                ExitCode.Refused, $"'{file}' is too long for a proof; 'audit check-pack' checks an evidence pack.");
        }

        var text = await File.ReadAllTextAsync(file, ct);
        if (LiabilityProof.TryParse(text, out _))
        {
            throw new CommandFailedException(
                ExitCode.Usage, $"'{file}' is a proof of a liability: 'audit liabilities check' checks it.");
        }

        if (LogProof.TryParse(text, out var proof))
        {
            return proof.Check(keys) switch
            {
                ProofVerdict.Shown(var shown) => await SayAsync(proof, shown, isJson),
                ProofVerdict.Worthless(var because) =>
                    throw new CommandFailedException(ExitCode.Refused, $"It shows nothing: {because}"),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
        }

        if (SignedNote.TryParse(text, out var note) && Checkpoint.TryParse(note.Text, out var says))
        {
            return note.IsSignedBy(keys.Where(k => k.Name == says.Origin))
                ? await SayAsync(says, isJson)
                : throw new CommandFailedException(ExitCode.Refused, "None of the given keys signed the checkpoint as its log.");
        }

        throw new CommandFailedException(ExitCode.Refused, $"'{file}' is neither a proof nor a checkpoint, or it was changed.");
    }

    private static async Task<int> SayAsync(LogProof proof, Checkpoint says, bool isJson)
    {
        var disclosed = JsonNode.Parse(Encoding.UTF8.GetString(proof.Disclosed.Span))!;
        if (isJson)
        {
            await Printer.JsonAsync(new JsonObject
            {
                ["isShown"] = true,
                ["log"] = says.Origin,
                ["size"] = says.Size,
                ["position"] = proof.Index + 1,
                ["event"] = disclosed,
            });
            return ExitCode.Done;
        }

        await Console.Out.WriteLineAsync(
            FormattableString.Invariant($"Shown: position {proof.Index + 1} of {says.Origin}, signed when it had {says.Size} events."));
        foreach (var name in new[] { "tenant", "stream", "version", "type", "at", "by", "id" })
        {
            if (disclosed[name] is { } value)
            {
                await Console.Out.WriteLineAsync($"  {name,-8}{value}");
            }
        }

        await Console.Out.WriteLineAsync($"  data    {Printer.OnOneLine(disclosed["data"]!)}");
        return ExitCode.Done;
    }

    private static async Task<int> SayAsync(Checkpoint says, bool isJson)
    {
        await (isJson
            ? Printer.JsonAsync(new JsonObject
            {
                ["isSigned"] = true, ["log"] = says.Origin, ["size"] = says.Size, ["root"] = Checkpoint.ToText(says.Root),
            })
            : Console.Out.WriteLineAsync(FormattableString.Invariant($"Signed: {says.Origin} with {says.Size} events.")));
        return ExitCode.Done;
    }
}
