using System.Security.Cryptography;

namespace FiberLink.Crypto.Sealing;

/// <summary>The hashes of RFC 6962 §2.1, with SHA-256.</summary>
public static class MerkleHash
{
    private const byte LeafPrefix = 0;
    private const byte NodePrefix = 1;
    private const int StackBytesMax = 512;

    /// <summary>The root of a tree without leaves.</summary>
    public static Bytes32 Empty { get; } = Bytes32.From(SHA256.HashData([]));

    /// <summary>The hash of a leaf.</summary>
    /// <param name="entry">The bytes that are logged.</param>
    public static Bytes32 Leaf(ReadOnlySpan<byte> entry)
    {
        var input = entry.Length < StackBytesMax ? stackalloc byte[entry.Length + 1] : new byte[entry.Length + 1];
        input[0] = LeafPrefix;
        entry.CopyTo(input[1..]);
        return Of(input);
    }

    /// <summary>The hash of a node over two others.</summary>
    public static Bytes32 Node(Bytes32 left, Bytes32 right)
    {
        Span<byte> input = stackalloc byte[1 + (2 * Bytes32.Length)];
        input[0] = NodePrefix;
        left.CopyTo(input[1..]);
        right.CopyTo(input[(1 + Bytes32.Length)..]);
        return Of(input);
    }

    private static Bytes32 Of(ReadOnlySpan<byte> input)
    {
        Span<byte> hash = stackalloc byte[Bytes32.Length];
        SHA256.HashData(input, hash);
        return Bytes32.From(hash);
    }
}
