namespace FiberLink.Crypto.Sealing;

/// <summary>The tiles of a tree: which there are, and which node is in which.</summary>
public static class Tiles
{
    /// <summary>The bytes of a full tile.</summary>
    public const int FullLength = TileAddress.FullWidth * Bytes32.Length;

    /// <summary>How many hashes of a level of tiles a tree has.</summary>
    public static long Hashes(int level, long size) => level * TileAddress.Height > 62 ? 0 : size >> (level * TileAddress.Height);

    /// <summary>The node, from the tile it is in.</summary>
    /// <param name="level">The node's level in the tree, from 0.</param>
    /// <param name="index">Its place on the level.</param>
    /// <param name="tile">The hashes of a tile, given its level and place.</param>
    public static Bytes32 Node(int level, long index, Func<int, long, ReadOnlyMemory<byte>> tile)
    {
        var (of, above) = Math.DivRem(level, TileAddress.Height);
        var first = index << above;
        var hashes = tile(of, first / TileAddress.FullWidth);
        return Over(hashes.Span.Slice((int)(first % TileAddress.FullWidth) * Bytes32.Length, (1 << above) * Bytes32.Length));
    }

    /// <summary>The node over hashes that are as many as a power of two.</summary>
    public static Bytes32 Over(ReadOnlySpan<byte> hashes)
    {
        var nodes = new Bytes32[hashes.Length / Bytes32.Length];
        for (var i = 0; i < nodes.Length; i++)
        {
            nodes[i] = Bytes32.From(hashes.Slice(i * Bytes32.Length, Bytes32.Length));
        }

        for (var count = nodes.Length; count > 1; count /= 2)
        {
            for (var i = 0; i < count / 2; i++)
            {
                nodes[i] = MerkleHash.Node(nodes[2 * i], nodes[(2 * i) + 1]);
            }
        }

        return nodes[0];
    }
}
