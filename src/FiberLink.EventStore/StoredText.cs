namespace FiberLink.EventStore;

/// <summary>What a text column or a JSON document can hold: every character but U+0000, and no half of a character.</summary>
internal static class StoredText
{
    private static ReadOnlySpan<byte> EscapedNul => "\\u0000"u8;

    /// <summary>True for 1 to <paramref name="lengthMax"/> characters that can be stored and found again.</summary>
    public static bool IsName(string? text, int lengthMax) => text is { Length: > 0 } && text.Length <= lengthMax && IsText(text);

    public static bool IsText(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (text[i] == '\0' || char.IsSurrogate(text[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a string in the JSON has a U+0000, which is always written as an escape.</summary>
    public static bool HasNul(ReadOnlySpan<byte> json)
    {
        for (var from = 0; json[from..].IndexOf(EscapedNul) is >= 0 and var found; from += found + 1)
        {
            // An escape begins with the last of an odd number of backslashes; an even number is a text about backslashes.
            var (at, before) = (from + found, from + found);
            while (before > 0 && json[before - 1] == '\\')
            {
                before--;
            }

            if ((at - before) % 2 == 0)
            {
                return true;
            }
        }

        return false;
    }
}
