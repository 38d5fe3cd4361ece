using System.Buffers.Binary;

namespace FiberLink.Crypto.Molecule;

/// <summary>CKB's encoding, read strictly: what is said of lengths and places must be so to the byte. Nothing here throws.</summary>
public static class MoleculeReader
{
    private const int WordLength = sizeof(uint);

    /// <summary>Whether the bytes are a table of so many fields, and where each of them lies.</summary>
    public static bool TryTable(ReadOnlySpan<byte> bytes, Span<Range> fields) =>
        TryItems(bytes, fields, out var count) && count == fields.Length;

    /// <summary>Whether the bytes are a vector of items that differ in length. There may be fewer items than there is room.</summary>
    public static bool TryItems(ReadOnlySpan<byte> bytes, Span<Range> items, out int count)
    {
        count = 0;
        if (bytes.Length < WordLength || Word(bytes, 0) != (uint)bytes.Length)
        {
            return false;
        }

        if (bytes.Length == WordLength)
        {
            return true;
        }

        if (bytes.Length < 2 * WordLength)
        {
            return false;
        }

        // The first item begins where the list of beginnings ends, so that tells how many there are.
        var first = Word(bytes, 1);
        var most = Math.Min(bytes.Length, (items.Length + 1) * WordLength);
        if (first % WordLength != 0 || first < 2 * WordLength || first > most)
        {
            return false;
        }

        count = (int)(first / WordLength) - 1;
        for (var i = 0; i < count; i++)
        {
            var start = Word(bytes, i + 1);
            var end = i + 1 < count ? Word(bytes, i + 2) : (uint)bytes.Length;
            if (start > end || end > bytes.Length)
            {
                return false;
            }

            items[i] = (int)start..(int)end;
        }

        return true;
    }

    /// <summary>Whether the bytes are a table whose only field is <c>Bytes</c>, and those.</summary>
    public static bool TryTableOfBytes(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> content)
    {
        content = default;
        Span<Range> field = stackalloc Range[1];
        if (!TryTable(bytes, field))
        {
            return false;
        }

        return TryBytes(bytes[field[0]], out content);
    }

    /// <summary>Whether the bytes are <c>Bytes</c> and nothing else.</summary>
    public static bool TryBytes(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> content)
    {
        var ok = bytes.Length >= WordLength && Word(bytes, 0) == bytes.Length - WordLength;
        content = ok ? bytes[WordLength..] : default;
        return ok;
    }

    /// <summary>Whether the bytes are a vector of items that all have this length.</summary>
    public static bool TryFixedItems(ReadOnlySpan<byte> bytes, int itemLength, out int count)
    {
        count = 0;
        if (bytes.Length < WordLength || (bytes.Length - WordLength) % itemLength != 0
            || Word(bytes, 0) != (bytes.Length - WordLength) / itemLength)
        {
            return false;
        }

        count = (bytes.Length - WordLength) / itemLength;
        return true;
    }

    /// <summary>Whether the bytes are a vector of items that differ in length, however many, and where each of them lies.</summary>
    public static bool TryItems(ReadOnlySpan<byte> bytes, out Range[] items)
    {
        // Each item has a word that says where it begins, so the length bounds their number.
        var room = new Range[Math.Max(0, bytes.Length / WordLength)];
        var ok = TryItems(bytes, room, out var count);
        items = ok ? room[..count] : [];
        return ok;
    }

    private static uint Word(ReadOnlySpan<byte> bytes, int index) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[(index * WordLength)..]);
}
