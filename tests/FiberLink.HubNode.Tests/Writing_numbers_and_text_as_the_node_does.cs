using System.Globalization;
using System.Numerics;
using FsCheck;
using FsCheck.Fluent;

namespace FiberLink.HubNode.Tests;

public sealed class Writing_numbers_and_text_as_the_node_does
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
            var text = Bech32m.Encode("fibt42", Bech32m.ToGroups(bytes));
            var index = "fibt421".Length + (at % (text.Length - "fibt421".Length));
            var other = "qpzry9x8gf2tvdw0s3jn54khce6mua7l".Where(c => c != text[index]).ElementAt(change % 31);
            return Bech32m.Decode(text, out var prefix, out var groups) == Bech32mReading.Read
                && prefix == "fibt42"
                && bytes.SequenceEqual(Bech32m.FromGroups(groups)!)
                && Bech32m.Decode(text.ToUpperInvariant(), out _, out _) == Bech32mReading.Read
                && Bech32m.Decode($"{text[..index]}{other}{text[(index + 1)..]}", out _, out _) == Bech32mReading.BadChecksum;
        }).QuickCheckThrowOnFailure();

    // Valid and invalid texts from BIP 350.
    [Theory]
    [InlineData("A1LQFN3A", Bech32mReading.Read)]
    [InlineData("abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx", Bech32mReading.Read)]
    [InlineData("split1checkupstagehandshakeupstreamerranterredcaperredlc445v", Bech32mReading.Read)]
    [InlineData("?1v759aa", Bech32mReading.Read)]
    [InlineData("qyrz8wqd2c9m", Bech32mReading.NoSeparator)]
    [InlineData("1qyrz8wqd2c9m", Bech32mReading.NoSeparator)]
    [InlineData("y1b0jsk6g", Bech32mReading.BadCharacter)]
    [InlineData("in1muywd", Bech32mReading.TooShort)]
    [InlineData("M1VUXWEZ", Bech32mReading.BadChecksum)]
    [InlineData("a12uel5l", Bech32mReading.BadChecksum)]
    [InlineData("a1LQFN3A", Bech32mReading.MixedCase)]
    public void Known_texts_are_told_apart(string text, Bech32mReading expected) =>
        Assert.Equal(expected, Bech32m.Decode(text, out _, out _));

    [Fact]
    public void A_sign_whose_lower_case_is_a_letter_is_not_that_letter()
    {
        var text = Bech32m.Encode("a", [22]);

        Assert.Equal('k', text[2]);
        Assert.Equal(Bech32mReading.Read, Bech32m.Decode(text.ToUpperInvariant(), out _, out _));
        Assert.Equal(Bech32mReading.BadCharacter, Bech32m.Decode(text.ToUpperInvariant().Replace('K', '\u212a'), out _, out _));
    }

    [Fact]
    public void Groups_with_leftover_bits_are_no_bytes()
    {
        Assert.Null(Bech32m.FromGroups([31, 31]));
        Assert.Null(Bech32m.FromGroups([0]));
        Assert.Equal([255], Bech32m.FromGroups([31, 28])!);
    }

    [Fact]
    public void A_molecule_with_any_word_of_its_frame_changed_is_no_script()
    {
        var bytes = new UdtScript($"0x{new string('c', 64)}", "type", "0x0102").ToMolecule();
        int[] frame = [.. Enumerable.Range(0, 16), 48, .. Enumerable.Range(49, 4)];

        Assert.All(frame, at =>
        {
            var changed = bytes.ToArray();
            changed[at] ^= 0x40;
            Assert.False(UdtScript.TryFromMolecule(changed, out _), $"Byte {at} may be anything.");
        });
    }

    [Fact]
    public void Every_script_comes_back_from_its_molecule() =>
        Prop.ForAll<byte[], byte>((args, kind) =>
        {
            string[] kinds = ["data", "type", "data1", "data2"];
            var script = new UdtScript($"0x{new string('c', 64)}", kinds[kind % 4], $"0x{Convert.ToHexString(args)}");
            var bytes = script.ToMolecule();
            return UdtScript.TryFromMolecule(bytes, out var back) && back == script
                && !UdtScript.TryFromMolecule([.. bytes, 0], out _)
                && !UdtScript.TryFromMolecule(bytes.AsSpan(1), out _);
        }).QuickCheckThrowOnFailure();
}
