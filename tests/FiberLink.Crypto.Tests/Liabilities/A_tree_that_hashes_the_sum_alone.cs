using System.Buffers.Binary;
using System.Security.Cryptography;
using FiberLink.Crypto.Liabilities;

namespace FiberLink.Crypto.Tests.Liabilities;

/// <summary>
/// Money bug 23: in Maxwell's summation tree a node hashes its children's hashes and the total of their sums. Whoever made the tree can
/// then show each child with another sum for its sibling, and what is owed in all comes to the largest balance.
/// </summary>
public sealed class A_tree_that_hashes_the_sum_alone
{
    private static readonly Bytes32 Scope = LiabilityHash.Scope("demo", "CKB", 7);
    private static readonly Bytes32 Anna = LiabilityHash.Name(new(1, 1, 1, 1), "anna");
    private static readonly Bytes32 Bert = LiabilityHash.Name(new(2, 2, 2, 2), "bert");

    // 100 are owed to Anna and 70 to Bert; the operator says 100 in all. To each his sibling is shown with what is left of that.
    [Fact]
    public void Lets_an_operator_owe_two_members_no_more_than_the_larger_balance()
    {
        var (anna, bert) = (LiabilityHash.Leaf(Scope, Anna, 100), LiabilityHash.Leaf(Scope, Bert, 70));
        var published = MaxwellNode(anna, bert with { Sum = 0 });

        Assert.Equal(published, MaxwellNode(anna, bert with { Sum = 0 }));
        Assert.Equal(published, MaxwellNode(anna with { Sum = 30 }, bert));
        Assert.Equal(UInt128.CreateChecked(100), published.Sum);
    }

    [Fact]
    public void Is_not_ours_where_each_childs_own_sum_is_hashed()
    {
        var (anna, bert) = (LiabilityHash.Leaf(Scope, Anna, 100), LiabilityHash.Leaf(Scope, Bert, 70));
        var published = LiabilityHash.Node(anna, bert with { Sum = 0 });

        Assert.Equal(published.Sum, LiabilityHash.Node(anna with { Sum = 30 }, bert).Sum);
        Assert.NotEqual(published.Hash, LiabilityHash.Node(anna with { Sum = 30 }, bert).Hash);
    }

    // The same through what a member checks: no way from Bert's 70 leads to a root of 100 that was made for Anna.
    [Fact]
    public void Leaves_no_way_from_a_balance_that_was_not_counted()
    {
        var salt = new Bytes32(9, 9, 9, 9);
        var honest = LiabilityTree.Of(Scope, salt, [("anna", 100), ("bert", 70)]);
        var withoutBert = LiabilityTree.Of(Scope, salt, [("anna", 100)]);
        var shown = honest.PathOf("bert")!;

        for (var level = 0; level < shown.Siblings.Count; level++)
        {
            var adjusted = shown with
            {
                Siblings = [.. shown.Siblings.Select((s, i) => i == level && s.Sum >= 70 ? s with { Sum = s.Sum - 70 } : s)],
            };
            Assert.NotEqual(withoutBert.Root, adjusted.RootIn(Scope));
        }

        Assert.Equal(UInt128.CreateChecked(170), honest.Root.Sum);
        Assert.Null(withoutBert.PathOf("bert"));
    }

    private static LiabilityNode MaxwellNode(LiabilityNode left, LiabilityNode right)
    {
        var sum = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(sum, left.Sum + right.Sum);
        return new(Bytes32.From(SHA256.HashData([.. sum, .. left.Hash.ToBytes(), .. right.Hash.ToBytes()])), left.Sum + right.Sum);
    }
}
