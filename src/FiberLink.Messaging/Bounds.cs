using System.Text;

namespace FiberLink.Messaging;

/// <summary>How long texts may be; the columns hold to it as well. Lengths are UTF-16 units: never fewer than characters.</summary>
internal static class Bounds
{
    public const int NameLengthMax = 128;
    public const int TenantLengthMax = 128;
    public const int CorrelationLengthMax = 255;
    public const int TraceParentLengthMax = 255;
    public const int ReasonLengthMax = 2_000;

    /// <exception cref="ArgumentException">It is empty, too long, or cannot be stored.</exception>
    public static string Text(string value, int most, string field) =>
        value.Length switch
        {
            0 => throw new ArgumentException($"{field} is empty.", field),
            var length when length > most => throw new ArgumentException($"{field} has {length} characters; {most} is the most.", field),
            _ when !IsStorable(value) => throw new ArgumentException($"{field} has a character that cannot be stored.", field),
            _ => value,
        };

    /// <inheritdoc cref="Text"/>
    public static string? TextOrNone(string? value, int most, string field) => value is null ? null : Text(value, most, field);

    /// <exception cref="ArgumentException">It takes more bytes.</exception>
    public static string Bytes(string value, int most, string field) =>
        Encoding.UTF8.GetByteCount(value) is var count && count > most
            ? throw new ArgumentException($"{field} has {count} bytes; {most} is the most.", field)
            : value;

    // PostgreSQL keeps no zero in texts, and half of a pair is no character.
    private static bool IsStorable(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (char.IsHighSurrogate(value[i]) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1]))
            {
                i++;
            }
            else if (value[i] == '\0' || char.IsSurrogate(value[i]))
            {
                return false;
            }
        }

        return true;
    }
}
