namespace FiberLink.Crypto.Sealing;

/// <summary>
/// A tree of which only some leaves are known, from left to right: in between stand the roots of subtrees. It gives the tree's root all
/// the same, and holds one hash for each level.
/// </summary>
/// <remarks>Not for several threads at once.</remarks>
public sealed class TreeOutline
{
    private const int LevelMax = 62;

    private readonly Stack<(int Level, Bytes32 Hash)> _peaks = [];

    /// <summary>How many leaves it is over by now.</summary>
    public long Size { get; private set; }

    /// <summary>The root over them.</summary>
    public Bytes32 Root => _peaks.Count == 0
        ? MerkleHash.Empty
        : _peaks.Skip(1).Aggregate(_peaks.Peek().Hash, (right, peak) => MerkleHash.Node(peak.Hash, right));

    /// <summary>The largest subtrees that are over the leaves between two places, from left to right.</summary>
    /// <param name="from">The first leaf, from 0.</param>
    /// <param name="to">The one behind the last.</param>
    public static IEnumerable<(int Level, long Index)> Between(long from, long to)
    {
        while (from < to)
        {
            var level = Math.Min(from == 0 ? LevelMax : (int)long.TrailingZeroCount(from), (int)long.Log2(to - from));
            yield return (level, from >> level);
            from += 1L << level;
        }
    }

    /// <summary>Adds what comes next: a leaf's hash at level 0, or the root of a subtree over 2^level leaves.</summary>
    /// <returns>False when no such subtree begins here.</returns>
    public bool TryAdd(int level, Bytes32 hash)
    {
        if (level is < 0 or > LevelMax || Size % (1L << level) != 0 || Size > long.MaxValue - (1L << level))
        {
            return false;
        }

        Size += 1L << level;
        var node = (Level: level, Hash: hash);
        while (_peaks.TryPeek(out var left) && left.Level == node.Level)
        {
            _peaks.Pop();
            node = (node.Level + 1, MerkleHash.Node(left.Hash, node.Hash));
        }

        _peaks.Push(node);
        return true;
    }
}
