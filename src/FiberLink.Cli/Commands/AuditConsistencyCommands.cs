using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Crypto.Sealing;

namespace FiberLink.Cli.Commands;

/// <summary><c>audit prove consistency</c>, and what <c>audit check</c> says of such a file: two checkpoints, compared.</summary>
internal static class AuditConsistencyCommands
{
    private const string Extension = "consistency-proof";

    public static Command BuildProve(SharedOptions shared)
    {
        var old = new Argument<string>("old") { Description = "A file with a checkpoint of this log that somebody kept." };
        var now = new Argument<string?>("new")
        {
            Description = "A file with a later one. [default: the newest that was signed]", Arity = ArgumentArity.ZeroOrOne,
        };
        var output = new Option<string?>("--out") { Description = $"The file. [default: a name ending in .{Extension}; - prints it]" };
        var command = new Command(
            "consistency",
            """
            Write a file that shows that the log of one checkpoint begins with all of the log of another: nothing before was changed, taken
            out or put in. Both checkpoints are in it, and 'audit check' compares them without the log. Exit code 1 when the log does not
            begin with one of them.
            """)
        {
            old, now, output,
        };
        command.SetAction(async (parsed, ct) =>
        {
            await using var tools = new AuditTools(shared.HomeOf(parsed).ToolSettings());
            var (from, to) = (parsed.GetValue(old)!, parsed.GetValue(now));
            var proof = await ProveAsync(tools, from, to, ct);
            var (before, after) = (Said(proof.Old), Said(proof.New));
            return await AuditTools.WriteAsync(
                proof.ToString(),
                parsed.GetValue(output) ?? Invariant($"from-{before.Size}-to-{after.Size}.{Extension}"),
                Invariant($"the log of {after.Size} events begins with these {before.Size}"),
                ct);
        });
        return command;
    }

    /// <summary>What <c>audit check</c> answers about a file with a proof of consistency.</summary>
    /// <param name="proof">What the file says.</param>
    /// <param name="keys">Those that are trusted.</param>
    /// <param name="kept">A checkpoint that the auditor has kept, which has to be one of the two; null when none was given.</param>
    /// <param name="isJson">Whether programs read it.</param>
    /// <exception cref="CommandFailedException">It is not shown.</exception>
    public static async Task<int> SayAsync(ConsistencyProof proof, IReadOnlyCollection<NoteKey> keys, string? kept, bool isJson)
    {
        var (old, now) = proof.Check(keys) switch
        {
            ConsistencyVerdict.Shown(var before, var after) => (before, after),
            ConsistencyVerdict.Broken(_, _, var because) =>
                throw new CommandFailedException(ExitCode.Refused, $"THE CHECKPOINTS DO NOT FOLLOW ON EACH OTHER: {because}"),
            ConsistencyVerdict.Worthless(var because) =>
                throw new CommandFailedException(ExitCode.Refused, $"It shows nothing: {because}"),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        if (kept is not null && AuditTools.ReadCheckpoint(kept).Says is var own && own != old && own != now)
        {
            throw new CommandFailedException(
                ExitCode.Refused,
                Invariant($"The checkpoint in '{kept}', of {own.Size} events, is neither of the two, which are of {old.Size} and of ")
                + Invariant($"{now.Size} events: it shows nothing of the log that you have seen."));
        }

        if (isJson)
        {
            await Printer.JsonAsync(new JsonObject
            {
                ["isShown"] = true, ["log"] = now.Origin, ["old"] = Json(old), ["new"] = Json(now), ["isOfKept"] = kept is not null,
            });
            return ExitCode.Done;
        }

        await Console.Out.WriteLineAsync(Invariant($"Shown: {now.Origin} with {now.Size} events begins with all of its first {old.Size}."));
        await Console.Out.WriteLineAsync(Invariant($"  old  {old.Size} events, root {Checkpoint.ToText(old.Root)}"));
        await Console.Out.WriteLineAsync(Invariant($"  new  {now.Size} events, root {Checkpoint.ToText(now.Root)}"));
        if (kept is null)
        {
            await Console.Out.WriteLineAsync(
                "Compare them with the checkpoint that you kept, or name it with --kept: these came with the file.");
        }

        return ExitCode.Done;
    }

    private static async Task<ConsistencyProof> ProveAsync(AuditTools tools, string oldFile, string? newFile, CancellationToken ct)
    {
        var (oldNote, old) = AuditTools.ReadCheckpoint(oldFile);
        var (newNote, now) = newFile is null ? await NewestAsync(tools, ct) : AuditTools.ReadCheckpoint(newFile);
        var sealedSize = (await tools.Tree.ReadHeadAsync(ct)).Size;
        var keys = await tools.ReadKeysAsync(ct);
        var newest = newFile is null ? "the newest checkpoint" : $"'{newFile}'";
        foreach (var (note, says, what) in new[] { (oldNote, old, $"'{oldFile}'"), (newNote, now, newest) })
        {
            tools.CheckIsOfThisLog(note, says, what, keys);
            if (says.Size > sealedSize)
            {
                throw new CommandFailedException(
                    ExitCode.Refused,
                    Invariant($"THE LOG WAS CUT OFF: {what} tells of {says.Size} events, and here are {sealedSize} of them."));
            }

            if (await tools.Tree.RootAsync(says.Size, ct) != says.Root)
            {
                throw new CommandFailedException(
                    ExitCode.Refused,
                    Invariant($"THE LOG WAS REWRITTEN OR FORKED: its first {says.Size} events are not those that {what} tells of."));
            }
        }

        if (old.Size > now.Size)
        {
            throw new CommandFailedException(
                ExitCode.Usage, Invariant($"The first is the later one, of {old.Size} events, and the second of {now.Size}: swap them."));
        }

        // Every log begins with no events at all, and equal ones need nothing to show it.
        var path = old.Size == 0 || old.Size == now.Size ? [] : await tools.Tree.ConsistencyAsync(old.Size, now.Size, ct);
        var proof = new ConsistencyProof(path, oldNote, newNote);
        return proof.Check(keys) switch
        {
            ConsistencyVerdict.Shown => proof,
            ConsistencyVerdict.Worthless(var because) =>
                throw new CommandFailedException(ExitCode.Refused, $"Such a proof would show nothing: {because}"),
            _ => throw new EventStore.Sealing.LogNotWholeException(null, "The log's tree gives no proof for what its roots say."),
        };
    }

    private static async Task<(SignedNote Note, Checkpoint Says)> NewestAsync(AuditTools tools, CancellationToken ct)
    {
        var last = await tools.ReadNewestAsync(ct);
        return SignedNote.TryParse(last.Note, out var note)
            ? (note, Said(note))
            : throw new EventStore.Sealing.LogNotWholeException(null, Invariant($"The checkpoint of size {last.Head.Size} is not one."));
    }

    private static Checkpoint Said(SignedNote note) => Checkpoint.TryParse(note.Text, out var says)
        ? says
        : throw new EventStore.Sealing.LogNotWholeException(null, "What was signed is no checkpoint.");

    private static JsonObject Json(Checkpoint says) => new() { ["size"] = says.Size, ["root"] = Checkpoint.ToText(says.Root) };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
