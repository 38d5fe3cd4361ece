namespace FiberLink.Crypto.Liabilities;

/// <summary>The way from one member's balance to the root: what he is told, and nobody else.</summary>
/// <param name="Member">The member's id.</param>
/// <param name="Salt">His own in this tree.</param>
/// <param name="Units">What he has: smallest units.</param>
/// <param name="Place">His leaf's place, from 0: where it is odd, the sibling is on the left, and so on upwards.</param>
/// <param name="Siblings">From the leaf's up. They tell sums, and not whose.</param>
public sealed record LiabilityPath(string Member, Bytes32 Salt, UInt128 Units, long Place, IReadOnlyList<LiabilityNode> Siblings)
{
    /// <summary>The root that it leads to.</summary>
    /// <param name="scope">What the tree is about.</param>
    /// <returns>Null when it leads to none: a place that the tree doesn't have, or sums that are more than can be.</returns>
    public LiabilityNode? RootIn(Bytes32 scope)
    {
        if (Siblings.Count > LiabilityTree.DepthMax || Place < 0 || Place >> Siblings.Count != 0)
        {
            return null;
        }

        var node = LiabilityHash.Leaf(scope, LiabilityHash.Name(Salt, Member), Units);
        for (var level = 0; level < Siblings.Count; level++)
        {
            var sibling = Siblings[level];
            if (sibling.Sum > UInt128.MaxValue - node.Sum)
            {
                return null;
            }

            node = ((Place >> level) & 1) == 1 ? LiabilityHash.Node(sibling, node) : LiabilityHash.Node(node, sibling);
        }

        return node;
    }
}
