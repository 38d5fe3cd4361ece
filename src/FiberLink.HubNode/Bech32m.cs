using System.Text;

namespace FiberLink.HubNode;

/// <summary>What came of reading a bech32m text.</summary>
public enum Bech32mReading
{
    Read = 1,
    MixedCase = 2,
    NoSeparator = 3,
    TooShort = 4,
    BadCharacter = 5,
    BadChecksum = 6,
}

/// <summary>
/// The outer form of an invoice: a readable prefix, a <c>1</c>, five-bit groups as letters, and six letters of checksum (BIP 350).
/// Invoices are longer than the 90 letters of addresses, so no length is checked here.
/// </summary>
public static class Bech32m
{
    private const string Letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private const char Separator = '1';
    private const int ChecksumLength = 6;
    private const int GroupBits = 5;
    private const int GroupMask = 31;
    private const uint Target = 0x2bc830a3;
    private const char PrefixFirst = '!';
    private const char PrefixLast = '~';

    private static ReadOnlySpan<uint> Generator => [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

    /// <summary>Writes lower case.</summary>
    /// <param name="prefix">Lower-case printable ASCII, not empty.</param>
    /// <param name="groups">Values 0 to 31.</param>
    /// <exception cref="ArgumentException">The prefix or a group is not such.</exception>
    public static string Encode(string prefix, ReadOnlySpan<byte> groups)
    {
        if (prefix.Length == 0 || !prefix.All(c => c is >= PrefixFirst and <= PrefixLast && !char.IsAsciiLetterUpper(c)))
        {
            throw new ArgumentException("A prefix is lower-case printable ASCII.", nameof(prefix));
        }

        if (groups.ContainsAnyExceptInRange((byte)0, (byte)GroupMask))
        {
            throw new ArgumentException("A group has five bits.", nameof(groups));
        }

        var text = new StringBuilder(prefix).Append(Separator);
        foreach (var group in groups)
        {
            text.Append(Letters[group]);
        }

        var checksum = Polymod(prefix, [.. groups, 0, 0, 0, 0, 0, 0]) ^ Target;
        for (var i = ChecksumLength - 1; i >= 0; i--)
        {
            text.Append(Letters[(int)(checksum >> (GroupBits * i)) & GroupMask]);
        }

        return text.ToString();
    }

    /// <summary>Reads all-lower or all-upper text; the prefix comes out in lower case, the groups without the checksum.</summary>
    public static Bech32mReading Decode(string text, out string prefix, out byte[] groups)
    {
        (prefix, groups) = (string.Empty, []);
        if (text.Any(char.IsAsciiLetterLower) && text.Any(char.IsAsciiLetterUpper))
        {
            return Bech32mReading.MixedCase;
        }

        var at = text.LastIndexOf(Separator);
        if (at < 1)
        {
            return Bech32mReading.NoSeparator;
        }

        if (text.Length - at - 1 < ChecksumLength)
        {
            return Bech32mReading.TooShort;
        }

        var values = new byte[text.Length - at - 1];
        for (var i = 0; i < values.Length; i++)
        {
            var value = Letters.IndexOf(char.ToLowerInvariant(text[at + 1 + i]), StringComparison.Ordinal);
            if (value < 0)
            {
                return Bech32mReading.BadCharacter;
            }

            values[i] = (byte)value;
        }

        var lowered = text[..at].ToLowerInvariant();
        if (lowered.Any(c => c is < PrefixFirst or > PrefixLast))
        {
            return Bech32mReading.BadCharacter;
        }

        if (Polymod(lowered, values) != Target)
        {
            return Bech32mReading.BadChecksum;
        }

        (prefix, groups) = (lowered, values[..^ChecksumLength]);
        return Bech32mReading.Read;
    }

    /// <summary>Bytes as five-bit groups, the last one filled up with zeros.</summary>
    public static byte[] ToGroups(ReadOnlySpan<byte> bytes)
    {
        var groups = new byte[((bytes.Length * 8) + GroupBits - 1) / GroupBits];
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var isSet = (bytes[bit / 8] >> (7 - (bit % 8))) & 1;
            groups[bit / GroupBits] |= (byte)(isSet << (GroupBits - 1 - (bit % GroupBits)));
        }

        return groups;
    }

    /// <summary>The bytes that <see cref="ToGroups"/> was given, or null if the filling isn't fewer than five zero bits.</summary>
    public static byte[]? FromGroups(ReadOnlySpan<byte> groups)
    {
        var bytes = new byte[groups.Length * GroupBits / 8];
        for (var bit = 0; bit < groups.Length * GroupBits; bit++)
        {
            var isSet = (groups[bit / GroupBits] >> (GroupBits - 1 - (bit % GroupBits))) & 1;
            if (bit < bytes.Length * 8)
            {
                bytes[bit / 8] |= (byte)(isSet << (7 - (bit % 8)));
            }
            else if (isSet != 0)
            {
                return null;
            }
        }

        return (groups.Length * GroupBits) - (bytes.Length * 8) < GroupBits ? bytes : null;
    }

    private static uint Polymod(string prefix, ReadOnlySpan<byte> values)
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

        foreach (var value in values)
        {
            sum = Step(sum, value);
        }

        return sum;
    }

    private static uint Step(uint sum, uint value)
    {
        var top = sum >> 25;
        sum = ((sum & 0x1ffffff) << GroupBits) ^ value;
        for (var i = 0; i < Generator.Length; i++)
        {
            sum ^= ((top >> i) & 1) == 0 ? 0 : Generator[i];
        }

        return sum;
    }
}
