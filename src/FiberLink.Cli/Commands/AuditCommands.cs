using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Crypto.Sealing;

namespace FiberLink.Cli.Commands;

/// <summary><c>audit</c>: the sealed log, for those who don't take our word for it.</summary>
internal static class AuditCommands
{
    public static Command Build(SharedOptions shared) => new(
        "audit",
        """
        The log proves itself: every event is in a tree whose root is signed.

        Exit codes: 0 it is as it should be; 1 it is not, and what is wrong is said; 2 wrong usage or settings; 3 something needed
        does not answer.
        """)
    {
        AuditVerifyCommand.Build(shared),
        BuildCheckpoint(shared),
        AuditProveCommands.BuildProve(shared),
        AuditReceiptCommands.Build(shared),
        AuditCheckCommand.Build(shared),
        AuditLiabilitiesCommands.Build(shared),
        AuditPackCommands.BuildPack(shared),
        AuditPackCommands.BuildCheck(shared),
        BuildWitness(shared),
        AuditKeyCommands.Build(shared),
    };

    private static Command BuildCheckpoint(SharedOptions shared)
    {
        var last = new Option<bool>("--last") { Description = "Sign nothing, and print the newest checkpoint that was signed." };
        var command = new Command("checkpoint", "Seal what was appended, sign a checkpoint of it, and print that.") { last };
        command.SetAction(async (parsed, ct) =>
        {
            await using var tools = new AuditTools(shared.HomeOf(parsed).ToolSettings());
            var checkpoint = parsed.GetValue(last)
                ? await tools.ReadNewestAsync(ct)
                : await tools.SignAsync(ct);
            if (parsed.GetValue(shared.Json))
            {
                await Printer.JsonAsync(new JsonObject
                {
                    ["size"] = checkpoint.Head.Size,
                    ["root"] = Checkpoint.ToText(checkpoint.Head.Root),
                    ["signedAt"] = checkpoint.SignedAt,
                    ["note"] = checkpoint.Note,
                });
            }
            else
            {
                await Console.Out.WriteAsync(checkpoint.Note);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static Command BuildWitness(SharedOptions shared)
    {
        var other = new Argument<string>("checkpoint") { Description = "A file with a checkpoint of this log that somebody else has." };
        var output = new Option<string?>("--out")
        {
            Description = "A file for what a C2SP witness takes as 'add-checkpoint': the old size, the proof, our newest checkpoint.",
        };
        var command = new Command(
            "witness",
            "Compare a checkpoint that somebody else kept with this log. Exit code 1 when the log does not begin with what it says.")
        {
            other, output,
        };
        command.SetAction((parsed, ct) => WitnessAsync(shared, parsed, parsed.GetValue(other)!, parsed.GetValue(output), ct));
        return command;
    }

    private static async Task<int> WitnessAsync(
        SharedOptions shared, ParseResult parsed, string file, string? output, CancellationToken ct)
    {
        var (note, says) = AuditTools.ReadCheckpoint(file);
        await using var tools = new AuditTools(shared.HomeOf(parsed).ToolSettings());
        tools.CheckIsOfThisLog(note, says, $"'{file}'", await tools.ReadKeysAsync(ct));
        var last = await tools.ReadNewestAsync(ct);
        var size = last.Head.Size;
        if (says.Size > size)
        {
            throw new CommandFailedException(ExitCode.Refused, Invariant($"It tells of {says.Size} events, and here {size} are signed."));
        }

        if (await tools.Tree.RootAsync(says.Size, ct) != says.Root)
        {
            throw new CommandFailedException(
                ExitCode.Refused, Invariant($"THE LOG HAS CHANGED: its first {says.Size} events are not those."));
        }

        var proof = says.Size == 0 ? [] : await tools.Tree.ConsistencyAsync(says.Size, size, ct);
        if (!MerkleProof.IsConsistent(says.Size, says.Root, size, last.Head.Root, proof))
        {
            throw new CommandFailedException(ExitCode.Refused, Invariant($"The newest checkpoint, of size {size}, does not follow on it."));
        }

        if (output is not null)
        {
            var lines = string.Concat(proof.Select(h => $"{Checkpoint.ToText(h)}\n"));
            await File.WriteAllTextAsync(output, $"{Invariant($"old {says.Size}\n")}{lines}\n{last.Note}", ct);
        }

        await (parsed.GetValue(shared.Json)
            ? Printer.JsonAsync(new JsonObject
            {
                ["isConsistent"] = true,
                ["size"] = says.Size,
                ["now"] = size,
                ["proof"] = new JsonArray([.. proof.Select(h => (JsonNode)Checkpoint.ToText(h))]),
            })
            : Console.Out.WriteLineAsync(Invariant($"The log of {size} events begins with these {says.Size}.")));
        return ExitCode.Done;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
