using System.Globalization;
using FiberLink.Events.Money;

namespace FiberLink.Domain.Money;

public enum AmountProblem
{
    /// <summary>Not digits with at most one point between them, or more than <see cref="AmountText.LengthMax"/> characters.</summary>
    NotADecimal = 1,

    NotPositive = 2,
    TooManyDecimals = 3,
    TooLarge = 4,
}

/// <summary>Amounts as people and the wire write them: <c>1.5</c> CKB is 150,000,000 shannon. Integer arithmetic only.</summary>
public static class AmountText
{
    /// <summary>More characters than any amount can need: 39 digits, a point, and room for leading zeros.</summary>
    public const int LengthMax = 80;

    /// <summary>Reads <c>digits[.digits]</c>; no sign, exponent, separators or spaces. Trailing zeros do not count as decimals.</summary>
    /// <returns>The amount, or null and the first problem there is.</returns>
    public static Amount? Parse(string text, AssetDefinition asset, out AmountProblem? problem)
    {
        problem = null;
        if (text.Length > LengthMax)
        {
            problem = AmountProblem.NotADecimal;
            return null;
        }

        var point = text.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? text : text[..point];
        var fraction = point < 0 ? "" : text[(point + 1)..];
        if (!AllDigits(whole) || (point >= 0 && !AllDigits(fraction)))
        {
            problem = AmountProblem.NotADecimal;
            return null;
        }

        whole = whole.TrimStart('0');
        fraction = fraction.TrimEnd('0');
        if (whole.Length == 0 && fraction.Length == 0)
        {
            problem = AmountProblem.NotPositive;
            return null;
        }

        if (fraction.Length > asset.Decimals)
        {
            problem = AmountProblem.TooManyDecimals;
            return null;
        }

        var digits = whole + fraction.PadRight(asset.Decimals, '0');
        if (!UInt128.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var units) || units > asset.UnitsMax)
        {
            problem = AmountProblem.TooLarge;
            return null;
        }

        return new Amount(asset.Asset, units);
    }

    /// <summary>The shortest text that <see cref="Parse"/> reads back: no trailing zeros, <c>0</c> for nothing.</summary>
    public static string Format(UInt128 units, int decimals)
    {
        var digits = units.ToString(CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
        var whole = digits[..^decimals];
        var fraction = digits[^decimals..].TrimEnd('0');
        return fraction.Length == 0 ? whole : $"{whole}.{fraction}";
    }

    /// <summary>As <see cref="Format(UInt128, int)"/>, with a minus sign where it belongs.</summary>
    public static string Format(Int128 units, int decimals) =>
        units < 0 ? "-" + Format((UInt128)(-units), decimals) : Format((UInt128)units, decimals);

    private static bool AllDigits(string text) => text.Length > 0 && text.All(char.IsAsciiDigit);
}
