using System.Numerics;

namespace FiberLink.Crypto.Liabilities;

/// <summary>
/// What a hub owes to each member, as a tree whose root also tells the sum: whoever is shown the way from his own balance to the root knows
/// that it counts.
/// </summary>
/// <remarks>
/// It follows from the balances and the salt alone. Leaves are in the order of their salted names, and as many as a power of two: those
/// that are nobody's lie anywhere between the others.
/// </remarks>
public sealed class LiabilityTree
{
    /// <summary>A tree has 2 to this many leaves at least.</summary>
    public const int DepthMin = 4;

    /// <summary>And at most: more members than there are people.</summary>
    public const int DepthMax = 34;

    private readonly Bytes32 _salt;
    private readonly Dictionary<Bytes32, int> _places;
    private readonly List<LiabilityNode[]> _levels;

    private LiabilityTree(Bytes32 salt, Dictionary<Bytes32, int> places, List<LiabilityNode[]> levels) =>
        (_salt, _places, _levels) = (salt, places, levels);

    /// <summary>The root, and what is owed in all.</summary>
    public LiabilityNode Root => _levels[^1][0];

    /// <summary>How many levels are below the root.</summary>
    public int Depth => _levels.Count - 1;

    /// <summary>Makes the tree.</summary>
    /// <param name="scope">What it is about (<see cref="LiabilityHash.Scope"/>).</param>
    /// <param name="salt">32 random bytes of this tree alone, which nobody outside is told.</param>
    /// <param name="balances">Each member and what he has: smallest units, more than none.</param>
    /// <exception cref="ArgumentException">A member is there twice, or has nothing.</exception>
    /// <exception cref="OverflowException">The total is 2¹²⁸ or more.</exception>
    public static LiabilityTree Of(Bytes32 scope, Bytes32 salt, IReadOnlyCollection<(string Member, UInt128 Units)> balances)
    {
        var depth = Math.Max(DepthMin, balances.Count < 2 ? 0 : BitOperations.Log2((uint)balances.Count - 1) + 1);
        var leaves = new List<(Bytes32 Name, UInt128 Units)>(1 << depth);
        foreach (var (member, units) in balances)
        {
            leaves.Add(units > 0
                ? (LiabilityHash.Name(LiabilityHash.MemberSalt(salt, member), member), units)
                : throw new ArgumentException("Whoever has nothing has no leaf.", nameof(balances)));
        }

        for (var padding = leaves.Count; padding < 1 << depth; padding++)
        {
            leaves.Add((LiabilityHash.Padding(salt, padding), 0));
        }

        leaves.Sort((a, b) => Compare(a.Name, b.Name));
        var places = new Dictionary<Bytes32, int>(leaves.Count);
        var level = new LiabilityNode[leaves.Count];
        for (var i = 0; i < level.Length; i++)
        {
            if (!places.TryAdd(leaves[i].Name, i))
            {
                throw new ArgumentException("A member is there twice.", nameof(balances));
            }

            level[i] = LiabilityHash.Leaf(scope, leaves[i].Name, leaves[i].Units);
        }

        return new(salt, places, Levels(level));
    }

    /// <summary>The way from a member's leaf to the root; null when he has none.</summary>
    public LiabilityPath? PathOf(string member)
    {
        var salt = LiabilityHash.MemberSalt(_salt, member);
        if (!_places.TryGetValue(LiabilityHash.Name(salt, member), out var place))
        {
            return null;
        }

        return new(member, salt, _levels[0][place].Sum, place, [.. Enumerable.Range(0, Depth).Select(l => _levels[l][(place >> l) ^ 1])]);
    }

    private static List<LiabilityNode[]> Levels(LiabilityNode[] leaves)
    {
        var levels = new List<LiabilityNode[]> { leaves };
        while (levels[^1].Length > 1)
        {
            var below = levels[^1];
            var level = new LiabilityNode[below.Length / 2];
            for (var i = 0; i < level.Length; i++)
            {
                level[i] = LiabilityHash.Node(below[2 * i], below[(2 * i) + 1]);
            }

            levels.Add(level);
        }

        return levels;
    }

    private static int Compare(Bytes32 a, Bytes32 b)
    {
        var order = a.A.CompareTo(b.A);
        order = order != 0 ? order : a.B.CompareTo(b.B);
        order = order != 0 ? order : a.C.CompareTo(b.C);
        return order != 0 ? order : a.D.CompareTo(b.D);
    }
}
