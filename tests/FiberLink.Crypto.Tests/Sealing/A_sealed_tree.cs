using FiberLink.Crypto.Sealing;
using FsCheck;
using FsCheck.Fluent;

namespace FiberLink.Crypto.Tests.Sealing;

public sealed class A_sealed_tree
{
    private const int LeavesMax = 300;

    private static readonly byte[][] Entries =
        [[], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], Hex("40414243"), Hex("5051525354555657"), Hex("606162636465666768696a6b6c6d6e6f")];

    [Theory]
    [InlineData(0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData(2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    [InlineData(3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77")]
    [InlineData(7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c")]
    [InlineData(8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")]
    public void Roots_are_those_of_the_well_known_leaves(int size, string root)
    {
        var leaves = Entries.Take(size).Select(e => MerkleHash.Leaf(e)).ToArray();

        Assert.Equal(Bytes32.Parse($"0x{root}"), MerkleTree.Root(size, NodesOf(leaves)));
        Assert.Equal(Bytes32.Parse($"0x{root}"), Naive(leaves));
    }

    [Fact]
    public void Every_leaf_of_every_small_tree_can_be_shown_to_be_in_it_and_nowhere_else()
    {
        foreach (var size in Enumerable.Range(1, 40))
        {
            var leaves = Leaves(size);
            var root = Naive(leaves);
            for (var i = 0; i < size; i++)
            {
                var proof = MerkleTree.Inclusion(i, size, NodesOf(leaves));

                Assert.True(MerkleProof.Includes(i, leaves[i], size, root, proof));
                Assert.False(MerkleProof.Includes(i, leaves[(i + 1) % size], size, root, proof) && size > 1);
                Assert.False(MerkleProof.Includes(size, leaves[i], size, root, proof));
                Assert.False(MerkleProof.Includes(i, leaves[i], size, root, [.. proof, root]));
                Assert.DoesNotContain(
                    Enumerable.Range(0, size).Where(j => j != i), j => MerkleProof.Includes(j, leaves[i], size, root, proof));
            }
        }
    }

    [Fact]
    public void Every_small_tree_can_be_shown_to_begin_with_every_smaller_one_and_no_other()
    {
        foreach (var size in Enumerable.Range(1, 40))
        {
            var leaves = Leaves(size);
            var root = Naive(leaves);
            for (var before = 1; before <= size; before++)
            {
                var proof = MerkleTree.Consistency(before, size, NodesOf(leaves));
                var rootBefore = Naive(leaves.AsSpan(0, before));

                Assert.True(MerkleProof.IsConsistent(before, rootBefore, size, root, proof));
                Assert.False(MerkleProof.IsConsistent(before, MerkleHash.Leaf([9]), size, root, proof));
                Assert.False(MerkleProof.IsConsistent(before, rootBefore, size, MerkleHash.Leaf([9]), proof));
                Assert.False(MerkleProof.IsConsistent(before, rootBefore, size, root, [.. proof, root]));
                Assert.False(proof.Count > 0 && MerkleProof.IsConsistent(before, rootBefore, size, root, [.. proof.Skip(1)]));
            }
        }
    }

    [Fact]
    public void A_proof_with_any_bit_changed_shows_nothing() =>
        Prop.ForAll(
            (from size in Gen.Choose(2, LeavesMax)
             from index in Gen.Choose(0, size - 1)
             from bit in Gen.Choose(0, int.MaxValue)
             select (size, index, bit)).ToArbitrary(),
            drawn =>
            {
                var leaves = Leaves(drawn.size);
                var proof = MerkleTree.Inclusion(drawn.index, drawn.size, NodesOf(leaves)).ToArray();
                var bit = drawn.bit % (proof.Length * 256);
                proof[bit / 256] = Flipped(proof[bit / 256], bit % 256);

                Assert.False(MerkleProof.Includes(drawn.index, leaves[drawn.index], drawn.size, Naive(leaves), proof));
            })
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Growing_by_tiles_gives_the_tree_of_all_leaves_however_it_is_cut()
    {
        var leaves = Leaves(70_000);
        var tiles = new Dictionary<(int?, long), byte[]>();
        int[] steps = [1, 1, 253, 1, 1, 255, 256, 257, 700, 63_810, 1, 2_000, 70_000];
        var size = 0;
        foreach (var step in steps)
        {
            // As if the process ended after each step, and only the tiles were left.
            var grown = new TileGrowth(size, (level, index) => tiles[(level, index)]);
            var to = Math.Min(leaves.Length, size + step);
            foreach (var leaf in leaves[size..to])
            {
                grown.Add(leaf);
            }

            foreach (var (address, hashes) in grown.TakeChanged())
            {
                Assert.Equal(address.Width * Bytes32.Length, hashes.Length);
                tiles[(address.Level, address.Index)] = hashes;
            }

            Assert.Empty(grown.TakeChanged());
            size = to;
            Assert.Equal(MerkleTree.Root(size, NodesOf(leaves)), grown.Root());
            Assert.Equal(grown.Root(), MerkleTree.Root(size, (l, i) => Tiles.Node(l, i, (tl, ti) => tiles[(tl, ti)])));
        }

        // As the specification counts them.
        Assert.Equal(274, tiles.Keys.Count(k => k.Item1 == 0));
        Assert.Equal(2, tiles.Keys.Count(k => k.Item1 == 1));
        Assert.Equal(Bytes32.Length, tiles[(2, 0)].Length);
        Assert.Equal(112 * Bytes32.Length, tiles[(0, 273)].Length);
        Assert.Equal(17 * Bytes32.Length, tiles[(1, 1)].Length);
    }

    [Theory]
    [InlineData(0, 0, 256, "tile/0/000")]
    [InlineData(0, 1234067, 256, "tile/0/x001/x234/067")]
    [InlineData(3, 5, 17, "tile/3/005.p/17")]
    [InlineData(null, 1000, 1, "tile/entries/x001/000.p/1")]
    public void Tiles_are_named_as_the_specification_names_them(int? level, long index, int width, string path)
    {
        var address = new TileAddress(level, index, width);

        Assert.Equal(path, address.ToString());
        Assert.True(TileAddress.TryParse(path["tile/".Length..], out var read));
        Assert.Equal(address, read);
    }

    [Theory]
    [InlineData("0/1")]
    [InlineData("00/001")]
    [InlineData("64/001")]
    [InlineData("0/x000/001")]
    [InlineData("0/001/002")]
    [InlineData("0/xx001/002")]
    [InlineData("0/001.p/0")]
    [InlineData("0/001.p/256")]
    [InlineData("0/001.p/01")]
    [InlineData("0/-01")]
    [InlineData("data/001")]
    [InlineData("0/x999/x999/x999/x999/x999/x999/999")]
    [InlineData("0")]
    [InlineData("")]
    public void A_tile_has_one_name(string path) => Assert.False(TileAddress.TryParse(path, out _));

    private static Bytes32[] Leaves(int count) => [.. Enumerable.Range(0, count).Select(i => MerkleHash.Leaf(BitConverter.GetBytes(i)))];

    private static NodeSource NodesOf(Bytes32[] leaves) =>
        (level, index) => Naive(leaves.AsSpan((int)(index << level), 1 << level));

    /// <summary>RFC 6962's definition, word by word.</summary>
    private static Bytes32 Naive(ReadOnlySpan<Bytes32> leaves)
    {
        if (leaves.Length < 2)
        {
            return leaves.IsEmpty ? MerkleHash.Empty : leaves[0];
        }

        var k = 1;
        while (k * 2 < leaves.Length)
        {
            k *= 2;
        }

        return MerkleHash.Node(Naive(leaves[..k]), Naive(leaves[k..]));
    }

    private static Bytes32 Flipped(Bytes32 hash, int bit)
    {
        var bytes = hash.ToBytes();
        bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        return Bytes32.From(bytes);
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text);
}
