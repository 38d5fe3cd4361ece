using System.Diagnostics.CodeAnalysis;

namespace FiberLink.Crypto.Sealing;

/// <summary>
/// Shows by itself that a log begins with what it was before: two signed checkpoints, and the hashes that lead from one to the other
/// (RFC 6962, section 2.1.2).
/// </summary>
/// <param name="Path">From the lowest subtree up.</param>
/// <param name="Old">The older checkpoint, signed.</param>
/// <param name="New">The newer one, signed.</param>
public sealed record ConsistencyProof(IReadOnlyList<Bytes32> Path, SignedNote Old, SignedNote New)
{
    private const string Header = "fiberlink consistency proof v1";
    private const string OldHeader = "the older checkpoint";
    private const string NewHeader = "the newer checkpoint";

    // One for each level of either tree is more than there can be.
    private const int PathMax = 126;

    /// <summary>Reads a proof in its one form. Whether it shows anything has still to be checked.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ConsistencyProof? proof)
    {
        proof = null;
        var older = text.IndexOf($"\n\n{OldHeader}\n", StringComparison.Ordinal);
        var newer = text.IndexOf($"\n\n{NewHeader}\n", StringComparison.Ordinal);
        if (older < 0 || newer < older || text[..older].Split('\n') is not [Header, .. var lines] || lines.Length > PathMax)
        {
            return false;
        }

        var path = new List<Bytes32>();
        foreach (var line in lines)
        {
            if (!Checkpoint.TryParseHash(line, out var hash))
            {
                return false;
            }

            path.Add(hash);
        }

        if (!SignedNote.TryParse(text[(older + OldHeader.Length + 3)..(newer + 1)], out var old)
            || !SignedNote.TryParse(text[(newer + NewHeader.Length + 3)..], out var now))
        {
            return false;
        }

        proof = new(path, old, now);
        return proof.ToString() == text;
    }

    /// <summary>What it shows, to whoever trusts these keys.</summary>
    /// <param name="keys">After a change of keys: both that signed.</param>
    public ConsistencyVerdict Check(IReadOnlyCollection<NoteKey> keys)
    {
        if (!Checkpoint.TryParse(Old.Text, out var old) || !Checkpoint.TryParse(New.Text, out var now))
        {
            return new ConsistencyVerdict.Worthless("What is signed is no checkpoint.");
        }

        if (old.Origin != now.Origin)
        {
            return new ConsistencyVerdict.Worthless($"The checkpoints are of two logs, {old.Origin} and {now.Origin}.");
        }

        foreach (var (note, which) in new[] { (Old, "older"), (New, "newer") })
        {
            if (!note.IsSignedBy(keys.Where(k => k.Name == old.Origin)))
            {
                return new ConsistencyVerdict.Worthless(
                    $"None of the given keys signed the {which} checkpoint as its log. After a change of keys, both have to be given.");
            }
        }

        if (now.Size < old.Size)
        {
            return new ConsistencyVerdict.Broken(
                old, now, Invariant($"the log had {old.Size} events, and the other checkpoint is of {now.Size}: its end was cut off, ")
                    + "or the two are the wrong way round.");
        }

        if (MerkleProof.IsConsistent(old.Size, old.Root, now.Size, now.Root, Path))
        {
            return new ConsistencyVerdict.Shown(old, now);
        }

        return new ConsistencyVerdict.Broken(old, now, old.Size == now.Size && old.Root != now.Root
            ? Invariant($"both checkpoints are of {old.Size} events, and their roots are not the same: THE LOG WAS FORKED.")
            : "the newer checkpoint does not begin with the older one: the log was rewritten or forked, or the hashes between them are "
                + "not its own.");
    }

    public override string ToString() =>
        $"{Header}\n{string.Concat(Path.Select(h => $"{Checkpoint.ToText(h)}\n"))}\n{OldHeader}\n{Old}\n{NewHeader}\n{New}";

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}

/// <summary>What a proof of consistency is worth.</summary>
public abstract record ConsistencyVerdict
{
    private ConsistencyVerdict()
    {
    }

    /// <summary>The log of the newer checkpoint begins with all that the older one tells of.</summary>
    public sealed record Shown(Checkpoint Old, Checkpoint New) : ConsistencyVerdict;

    /// <summary>Both are signed by the log, and one does not follow on the other as far as this shows.</summary>
    /// <param name="Old">What the older says.</param>
    /// <param name="New">What the newer says.</param>
    /// <param name="Because">In words that end a sentence.</param>
    public sealed record Broken(Checkpoint Old, Checkpoint New, string Because) : ConsistencyVerdict;

    /// <summary>It shows nothing.</summary>
    /// <param name="Because">A sentence for people.</param>
    public sealed record Worthless(string Because) : ConsistencyVerdict;
}
