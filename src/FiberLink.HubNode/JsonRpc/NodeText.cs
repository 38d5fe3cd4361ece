using System.Text.RegularExpressions;

namespace FiberLink.HubNode.JsonRpc;

/// <summary>The node's own words, made fit for our logs.</summary>
internal static partial class NodeText
{
    private const int LettersMax = 300;

    /// <summary>At most so many letters, without control characters.</summary>
    public static string Shorten(string text) =>
        string.Concat(text.Take(LettersMax).Select(c => char.IsControl(c) ? ' ' : c));

    /// <summary>The node repeats parameters in what it says about them, and one of ours is a secret of 64 digits.</summary>
    public static string HideHashes(string text) => LongHex().Replace(text, "(hex)");

    [GeneratedRegex("[0-9a-fA-F]{64,}", RegexOptions.CultureInvariant)]
    private static partial Regex LongHex();
}
