using System.CommandLine;
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
            Description = "A proof, a receipt, a proof of consistency or a checkpoint. 'audit liabilities check' and 'audit check-pack' "
                + "take the others.",
        };
        var key = new Option<string[]>("--key")
        {
            Description = "A key that you trust, or a file with it; may be said several times.",
            Required = true,
        };
        var kept = new Option<string?>("--kept")
        {
            Description = "With a proof of consistency: a file with the checkpoint that you kept, which has to be one of its two.",
        };
        var command = new Command(
            "check",
            """
            Check a proof, a receipt, a proof of consistency or a checkpoint. It needs no database and no network.

            Exit codes: 0 it is shown; 1 it is not, and why; 2 wrong usage.
            """) { file, key, kept };
        command.SetAction((parsed, ct) => RunAsync(
            parsed.GetValue(file)!,
            [.. parsed.GetValue(key)!.Select(AuditTools.ReadKey)],
            parsed.GetValue(kept),
            parsed.GetValue(shared.Json),
            ct));
        return command;
    }

    private static async Task<int> RunAsync(
        string file, IReadOnlyList<NoteKey> keys, string? kept, bool isJson, CancellationToken ct)
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

        if (ConsistencyProof.TryParse(text, out var consistency))
        {
            return await AuditConsistencyCommands.SayAsync(consistency, keys, kept, isJson);
        }

        if (kept is not null)
        {
            throw new CommandFailedException(ExitCode.Usage, $"'{file}' is no proof of consistency: --kept goes with that alone.");
        }

        if (LogProof.ParseAll(text) is { Count: > 0 } proofs)
        {
            return await AuditProofPrinter.SayAsync(proofs, keys, isJson);
        }

        if (SignedNote.TryParse(text, out var note) && Checkpoint.TryParse(note.Text, out var says))
        {
            return note.IsSignedBy(keys.Where(k => k.Name == says.Origin))
                ? await SayAsync(says, isJson)
                : throw new CommandFailedException(ExitCode.Refused, "None of the given keys signed the checkpoint as its log.");
        }

        throw new CommandFailedException(ExitCode.Refused, $"'{file}' is neither a proof nor a checkpoint, or it was changed.");
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
