using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace FiberLink.Crypto.Sealing;

/// <summary>What a log says of itself: how long it is, and the root over all of it (c2sp.org/tlog-checkpoint).</summary>
/// <param name="Origin">The log's name.</param>
/// <param name="Size">How many leaves its tree has.</param>
/// <param name="Root">The tree's root.</param>
public sealed record Checkpoint(string Origin, long Size, Bytes32 Root)
{
    /// <summary>Reads the text of a note. Lines after the third say nothing that is known here.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Checkpoint? checkpoint)
    {
        checkpoint = null;
        if (text?.Split('\n') is not [{ Length: > 0 } origin, var size, var root, .., ""]
            || !long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var leaves)
            || leaves.ToString(CultureInfo.InvariantCulture) != size)
        {
            return false;
        }

        if (!TryParseHash(root, out var hash))
        {
            return false;
        }

        checkpoint = new(origin, leaves, hash);
        return true;
    }

    /// <summary>A hash in base64, in its one form.</summary>
    public static bool TryParseHash(string text, out Bytes32 hash)
    {
        Span<byte> bytes = stackalloc byte[Bytes32.Length + 1];
        hash = default;
        if (!Convert.TryFromBase64String(text, bytes, out var length) || length != Bytes32.Length)
        {
            return false;
        }

        hash = Bytes32.From(bytes[..length]);
        return ToText(hash) == text;
    }

    /// <summary>A hash in base64.</summary>
    public static string ToText(Bytes32 hash) => Convert.ToBase64String(hash.ToBytes());

    /// <summary>The text that is signed.</summary>
    public string ToText() => string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{ToText(Root)}\n");
}
