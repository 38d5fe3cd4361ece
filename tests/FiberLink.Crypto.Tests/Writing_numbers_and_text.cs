using System.Globalization;
using System.Numerics;
using FsCheck;
using FsCheck.Fluent;

namespace FiberLink.Crypto.Tests;

public sealed class Writing_numbers_and_text
{
    [Fact]
    public void Every_quantity_comes_back_whole() =>
        Prop.ForAll<ulong, ulong>((high, low) =>
        {
            var value = new UInt128(high, low);
            var text = HexQuantity.Format(value);
            return HexQuantity.TryParse(text, out var back) && back == value
                && HexQuantity.TryParse($"0x{text[2..].ToUpperInvariant()}", out var upper) && upper == value;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_quantity_is_read_exactly_when_it_is_how_it_would_be_written() =>
        Prop.ForAll<string>(text =>
            !HexQuantity.TryParse(text, out var value)
            || string.Equals(HexQuantity.Format(value), text, StringComparison.OrdinalIgnoreCase)).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("0x0", "0")]
    [InlineData("0x5f5e100", "100000000")]
    [InlineData("0xffffffffffffffffffffffffffffffff", "340282366920938463463374607431768211455")]
    public void Known_quantities_are_read(string text, string value)
    {
        Assert.True(HexQuantity.TryParse(text, out var read));
        Assert.Equal(BigInteger.Parse(value, CultureInfo.InvariantCulture), (BigInteger)read);
        Assert.Equal(text, HexQuantity.Format(read));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0x")]
    [InlineData("10")]
    [InlineData("0x00")]
    [InlineData("0x01")]
    [InlineData("0X1")]
    [InlineData("-0x1")]
    [InlineData("0x-1")]
    [InlineData("0x 1")]
    [InlineData("0x1 ")]
    [InlineData("0x100000000000000000000000000000000")]
    public void What_could_be_misread_is_not_read(string? text) => Assert.False(HexQuantity.TryParse(text, out _));

    [Fact]
    public void Every_bech32m_text_comes_back_and_no_changed_letter_is_accepted() =>
        Prop.ForAll<byte[], ushort, byte>((bytes, at, change) =>
        {
            var text = Bech32.Encode("fibt42", Bech32.ToGroups(bytes));
            var index = "fibt421".Length + (at % (text.Length - "fibt421".Length));
            var other = "qpzry9x8gf2tvdw0s3jn54khce6mua7l".Where(c => c != text[index]).ElementAt(change % 31);
            return Bech32.Decode(text, out var prefix, out var groups) == Bech32Reading.Read
                && prefix == "fibt42"
                && bytes.SequenceEqual(Bech32.FromGroups(groups)!)
                && Bech32.Decode(text.ToUpperInvariant(), out _, out _) == Bech32Reading.Read
                && Bech32.Decode($"{text[..index]}{other}{text[(index + 1)..]}", out _, out _) == Bech32Reading.BadChecksum;
        }).QuickCheckThrowOnFailure();

    // Valid and invalid texts from BIP 350.
    [Theory]
    [InlineData("A1LQFN3A", Bech32Reading.Read)]
    [InlineData("abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx", Bech32Reading.Read)]
    [InlineData("split1checkupstagehandshakeupstreamerranterredcaperredlc445v", Bech32Reading.Read)]
    [InlineData("?1v759aa", Bech32Reading.Read)]
    [InlineData("qyrz8wqd2c9m", Bech32Reading.NoSeparator)]
    [InlineData("1qyrz8wqd2c9m", Bech32Reading.NoSeparator)]
    [InlineData("y1b0jsk6g", Bech32Reading.BadCharacter)]
    [InlineData("\u00201xj0phk", Bech32Reading.BadCharacter)]
    [InlineData("\u007f1g6xzxy", Bech32Reading.BadCharacter)]
    [InlineData("\u00801vctc34", Bech32Reading.BadCharacter)]
    [InlineData("in1muywd", Bech32Reading.TooShort)]
    [InlineData("M1VUXWEZ", Bech32Reading.BadChecksum)]
    [InlineData("a12uel5l", Bech32Reading.BadChecksum)]
    [InlineData("a1LQFN3A", Bech32Reading.MixedCase)]
    public void Known_texts_are_told_apart(string text, Bech32Reading expected) =>
        Assert.Equal(expected, Bech32.Decode(text, out _, out _));

    [Fact]
    public void A_sign_whose_lower_case_is_a_letter_is_not_that_letter()
    {
        var text = Bech32.Encode("a", [22]);

        Assert.Equal('k', text[2]);
        Assert.Equal(Bech32Reading.Read, Bech32.Decode(text.ToUpperInvariant(), out _, out _));
        Assert.Equal(Bech32Reading.BadCharacter, Bech32.Decode(text.ToUpperInvariant().Replace('K', '\u212a'), out _, out _));
    }

    [Fact]
    public void Groups_with_leftover_bits_are_no_bytes()
    {
        Assert.Null(Bech32.FromGroups([31, 31]));
        Assert.Null(Bech32.FromGroups([0]));
        Assert.Equal([255], Bech32.FromGroups([31, 28])!);
    }
}
