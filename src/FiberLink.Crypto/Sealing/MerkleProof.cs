using System.Numerics;

namespace FiberLink.Crypto.Sealing;

/// <summary>Checks proofs without the tree (RFC 9162 §2.1.3.2 and §2.1.4.2, the same trees as RFC 6962's).</summary>
public static class MerkleProof
{
    /// <summary>Whether the leaf is at that place of the tree with that root.</summary>
    /// <param name="index">The leaf's place, from 0.</param>
    /// <param name="leaf">Its hash.</param>
    /// <param name="size">The tree's leaves.</param>
    /// <param name="root">Its root.</param>
    /// <param name="proof">What is to show it.</param>
    public static bool Includes(long index, Bytes32 leaf, long size, Bytes32 root, IReadOnlyList<Bytes32> proof)
    {
        if (index < 0 || index >= size)
        {
            return false;
        }

        var (at, last, hash) = (index, size - 1, leaf);
        foreach (var sibling in proof)
        {
            if (last == 0)
            {
                return false;
            }

            if ((at & 1) == 1 || at == last)
            {
                hash = MerkleHash.Node(sibling, hash);
                var up = (at & 1) == 1 ? 0 : BitOperations.TrailingZeroCount(at);
                (at, last) = (at >> up, last >> up);
            }
            else
            {
                hash = MerkleHash.Node(hash, sibling);
            }

            (at, last) = (at >> 1, last >> 1);
        }

        return last == 0 && hash == root;
    }

    /// <summary>Whether the larger tree begins with the leaves of the smaller one.</summary>
    public static bool IsConsistent(long before, Bytes32 rootBefore, long size, Bytes32 root, IReadOnlyList<Bytes32> proof)
    {
        if (before == size)
        {
            return proof.Count == 0 && rootBefore == root;
        }

        if (before <= 0 || before > size)
        {
            // Every tree begins with no leaves at all.
            return before == 0 && proof.Count == 0 && rootBefore == MerkleHash.Empty;
        }

        var isNode = BitOperations.IsPow2(before);
        if (!isNode && proof.Count == 0)
        {
            return false;
        }

        var (at, last) = (before - 1, size - 1);
        var up = BitOperations.TrailingZeroCount(~at);
        (at, last) = (at >> up, last >> up);
        var first = isNode ? rootBefore : proof[0];
        var (older, newer) = (first, first);
        foreach (var sibling in proof.Skip(isNode ? 0 : 1))
        {
            if (last == 0)
            {
                return false;
            }

            if ((at & 1) == 1 || at == last)
            {
                (older, newer) = (MerkleHash.Node(sibling, older), MerkleHash.Node(sibling, newer));
                var over = (at & 1) == 1 ? 0 : BitOperations.TrailingZeroCount(at);
                (at, last) = (at >> over, last >> over);
            }
            else
            {
                newer = MerkleHash.Node(newer, sibling);
            }

            (at, last) = (at >> 1, last >> 1);
        }

        return last == 0 && older == rootBefore && newer == root;
    }
}
