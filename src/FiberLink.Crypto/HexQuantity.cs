using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace FiberLink.Crypto;

/// <summary>
/// The node's way with integers: <c>0x</c> and hexadecimal digits without leading zeros, <c>0x0</c> for zero. Nothing is lost
/// and nothing is guessed: decimal text, leading zeros and numbers beyond 128 bits are not read.
/// </summary>
public static class HexQuantity
{
    private const string Prefix = "0x";
    private const int DigitsMax = 32;

    /// <summary>Writes lower-case digits.</summary>
    public static string Format(UInt128 value) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{value:x}");

    /// <summary>Reads digits of either case; answers false for anything that is not such a quantity.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out UInt128 value)
    {
        value = default;
        if (text is null || !text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var digits = text.AsSpan(Prefix.Length);
        return digits.Length is > 0 and <= DigitsMax
            && (digits.Length == 1 || digits[0] != '0')
            && UInt128.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
