using System.Globalization;

namespace FiberLink.Crypto.Sealing;

/// <summary>A number as ECMAScript writes it, which is how RFC 8785 does.</summary>
internal static class CanonicalNumber
{
    // Whole numbers of this many digits are written as they are.
    private const int PlainDigitsMax = 15;

    // ECMAScript writes digits from here to here without an exponent.
    private const int PointMax = 21;
    private const int PointMin = -5;

    /// <param name="token">A number of JSON.</param>
    /// <param name="isExact">Whether a number that isn't exactly the one it would be written as is refused.</param>
    /// <exception cref="FormatException">The number is not exact, or beyond what a number of JSON can be.</exception>
    public static string Of(ReadOnlySpan<char> token, bool isExact)
    {
        if (IsPlain(token))
        {
            return token is "-0" ? "0" : token.ToString();
        }

        if (!double.TryParse(token, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
        {
            throw new FormatException("A number is beyond what JSON can carry from one program to another.");
        }

        if (value == 0)
        {
            return isExact && Decimal.Read(token).Digits.Length > 0 ? throw Inexact() : "0";
        }

        // The fewest digits that lead back to the number, and of those the nearest.
        var shortest = Decimal.Read(value.ToString("R", CultureInfo.InvariantCulture));
        if (isExact && (Decimal.Read(token) != shortest || HasIdleZeros(token)))
        {
            throw Inexact();
        }

        return shortest.Write();
    }

    private static bool IsPlain(ReadOnlySpan<char> token) =>
        token.Length <= PlainDigitsMax && token.TrimStart('-').IndexOfAnyExceptInRange('0', '9') < 0;

    private static bool HasIdleZeros(ReadOnlySpan<char> token)
    {
        var end = token.IndexOfAny('e', 'E');
        var mantissa = end < 0 ? token : token[..end];
        return mantissa.Contains('.') && mantissa[^1] == '0';
    }

    private static FormatException Inexact() =>
        new("A number is not exactly what it would be read as: write it as text.");

    /// <summary>Digits without zeros around them, and where the point is: 0.digits × 10^point.</summary>
    private readonly record struct Decimal(bool IsNegative, string Digits, int Point)
    {
        public static Decimal Read(ReadOnlySpan<char> text)
        {
            var isNegative = text[0] == '-';
            text = isNegative ? text[1..] : text;
            var exponent = 0;
            if (text.IndexOfAny('e', 'E') is >= 0 and var at)
            {
                // An exponent beyond all others is one of a number that isn't finite, or nothing.
                exponent = int.TryParse(text[(at + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var read)
                    ? read
                    : throw Inexact();
                text = text[..at];
            }

            var point = text.IndexOf('.');
            var digits = point < 0 ? text.ToString() : $"{text[..point]}{text[(point + 1)..]}";
            point = point < 0 ? text.Length : point;
            var significant = digits.TrimStart('0');
            return new(isNegative, significant.TrimEnd('0'), point - (digits.Length - significant.Length) + exponent);
        }

        public string Write()
        {
            var sign = IsNegative ? "-" : "";
            if (Point is > 0 and <= PointMax)
            {
                return Digits.Length <= Point
                    ? $"{sign}{Digits.PadRight(Point, '0')}"
                    : $"{sign}{Digits[..Point]}.{Digits[Point..]}";
            }

            if (Point is >= PointMin and <= 0)
            {
                return $"{sign}0.{new string('0', -Point)}{Digits}";
            }

            var exponent = Point - 1;
            var rest = Digits.Length > 1 ? $".{Digits[1..]}" : "";
            return string.Create(
                CultureInfo.InvariantCulture, $"{sign}{Digits[0]}{rest}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent)}");
        }
    }
}
