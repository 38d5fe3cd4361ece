using System.Globalization;
using System.Numerics;
using System.Text.Json;
using FiberLink.Domain.Money;
using FiberLink.Service.Rates;
using FsCheck;
using FsCheck.Fluent;

namespace FiberLink.Service.Tests.Rates;

/// <summary>Cents are the whole part of an exact product: nothing on the way is rounded.</summary>
public sealed class What_an_amount_is_worth
{
    private const int ExamplesMax = 1000;

    private static readonly Gen<string> Digits =
        from length in Gen.Choose(1, 20)
        from digits in Gen.ArrayOf(Gen.Choose(0, 9), length)
        select string.Concat(digits);

    // As JSON writes numbers.
    private static readonly Gen<(string Whole, string Fraction, int? Exponent)> Numbers =
        from whole in Gen.OneOf(Gen.Constant("0"), Digits.Select(d => d.TrimStart('0')).Where(d => d.Length > 0))
        from fraction in Gen.OneOf(Gen.Constant(""), Digits)
        from exponent in Gen.OneOf(Gen.Constant<int?>(null), Gen.Choose(-20, 20).Select(e => (int?)e))
        where (whole + fraction).Any(d => d != '0')
        select (whole, fraction, exponent);

    private static readonly Gen<UInt128> Units =
        from shift in Gen.Choose(0, 127)
        from high in Gen.Choose(0, int.MaxValue)
        from low in Gen.Choose(0, int.MaxValue)
        select (((UInt128)high << 96) | ((UInt128)low << 64) | ((UInt128)low << 32) | (UInt128)high) >> shift;

    [Fact]
    public void Is_the_largest_number_of_cents_that_is_not_more_than_the_product() =>
        Holds(
            from number in Numbers
            from units in Units
            from decimals in Gen.Choose(0, AssetDefinition.DecimalsMax)
            select (number, units, decimals),
            example =>
            {
                var (number, units, decimals) = example;
                var (numerator, denominator) = Rational(number);
                var cents = UsdRate.Parse(Text(number))!.Cents(units, decimals);

                // cents/100 <= units/10^decimals * numerator/denominator < (cents + 1)/100, multiplied out.
                var worth = units * numerator * 100;
                var cent = BigInteger.Pow(10, decimals) * denominator;
                if (cents is { } told)
                {
                    Assert.True(told * cent <= worth && worth < (told + BigInteger.One) * cent);
                }
                else
                {
                    Assert.True(worth >= (long.MaxValue + BigInteger.One) * cent);
                }
            });

    [Fact]
    public void Is_told_with_a_rate_that_reads_back_as_the_same_number() =>
        Holds(
            Numbers,
            number =>
            {
                var rate = UsdRate.Parse(Text(number))!;
                var again = UsdRate.Parse(rate.Text)!;

                var (numerator, denominator) = Rational(number);
                var (plain, scale) = Plain(rate.Text);
                Assert.Equal(numerator * scale, plain * denominator);
                Assert.Equal(rate.Text, again.Text);
                Assert.Matches(@"^(0|[1-9][0-9]*)(\.[0-9]*[1-9])?$", rate.Text);
            });

    [Fact]
    public void Two_rates_are_near_each_other_as_the_rationals_say() =>
        Holds(
            from a in Numbers
            from b in Gen.OneOf(Numbers, Gen.Choose(1, 400).Select(p => (a.Whole, Fraction: a.Fraction + p, a.Exponent)))
            from percent in Gen.Choose(1, 900)
            select (a, b, percent),
            example =>
            {
                var ((an, ad), (bn, bd)) = (Rational(example.a), Rational(example.b));
                var (smaller, larger) = (BigInteger.Min(an * bd, bn * ad), BigInteger.Max(an * bd, bn * ad));
                var (a, b) = (UsdRate.Parse(Text(example.a))!, UsdRate.Parse(Text(example.b))!);

                Assert.Equal(larger * 100 <= smaller * (100 + example.percent), a.IsWithin(example.percent, b));
                Assert.Equal(a.IsWithin(example.percent, b), b.IsWithin(example.percent, a));
            });

    [Theory]
    [InlineData("0.004213", 9_999_999_000, 8, 42)]
    [InlineData("0.01", 99_999_999, 8, 0)]
    [InlineData("0.01", 100_000_000, 8, 1)]
    [InlineData("1", 4_999_999, 6, 499)]
    [InlineData("4.213E-3", 9_999_999_000, 8, 42)]
    [InlineData("1", 5, 0, 500)]
    public void For_example(string rate, long units, int decimals, long cents) =>
        Assert.Equal(cents, UsdRate.Parse(rate)!.Cents((UInt128)units, decimals));

    [Fact]
    public void Is_nothing_when_no_long_can_hold_it()
    {
        Assert.Equal(long.MaxValue, UsdRate.Parse("0.01")!.Cents(long.MaxValue, 0));
        Assert.Null(UsdRate.Parse("0.01")!.Cents((UInt128)long.MaxValue + 1, 0));
        Assert.Null(UsdRate.Parse(new string('9', 64))!.Cents(UInt128.MaxValue, 0));
    }

    [Theory]
    [InlineData("\"0.0042\"", "0.0042")]
    [InlineData("0.0042", "0.0042")]
    [InlineData("4200e-6", "0.0042")]
    [InlineData("1.50", "1.5")]
    [InlineData("1e3", "1000")]
    [InlineData("100", "100")]
    [InlineData("0", null)]
    [InlineData("0.000", null)]
    [InlineData("-1", null)]
    [InlineData("\"\"", null)]
    [InlineData("\" 1\"", null)]
    [InlineData("\"01\"", null)]
    [InlineData("\"1,5\"", null)]
    [InlineData("\"1\\u0030\"", null)]
    [InlineData("\"\\ud800\"", null)]
    [InlineData("\"NaN\"", null)]
    [InlineData("\"1\\n\"", null)]
    [InlineData("\"\u0661\"", null)]
    [InlineData("1e99", null)]
    [InlineData("1e-99", null)]
    [InlineData("1e999999999999", null)]
    [InlineData("null", null)]
    [InlineData("true", null)]
    [InlineData("[1]", null)]
    public void A_rate_is_read_as_it_is_written_or_not_at_all(string json, string? text)
    {
        using var value = JsonDocument.Parse(json);

        Assert.Equal(text, UsdRate.Read(value.RootElement)?.Text);
    }

    [Fact]
    public void A_rate_of_more_characters_than_any_has_is_none()
    {
        Assert.NotNull(UsdRate.Parse(new string('1', UsdRate.LengthMax)));
        Assert.Null(UsdRate.Parse(new string('1', UsdRate.LengthMax + 1)));
        Assert.Null(UsdRate.Parse($"{new string('1', 50)}e20"));
        Assert.Null(UsdRate.Parse($"0.{new string('1', 50)}e-20"));
    }

    private static string Text((string Whole, string Fraction, int? Exponent) number) =>
        number.Whole
        + (number.Fraction.Length > 0 ? $".{number.Fraction}" : "")
        + (number.Exponent is { } e ? $"e{e.ToString(CultureInfo.InvariantCulture)}" : "");

    private static (BigInteger Numerator, BigInteger Denominator) Rational((string Whole, string Fraction, int? Exponent) number)
    {
        var digits = BigInteger.Parse(number.Whole + number.Fraction, CultureInfo.InvariantCulture);
        var exponent = number.Exponent ?? 0;
        return (
            digits * BigInteger.Pow(10, Math.Max(exponent, 0)),
            BigInteger.Pow(10, number.Fraction.Length) * BigInteger.Pow(10, Math.Max(-exponent, 0)));
    }

    private static (BigInteger Digits, BigInteger Scale) Plain(string text)
    {
        var point = text.IndexOf('.', StringComparison.Ordinal);
        return (
            BigInteger.Parse(text.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture),
            BigInteger.Pow(10, point < 0 ? 0 : text.Length - point - 1));
    }

    private static void Holds<T>(Gen<T> examples, Action<T> check) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(ExamplesMax), Prop.ForAll(examples.ToArbitrary(), check));
}
