using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;

namespace FiberLink.Crypto.Sealing;

/// <summary>
/// Shows by itself that an entry is in a log: where, what leads from it to the root, and who signed that (c2sp.org/tlog-proof).
/// </summary>
/// <param name="Disclosed">What the entry is the SHA-256 of; empty when it isn't told.</param>
/// <param name="Index">The entry's place, from 0.</param>
/// <param name="Path">From the entry's sibling up.</param>
/// <param name="Note">A signed checkpoint.</param>
public sealed record LogProof(ReadOnlyMemory<byte> Disclosed, long Index, IReadOnlyList<Bytes32> Path, SignedNote Note)
{
    private const string Header = "c2sp.org/tlog-proof@v1";
    private const string ExtraWord = "extra ";
    private const string IndexWord = "index ";
    private const int PathMax = 63;
    private const int TogetherMax = 16;

    /// <summary>Reads a proof. Whether it shows anything has still to be checked.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out LogProof? proof)
    {
        proof = null;
        var end = text.IndexOf("\n\n", StringComparison.Ordinal);
        if (end < 0 || !SignedNote.TryParse(text[(end + 2)..], out var note))
        {
            return false;
        }

        var lines = text[..end].Split('\n');
        var at = lines.Length > 1 && lines[1].StartsWith(ExtraWord, StringComparison.Ordinal) ? 2 : 1;
        if (lines[0] != Header || lines.Length <= at || lines.Length - at - 1 > PathMax
            || !lines[at].StartsWith(IndexWord, StringComparison.Ordinal)
            || !long.TryParse(lines[at].AsSpan(IndexWord.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            return false;
        }

        var path = new List<Bytes32>();
        foreach (var line in lines[(at + 1)..])
        {
            if (!Checkpoint.TryParseHash(line, out var hash))
            {
                return false;
            }

            path.Add(hash);
        }

        var disclosed = Array.Empty<byte>();
        if (at == 2 && !TryBase64(lines[1][ExtraWord.Length..], out disclosed))
        {
            return false;
        }

        proof = new(disclosed, index, path, note);
        return proof.ToString() == text;
    }

    /// <summary>Reads one proof, or several that stand behind each other in one file.</summary>
    /// <param name="text">The file.</param>
    /// <returns>None when any of it is no proof.</returns>
    public static IReadOnlyList<LogProof> ParseAll(string text)
    {
        var proofs = new List<LogProof>();
        for (var from = 0; from < text.Length;)
        {
            var next = text.IndexOf($"\n{Header}\n", from, StringComparison.Ordinal);
            var end = next < 0 ? text.Length : next + 1;
            if (proofs.Count == TogetherMax || !TryParse(text[from..end], out var proof))
            {
                return [];
            }

            proofs.Add(proof);
            from = end;
        }

        return proofs;
    }

    /// <summary>What it shows, to whoever trusts one of these keys.</summary>
    public ProofVerdict Check(IReadOnlyCollection<NoteKey> keys)
    {
        if (!Checkpoint.TryParse(Note.Text, out var checkpoint))
        {
            return new ProofVerdict.Worthless("What is signed is no checkpoint.");
        }

        if (!Note.IsSignedBy(keys.Where(k => k.Name == checkpoint.Origin)))
        {
            return new ProofVerdict.Worthless("None of the given keys signed the checkpoint as its log.");
        }

        if (Disclosed.IsEmpty)
        {
            return new ProofVerdict.Worthless("It doesn't tell what was logged.");
        }

        return MerkleProof.Includes(Index, MerkleHash.Leaf(SHA256.HashData(Disclosed.Span)), checkpoint.Size, checkpoint.Root, Path)
            ? new ProofVerdict.Shown(checkpoint)
            : new ProofVerdict.Worthless("What it tells is not what was logged at that place.");
    }

    public override string ToString() =>
        string.Concat(
            $"{Header}\n",
            Disclosed.IsEmpty ? "" : $"{ExtraWord}{Convert.ToBase64String(Disclosed.Span)}\n",
            string.Create(CultureInfo.InvariantCulture, $"{IndexWord}{Index}\n"),
            string.Concat(Path.Select(h => $"{Checkpoint.ToText(h)}\n")),
            $"\n{Note}");

    private static bool TryBase64(string text, out byte[] bytes)
    {
        bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out var length))
        {
            return false;
        }

        bytes = bytes[..length];
        return true;
    }
}

/// <summary>What a proof is worth.</summary>
public abstract record ProofVerdict
{
    private ProofVerdict()
    {
    }

    /// <summary>The entry is in the log that the checkpoint tells of.</summary>
    public sealed record Shown(Checkpoint Checkpoint) : ProofVerdict;

    /// <summary>It shows nothing.</summary>
    /// <param name="Because">A sentence for people.</param>
    public sealed record Worthless(string Because) : ProofVerdict;
}
