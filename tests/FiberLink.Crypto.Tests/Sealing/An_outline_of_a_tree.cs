using FiberLink.Crypto.Sealing;
using FsCheck;
using FsCheck.Fluent;

namespace FiberLink.Crypto.Tests.Sealing;

public sealed class An_outline_of_a_tree
{
    private const int LeavesMax = 200;

    [Fact]
    public void Gives_the_tree_s_root_whichever_leaves_are_known() =>
        Prop.ForAll(
            (from size in Gen.Choose(0, LeavesMax)
             from known in Gen.Choose(0, LeavesMax).ArrayOf()
             select (size, known.Where(k => k < size).Distinct().Order().ToArray())).ToArbitrary(),
            drawn =>
            {
                var (size, known) = drawn;
                var leaves = Enumerable.Range(0, size).Select(i => MerkleHash.Leaf([(byte)i])).ToArray();
                var outline = new TreeOutline();
                foreach (var leaf in known)
                {
                    Pass(outline, leaf, leaves);
                    Assert.True(outline.TryAdd(0, leaves[leaf]));
                }

                Pass(outline, size, leaves);

                Assert.Equal(size, outline.Size);
                Assert.Equal(MerkleTree.Root(size, (level, index) => Node(leaves, level, index)), outline.Root);
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void Takes_no_subtree_where_none_begins()
    {
        var outline = new TreeOutline();

        Assert.True(outline.TryAdd(1, MerkleHash.Empty));
        Assert.False(outline.TryAdd(2, MerkleHash.Empty));
        Assert.False(outline.TryAdd(-1, MerkleHash.Empty));
        Assert.False(outline.TryAdd(63, MerkleHash.Empty));
        Assert.True(outline.TryAdd(1, MerkleHash.Empty));
        Assert.True(outline.TryAdd(2, MerkleHash.Empty));
        Assert.Equal(8, outline.Size);
    }

    private static void Pass(TreeOutline outline, long to, Bytes32[] leaves)
    {
        foreach (var (level, index) in TreeOutline.Between(outline.Size, to))
        {
            Assert.True(outline.TryAdd(level, Node(leaves, level, index)));
        }
    }

    private static Bytes32 Node(Bytes32[] leaves, int level, long index) => level == 0
        ? leaves[index]
        : MerkleHash.Node(Node(leaves, level - 1, 2 * index), Node(leaves, level - 1, (2 * index) + 1));
}
