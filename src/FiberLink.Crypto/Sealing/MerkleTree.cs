using System.Numerics;

namespace FiberLink.Crypto.Sealing;

/// <summary>Where the hashes of a tree come from.</summary>
/// <param name="level">0 for leaves; each level has half as many nodes.</param>
/// <param name="index">Its place among the nodes of the level, from 0. The node is over 2^level leaves, all of which there are.</param>
public delegate Bytes32 NodeSource(int level, long index);

/// <summary>Roots and proofs of an RFC 6962 tree, from its complete nodes.</summary>
public static class MerkleTree
{
    /// <summary>The root of the tree's first leaves.</summary>
    /// <param name="size">How many leaves.</param>
    /// <param name="nodes">The complete nodes over them.</param>
    public static Bytes32 Root(long size, NodeSource nodes) => size == 0 ? MerkleHash.Empty : Over(0, size, nodes);

    /// <summary>What shows that a leaf is in a tree, from the leaf's sibling up (RFC 6962 §2.1.1).</summary>
    /// <param name="index">The leaf, from 0.</param>
    /// <param name="size">The tree's leaves.</param>
    /// <param name="nodes">The complete nodes over them.</param>
    public static IReadOnlyList<Bytes32> Inclusion(long index, long size, NodeSource nodes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var proof = new List<Bytes32>();
        var (from, to) = (0L, size);
        while (to - from > 1)
        {
            var middle = from + Half(to - from);
            proof.Add(index < middle ? Over(middle, to, nodes) : Over(from, middle, nodes));
            (from, to) = index < middle ? (from, middle) : (middle, to);
        }

        proof.Reverse();
        return proof;
    }

    /// <summary>What shows that a tree begins with the leaves of a smaller one (RFC 6962 §2.1.2).</summary>
    /// <param name="before">The leaves of the smaller tree, at least 1.</param>
    /// <param name="size">Those of the larger.</param>
    /// <param name="nodes">The complete nodes over them.</param>
    public static IReadOnlyList<Bytes32> Consistency(long before, long size, NodeSource nodes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(before, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(before, size);
        var proof = new List<Bytes32>();
        var (from, to) = (0L, size);
        while (before < to)
        {
            var middle = from + Half(to - from);
            proof.Add(before <= middle ? Over(middle, to, nodes) : Over(from, middle, nodes));
            (from, to) = before <= middle ? (from, middle) : (middle, to);
        }

        // Where the smaller tree is a node of the larger from the very beginning, its root is known.
        if (from > 0)
        {
            proof.Add(Over(from, to, nodes));
        }

        proof.Reverse();
        return proof;
    }

    private static Bytes32 Over(long from, long to, NodeSource nodes)
    {
        var count = to - from;
        if (BitOperations.IsPow2(count))
        {
            var level = BitOperations.Log2((ulong)count);
            return nodes(level, from >> level);
        }

        var middle = from + Half(count);
        return MerkleHash.Node(Over(from, middle, nodes), Over(middle, to, nodes));
    }

    /// <summary>The largest power of two below the count.</summary>
    private static long Half(long count) => 1L << BitOperations.Log2((ulong)(count - 1));
}
