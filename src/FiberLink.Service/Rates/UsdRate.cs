using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace FiberLink.Service.Rates;

/// <summary>Dollars for one unit of an asset as people count it (1 CKB): a decimal number above zero, exactly as it was told.</summary>
internal sealed partial class UsdRate
{
    /// <summary>More characters than any price has.</summary>
    public const int LengthMax = 64;

    private const int CentsPerDollar = 100;

    // The number is the digits with so many of them behind the point.
    private readonly BigInteger _digits;
    private readonly int _decimals;

    private UsdRate(BigInteger digits, int decimals)
    {
        (_digits, _decimals) = (digits, decimals);
        var text = digits.ToString(CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
        Text = decimals == 0 ? text : $"{text[..^decimals]}.{text[^decimals..]}";
    }

    public static UsdRate One { get; } = new(BigInteger.One, 0);

    /// <summary>The shortest that says it: no exponent, no zeros at the end.</summary>
    public string Text { get; }

    /// <summary>Reads a number as JSON writes it, exponent and all.</summary>
    /// <returns>Null when it is none, not above zero, or longer than <see cref="LengthMax"/>, written out.</returns>
    public static UsdRate? Parse(string text)
    {
        if (text.Length > LengthMax || Number().Match(text) is not { Success: true } match)
        {
            return null;
        }

        var fraction = match.Groups["fraction"].Value;
        var exponent = match.Groups["exponent"] is { Success: true, Value: var e } ? int.Parse(e, CultureInfo.InvariantCulture) : 0;
        var digits = (match.Groups["whole"].Value + fraction).TrimStart('0');
        var decimals = fraction.Length - exponent;
        while (decimals > 0 && digits.EndsWith('0'))
        {
            (digits, decimals) = (digits[..^1], decimals - 1);
        }

        if (digits.Length == 0 || decimals > LengthMax)
        {
            return null;
        }

        digits = decimals < 0 ? digits.PadRight(digits.Length - decimals, '0') : digits;
        var rate = new UsdRate(BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture), Math.Max(decimals, 0));
        return rate.Text.Length <= LengthMax ? rate : null;
    }

    /// <summary>As <see cref="Parse"/>: sources write prices as numbers or as strings.</summary>
    public static UsdRate? Read(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Number => Parse(value.GetRawText()),

            // As it is written: no digit needs an escape.
            JsonValueKind.String => Parse(value.GetRawText()[1..^1]),
            _ => null,
        };

    /// <summary>What an amount is worth.</summary>
    /// <param name="units">Smallest units.</param>
    /// <param name="assetDecimals">How many digits of the asset stand behind the point.</param>
    /// <returns>Whole cents, rounded down; null when there are more than a long holds.</returns>
    public long? Cents(UInt128 units, int assetDecimals)
    {
        var cents = units * _digits * CentsPerDollar / BigInteger.Pow(10, assetDecimals + _decimals);
        return cents <= long.MaxValue ? (long)cents : null;
    }

    /// <summary>Whether the larger of the two is above the smaller by no more than so many per cent of the smaller.</summary>
    public bool IsWithin(int percent, UsdRate other)
    {
        var (mine, others) = (_digits * BigInteger.Pow(10, other._decimals), other._digits * BigInteger.Pow(10, _decimals));
        var (smaller, larger) = (BigInteger.Min(mine, others), BigInteger.Max(mine, others));
        return (larger - smaller) * 100 <= smaller * percent;
    }

    public override string ToString() => Text;

    [GeneratedRegex(@"^(?<whole>0|[1-9][0-9]*)(\.(?<fraction>[0-9]+))?([eE](?<exponent>[+-]?[0-9]{1,2}))?\z")]
    private static partial Regex Number();
}
