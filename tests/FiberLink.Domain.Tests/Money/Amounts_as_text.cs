using FiberLink.Domain.Money;
using FiberLink.Events.Money;
using FsCheck;
using FsCheck.Fluent;

namespace FiberLink.Domain.Tests.Money;

public sealed class Amounts_as_text
{
    private const string UnitsMax = "170141183460469231731687303715884105727";

    [Theory]
    [InlineData("1.5", 8, "150000000")]
    [InlineData("1", 8, "100000000")]
    [InlineData("0.00000001", 8, "1")]
    [InlineData("1.500000000", 8, "150000000")]
    [InlineData("0.000000010000000000", 8, "1")]
    [InlineData("007", 8, "700000000")]
    [InlineData("00.5", 8, "50000000")]
    [InlineData("1.0", 0, "1")]
    [InlineData("42", 0, "42")]
    [InlineData("0.000000000000000001", 18, "1")]
    [InlineData("0.000000000000000000000000000001", 30, "1")]
    [InlineData("0000000000000000000000000000000000000000000000001", 0, "1")]
    [InlineData("123456789.12345678", 8, "12345678912345678")]
    public void Are_read_to_the_last_unit(string text, int decimals, string units) =>
        Assert.Equal(UInt128.Parse(units, null), Read(text, decimals).Units);

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("1.")]
    [InlineData(".5")]
    [InlineData("1..5")]
    [InlineData("1.2.3")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1 000")]
    [InlineData("\t1")]
    [InlineData("1\n")]
    [InlineData("-1")]
    [InlineData("-0")]
    [InlineData("+1")]
    [InlineData("1e3")]
    [InlineData("1E-3")]
    [InlineData("0x10")]
    [InlineData("1,5")]
    [InlineData("1_000")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("\u0661\u0662")]
    [InlineData("\uFF11")]
    [InlineData("1\u066B5")]
    [InlineData("1\u200B")]
    [InlineData("\u00BD")]
    [InlineData("1.5\0")]
    public void That_are_no_plain_decimals_are_refused(string text) => Refused(text, 8, AmountProblem.NotADecimal);

    [Theory]
    [InlineData("0")]
    [InlineData("0.000")]
    [InlineData("000")]
    [InlineData("0.000000000000000000000000000000000000000")]
    public void Of_nothing_are_refused(string text) => Refused(text, 8, AmountProblem.NotPositive);

    [Theory]
    [InlineData("1.000000001", 8)]
    [InlineData("0.123456789", 8)]
    [InlineData("0.1", 0)]
    [InlineData("1.0000000000000000001", 18)]
    [InlineData("0.0000000000000000000000000000001", 30)]
    public void With_more_decimals_than_the_asset_has_are_refused(string text, int decimals) =>
        Refused(text, decimals, AmountProblem.TooManyDecimals);

    [Theory]
    [InlineData(0, UnitsMax, "170141183460469231731687303715884105728")]
    [InlineData(8, "1701411834604692317316873037158.84105727", "1701411834604692317316873037158.84105728")]
    [InlineData(18, "170141183460469231731.687303715884105727", "170141183460469231731.687303715884105728")]
    [InlineData(30, "170141183.460469231731687303715884105727", "170141183.460469231731687303715884105728")]
    public void Reach_exactly_as_far_as_a_journal_can_post(int decimals, string most, string oneMore)
    {
        Assert.Equal(Amount.UnitsMax, Read(most, decimals).Units);
        Refused(oneMore, decimals, AmountProblem.TooLarge);
    }

    [Fact]
    public void Of_ckb_reach_exactly_as_far_as_the_node_takes_them()
    {
        Assert.Equal(ulong.MaxValue - 1, AmountText.Parse("184467440737.09551614", AssetDefinition.Ckb, out _)!.Value.Units);
        Assert.Null(AmountText.Parse("184467440737.09551615", AssetDefinition.Ckb, out var problem));
        Assert.Equal(AmountProblem.TooLarge, problem);
    }

    [Theory]
    [InlineData("9999999999999999999999999999999999999999", 0)]
    [InlineData("340282366920938463463374607431768211456", 0)]
    [InlineData("9999999999999999999999999999999999999999", 30)]
    [InlineData("9999999999999999999999999999999999999999.5", 8)]
    public void Of_more_than_128_bits_are_too_large(string text, int decimals) => Refused(text, decimals, AmountProblem.TooLarge);

    [Fact]
    public void Longer_than_any_amount_can_need_are_refused_unread()
    {
        Assert.Equal(UInt128.One, Read(new string('0', AmountText.LengthMax - 1) + "1", 0).Units);
        Refused(new string('0', AmountText.LengthMax) + "1", 0, AmountProblem.NotADecimal);
        Refused(new string('9', 1_000_000), 8, AmountProblem.NotADecimal);
    }

    [Theory]
    [InlineData("0", 8, "0")]
    [InlineData("1", 8, "0.00000001")]
    [InlineData("150000000", 8, "1.5")]
    [InlineData("100000000", 8, "1")]
    [InlineData("1000000000", 8, "10")]
    [InlineData("42", 0, "42")]
    [InlineData("40", 0, "40")]
    [InlineData("340282366920938463463374607431768211455", 0, "340282366920938463463374607431768211455")]
    [InlineData("340282366920938463463374607431768211455", 30, "340282366.920938463463374607431768211455")]
    public void Are_written_as_short_as_they_can_be(string units, int decimals, string text) =>
        Assert.Equal(text, AmountText.Format(UInt128.Parse(units, null), decimals));

    [Theory]
    [InlineData("0", "0")]
    [InlineData("-1", "-0.00000001")]
    [InlineData("-150000000", "-1.5")]
    [InlineData("150000000", "1.5")]
    [InlineData("170141183460469231731687303715884105727", "1701411834604692317316873037158.84105727")]
    [InlineData("-170141183460469231731687303715884105728", "-1701411834604692317316873037158.84105728")]
    public void Of_postings_are_written_with_their_sign(string units, string text) =>
        Assert.Equal(text, AmountText.Format(Int128.Parse(units, null), 8));

    [Fact]
    public void Read_back_as_they_were_written() =>
        Property.Holds(
            from units in PostableUnits from decimals in Gen.Choose(0, AssetDefinition.DecimalsMax) select (units, decimals),
            written =>
            {
                var text = AmountText.Format(written.units, written.decimals);

                Assert.Equal(new Amount(Token(0).Asset, written.units), Read(text, written.decimals));
                Assert.InRange(text.Length, 1, AmountText.LengthMax);
            });

    [Fact]
    public void Are_written_back_as_they_were_read_but_for_idle_zeros() =>
        Property.Holds(
            from whole in Gen.Choose(0, int.MaxValue) from fraction in Gen.Choose(1, 99_999_999) select $"{whole}.{fraction:D8}",
            text => Assert.Equal(text.TrimEnd('0'), AmountText.Format(Read(text, 8).Units, 8)));

    [Fact]
    public void Of_any_letters_whatsoever_are_an_amount_or_a_problem_and_never_both() =>
        Property.Holds(
            Gen.OneOf(
                ArbMap.Default.GeneratorFor<string>().Select(s => s ?? ""),
                Gen.Elements("0123456789.-+e ".ToCharArray()).ListOf().Select(string.Concat)),
            text =>
            {
                var amount = AmountText.Parse(text, AssetDefinition.Ckb, out var problem);

                Assert.NotEqual(amount is null, problem is null);
                Assert.True(amount is null || amount.Value.Units > 0 && amount.Value.Units <= AssetDefinition.Ckb.UnitsMax);
            });

    private static Gen<UInt128> PostableUnits { get; } =
        from high in ArbMap.Default.GeneratorFor<DoNotSize<ulong>>()
        from low in ArbMap.Default.GeneratorFor<DoNotSize<ulong>>()
        from shift in Gen.Choose(1, 127)
        select UInt128.Max(1, new UInt128(high.Item, low.Item) >> shift);

    private static AssetDefinition Token(int decimals) =>
        AssetDefinition.Token(new Asset("USDI"), decimals, new TokenScript("0x" + new string('1', 64), "type", "0x"));

    private static Amount Read(string text, int decimals)
    {
        var amount = AmountText.Parse(text, Token(decimals), out var problem);

        Assert.Null(problem);
        return Assert.NotNull(amount);
    }

    private static void Refused(string text, int decimals, AmountProblem expected)
    {
        Assert.Null(AmountText.Parse(text, Token(decimals), out var problem));
        Assert.Equal(expected, problem);
    }
}
