using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace FiberLink.Crypto.Sealing;

/// <summary>A text and who signed it (c2sp.org/signed-note).</summary>
/// <param name="Text">What is signed; its last character is a line's end.</param>
/// <param name="Signatures">At least one.</param>
public sealed record SignedNote(string Text, IReadOnlyList<NoteSignature> Signatures)
{
    /// <summary>More than any note of a log has.</summary>
    public const int LengthMax = 64 * 1024;

    private const string Mark = "— ";
    private const int SignaturesMax = 100;

    /// <summary>Reads a note. Who signed it has still to be checked.</summary>
    public static bool TryParse([NotNullWhen(true)] string? note, [NotNullWhen(true)] out SignedNote? read)
    {
        read = null;
        if (note is null || note.Length > LengthMax || note.Any(c => c < ' ' && c != '\n') || !note.EndsWith('\n'))
        {
            return false;
        }

        var end = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (end < 0 || end + 2 == note.Length)
        {
            return false;
        }

        var signatures = new List<NoteSignature>();
        foreach (var line in note[(end + 2)..^1].Split('\n'))
        {
            if (signatures.Count == SignaturesMax || !TryParseLine(line, out var signature))
            {
                return false;
            }

            signatures.Add(signature);
        }

        read = new(note[..(end + 1)], signatures);
        return true;
    }

    /// <summary>Whether one of these keys signed it, and none of them is said to have although it didn't.</summary>
    public bool IsSignedBy(IEnumerable<NoteKey> keys) => SignersAmong(keys) is { Count: > 0 };

    /// <summary>Which of the keys signed it; null when a signature of one of them is wrong.</summary>
    public IReadOnlyList<NoteKey>? SignersAmong(IEnumerable<NoteKey> keys)
    {
        var signers = new List<NoteKey>();
        foreach (var key in keys)
        {
            foreach (var signature in Signatures.Where(s => s.Name == key.Name && s.KeyId == key.Id))
            {
                if (!key.Verifies(Text, signature.Bytes.Span))
                {
                    return null;
                }

                signers.Add(key);
            }
        }

        return signers;
    }

    /// <summary>The note, as it is stored and sent.</summary>
    public override string ToString() => $"{Text}\n{string.Concat(Signatures.Select(s => $"{Line(s)}\n"))}";

    private static string Line(NoteSignature signature)
    {
        var bytes = new byte[sizeof(uint) + signature.Bytes.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, signature.KeyId);
        signature.Bytes.Span.CopyTo(bytes.AsSpan(sizeof(uint)));
        return $"{Mark}{signature.Name} {Convert.ToBase64String(bytes)}";
    }

    private static bool TryParseLine(string line, out NoteSignature signature)
    {
        signature = default;
        if (!line.StartsWith(Mark, StringComparison.Ordinal) || line[Mark.Length..].Split(' ') is not [var name, var base64]
            || !NoteKey.IsName(name))
        {
            return false;
        }

        var bytes = new byte[base64.Length];
        if (!Convert.TryFromBase64String(base64, bytes, out var length) || length <= sizeof(uint)
            || Convert.ToBase64String(bytes.AsSpan(0, length)) != base64)
        {
            return false;
        }

        signature = new(name, BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes.AsMemory(sizeof(uint)..length));
        return true;
    }
}

/// <param name="Name">The key's name.</param>
/// <param name="KeyId">The first four bytes of what names the key.</param>
/// <param name="Bytes">The signature itself.</param>
public readonly record struct NoteSignature(string Name, uint KeyId, ReadOnlyMemory<byte> Bytes);
