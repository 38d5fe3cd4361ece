using System.Buffers.Binary;

namespace FiberLink.Crypto.Molecule;

/// <summary>CKB's encoding: tables and vectors begin with their length and the places of their items.</summary>
public static class MoleculeWriter
{
    private const int WordLength = sizeof(uint);

    /// <summary>A table of these fields, or a vector of these items; both look the same.</summary>
    public static byte[] Items(params ReadOnlySpan<byte[]> items)
    {
        var start = (items.Length + 1) * WordLength;
        var length = start;
        foreach (var item in items)
        {
            length += item.Length;
        }

        var bytes = new byte[length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)length);
        for (var i = 0; i < items.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan((i + 1) * WordLength), (uint)start);
            items[i].CopyTo(bytes, start);
            start += items[i].Length;
        }

        return bytes;
    }

    /// <summary>A vector of items that are all as long.</summary>
    public static byte[] FixedItems(params ReadOnlySpan<byte[]> items)
    {
        var content = new List<byte>();
        content.AddRange(Word((uint)items.Length));
        foreach (var item in items)
        {
            content.AddRange(item);
        }

        return [.. content];
    }

    /// <summary><c>Bytes</c>: their number, and they.</summary>
    public static byte[] Bytes(ReadOnlySpan<byte> content) => [.. Word((uint)content.Length), .. content];

    /// <summary>A table whose only field is <c>Bytes</c>.</summary>
    public static byte[] TableOfBytes(ReadOnlySpan<byte> content) => Items(Bytes(content));

    public static byte[] Word(uint value)
    {
        var bytes = new byte[WordLength];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    public static byte[] Number(ulong value)
    {
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes;
    }
}
