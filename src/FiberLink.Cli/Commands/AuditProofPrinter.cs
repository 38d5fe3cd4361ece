using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Crypto.Sealing;

namespace FiberLink.Cli.Commands;

/// <summary>What <c>audit check</c> says of a proof or a receipt.</summary>
internal static class AuditProofPrinter
{
    /// <param name="proofs">What stands in the file: a receipt has several, of one stream.</param>
    /// <param name="keys">Those that are trusted.</param>
    /// <param name="isJson">Whether programs read it.</param>
    /// <exception cref="CommandFailedException">It is not shown.</exception>
    public static async Task<int> SayAsync(IReadOnlyList<LogProof> proofs, IReadOnlyList<NoteKey> keys, bool isJson)
    {
        var checkpoint = Check(proofs, keys);
        ProvenEvent[] events = [.. proofs.Select(ProvenEvent.Of)];
        if (events.Zip(events.Skip(1)).Any(p => !Follows(p.First, p.Second)))
        {
            throw new CommandFailedException(
                ExitCode.Refused,
                "It shows nothing: its events are not of one stream, one after the other. Somebody has put them together.");
        }

        var words = ReceiptWords.Of(events);
        if (isJson)
        {
            await Printer.JsonAsync(Json(checkpoint, events, words));
            return ExitCode.Done;
        }

        await Console.Out.WriteLineAsync(
            $"Shown: {Points.Text([.. events.Select(e => e.Position)])} of {checkpoint.Origin}, "
            + Invariant($"signed when it had {checkpoint.Size} events."));
        if (words is var (title, lines))
        {
            await Console.Out.WriteLineAsync(Printer.Printable(title));
            foreach (var (name, text) in lines)
            {
                await Console.Out.WriteLineAsync($"  {name,-10}  {Printer.Printable(text)}");
            }

            await Console.Out.WriteLineAsync("The events, of which --json shows every word:");
        }

        foreach (var shown in events)
        {
            await SayAsync(shown, isWhole: words is null);
        }

        return ExitCode.Done;
    }

    private static Checkpoint Check(IReadOnlyList<LogProof> proofs, IReadOnlyList<NoteKey> keys)
    {
        var checkpoints = new HashSet<Checkpoint>();
        foreach (var proof in proofs)
        {
            checkpoints.Add(proof.Check(keys) switch
            {
                ProofVerdict.Shown(var shown) => shown,
                ProofVerdict.Worthless(var because) =>
                    throw new CommandFailedException(ExitCode.Refused, $"It shows nothing: {because}"),
                _ => throw new System.Diagnostics.UnreachableException(),
            });
        }

        return checkpoints.Count == 1
            ? checkpoints.Single()
            : throw new CommandFailedException(
                ExitCode.Refused, "It shows nothing: its parts are of several checkpoints. Somebody has put them together.");
    }

    private static bool Follows(ProvenEvent before, ProvenEvent after) =>
        (before.Tenant, before.Stream) == (after.Tenant, after.Stream) && before.Version < after.Version;

    private static async Task SayAsync(ProvenEvent shown, bool isWhole)
    {
        if (!isWhole)
        {
            await Console.Out.WriteLineAsync(Invariant($"  position {shown.Position}  {shown.Moment}  {shown.Type}  {shown.Facts}"));
            return;
        }

        foreach (var name in new[] { "tenant", "stream", "version", "type", "at", "by", "id" })
        {
            if (shown.Json[name] is { } value)
            {
                await Console.Out.WriteLineAsync($"  {name,-8}{value}");
            }
        }

        if (shown.Json["data"] is { } data)
        {
            await Console.Out.WriteLineAsync($"  data    {Printer.OnOneLine(data)}");
        }
    }

    // One event, or the last of a receipt, is told as it always was; beside it stands all that the file has.
    private static JsonObject Json(
        Checkpoint checkpoint, ProvenEvent[] events, (string Title, IReadOnlyList<(string Name, string Text)> Lines)? words) => new()
    {
        ["isShown"] = true,
        ["log"] = checkpoint.Origin,
        ["size"] = checkpoint.Size,
        ["position"] = events[^1].Position,
        ["event"] = events[^1].Json.DeepClone(),
        ["events"] = new JsonArray([.. events.Select(e => (JsonNode)new JsonObject
        {
            ["position"] = e.Position, ["event"] = e.Json.DeepClone(),
        })]),
        ["words"] = words is var (title, lines)
            ? new JsonArray([title, .. lines.Select(l => (JsonNode)$"{l.Name}: {l.Text}")])
            : null,
    };

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
