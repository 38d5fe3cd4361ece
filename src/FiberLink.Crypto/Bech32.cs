namespace FiberLink.Crypto;

/// <summary>What came of reading a text.</summary>
public enum Bech32Reading
{
    Read = 1,
    MixedCase = 2,
    NoSeparator = 3,
    TooShort = 4,
    BadCharacter = 5,
    BadChecksum = 6,
}

/// <summary>Which of the two checksums a text ends with. The older one lets letters be added before a last <c>p</c>.</summary>
public enum Bech32Checksum
{
    /// <summary>Of BIP 173.</summary>
    Bech32 = 1,

    /// <summary>Of BIP 350.</summary>
    Bech32m = 0x2bc830a3,
}

/// <summary>
/// The outer form of invoices and addresses: a readable prefix, a <c>1</c>, five-bit groups as letters, and six letters of checksum.
/// Invoices are longer than the 90 letters of the standard, so no length is checked here.
/// </summary>
public static class Bech32
{
    private const string Letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private const char Separator = '1';
    private const int ChecksumLength = 6;
    private const int GroupBits = 5;
    private const int ByteBits = 8;
    private const int GroupMask = 31;
    private const char PrefixFirst = '!';
    private const char PrefixLast = '~';

    private static readonly uint[] Generator = GeneratorOfAllFiveBits();
    private static readonly byte[] ValueOfLetter = ValuesOfLetters();

    /// <summary>Writes lower case.</summary>
    /// <param name="prefix">Lower-case printable ASCII, not empty.</param>
    /// <param name="groups">Values 0 to 31.</param>
    /// <param name="checksum">What it ends with.</param>
    /// <exception cref="ArgumentException">The prefix or a group is not such.</exception>
    public static string Encode(string prefix, ReadOnlySpan<byte> groups, Bech32Checksum checksum = Bech32Checksum.Bech32m)
    {
        if (prefix.Length == 0 || !prefix.All(c => c is >= PrefixFirst and <= PrefixLast && !char.IsAsciiLetterUpper(c)))
        {
            throw new ArgumentException("A prefix is lower-case printable ASCII.", nameof(prefix));
        }

        if (groups.ContainsAnyExceptInRange((byte)0, (byte)GroupMask))
        {
            throw new ArgumentException("A group has five bits.", nameof(groups));
        }

        var text = new char[prefix.Length + 1 + groups.Length + ChecksumLength];
        prefix.CopyTo(text);
        text[prefix.Length] = Separator;
        var at = prefix.Length + 1;
        var sum = SumOf(prefix);
        foreach (var group in groups)
        {
            sum = Step(sum, group);
            text[at++] = Letters[group];
        }

        for (var i = 0; i < ChecksumLength; i++)
        {
            sum = Step(sum, 0);
        }

        for (var i = ChecksumLength - 1; i >= 0; i--)
        {
            text[at++] = Letters[(int)((sum ^ (uint)checksum) >> (GroupBits * i)) & GroupMask];
        }

        return new(text);
    }

    /// <summary>Reads all-lower or all-upper text; the prefix comes out in lower case, the groups without the checksum.</summary>
    /// <remarks>A text with the other checksum has a bad one.</remarks>
    public static Bech32Reading Decode(
        string text, out string prefix, out byte[] groups, Bech32Checksum checksum = Bech32Checksum.Bech32m)
    {
        (prefix, groups) = (string.Empty, []);
        var letters = text.AsSpan();
        if (letters.ContainsAnyInRange('a', 'z') && letters.ContainsAnyInRange('A', 'Z'))
        {
            return Bech32Reading.MixedCase;
        }

        var at = text.LastIndexOf(Separator);
        if (at < 1)
        {
            return Bech32Reading.NoSeparator;
        }

        if (text.Length - at - 1 < ChecksumLength)
        {
            return Bech32Reading.TooShort;
        }

        if (letters[..at].ContainsAnyExceptInRange(PrefixFirst, PrefixLast))
        {
            return Bech32Reading.BadCharacter;
        }

        // Nothing but ASCII here, so no other sign can become one of the letters.
        var lowered = text[..at].ToLowerInvariant();
        var values = new byte[text.Length - at - 1];
        var sum = SumOf(lowered);
        for (var i = 0; i < values.Length; i++)
        {
            var letter = letters[at + 1 + i];
            if (letter >= ValueOfLetter.Length || ValueOfLetter[letter] is var value && value > GroupMask)
            {
                return Bech32Reading.BadCharacter;
            }

            values[i] = value;
            sum = Step(sum, value);
        }

        if (sum != (uint)checksum)
        {
            return Bech32Reading.BadChecksum;
        }

        (prefix, groups) = (lowered, values[..^ChecksumLength]);
        return Bech32Reading.Read;
    }

    /// <summary>Bytes as five-bit groups, the last one filled up with zeros.</summary>
    public static byte[] ToGroups(ReadOnlySpan<byte> bytes)
    {
        var groups = new byte[((bytes.Length * ByteBits) + GroupBits - 1) / GroupBits];
        var (bits, count, at) = (0U, 0, 0);
        foreach (var value in bytes)
        {
            (bits, count) = ((bits << ByteBits) | value, count + ByteBits);
            for (; count >= GroupBits; count -= GroupBits)
            {
                groups[at++] = (byte)((bits >> (count - GroupBits)) & GroupMask);
            }
        }

        if (count > 0)
        {
            groups[at] = (byte)((bits << (GroupBits - count)) & GroupMask);
        }

        return groups;
    }

    /// <summary>The bytes that <see cref="ToGroups"/> was given, or null if the filling isn't fewer than five zero bits.</summary>
    public static byte[]? FromGroups(ReadOnlySpan<byte> groups)
    {
        var bytes = new byte[groups.Length * GroupBits / ByteBits];
        var (bits, count, at) = (0U, 0, 0);
        foreach (var group in groups)
        {
            (bits, count) = ((bits << GroupBits) | group, count + GroupBits);
            if (count >= ByteBits)
            {
                count -= ByteBits;
                bytes[at++] = (byte)(bits >> count);
            }
        }

        return count < GroupBits && (bits & ((1U << count) - 1)) == 0 ? bytes : null;
    }

    /// <summary>The checksum's sum after the prefix.</summary>
    private static uint SumOf(string prefix)
    {
        var sum = 1U;
        foreach (var c in prefix)
        {
            sum = Step(sum, (uint)c >> GroupBits);
        }

        sum = Step(sum, 0);
        foreach (var c in prefix)
        {
            sum = Step(sum, (uint)c & GroupMask);
        }

        return sum;
    }

    private static uint Step(uint sum, uint value) => ((sum & 0x1ffffff) << GroupBits) ^ value ^ Generator[(int)(sum >> 25)];

    private static uint[] GeneratorOfAllFiveBits()
    {
        ReadOnlySpan<uint> ofEachBit = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
        var all = new uint[1 << GroupBits];
        for (var top = 0; top < all.Length; top++)
        {
            for (var bit = 0; bit < GroupBits; bit++)
            {
                all[top] ^= ((top >> bit) & 1) == 0 ? 0 : ofEachBit[bit];
            }
        }

        return all;
    }

    private static byte[] ValuesOfLetters()
    {
        var values = new byte[1 << 7];
        values.AsSpan().Fill(byte.MaxValue);
        for (var i = 0; i < Letters.Length; i++)
        {
            values[Letters[i]] = values[char.ToUpperInvariant(Letters[i])] = (byte)i;
        }

        return values;
    }
}
