using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using FiberLink.Crypto.Liabilities;
using FsCheck;
using FsCheck.Fluent;

namespace FiberLink.Crypto.Tests.Liabilities;

public sealed class A_tree_of_liabilities
{
    private static readonly Bytes32 Scope = LiabilityHash.Scope("demo", "CKB", 7);
    private static readonly Bytes32 Salt = new(1, 2, 3, 4);

    public static TheoryData<string> Vectors => [.. ReadVectors().Select(v => (string)v["title"]!)];

    // The vectors were made by another program, in another language.
    [Theory]
    [MemberData(nameof(Vectors))]
    public void Is_what_another_program_makes_of_the_same_balances(string title)
    {
        var vector = ReadVectors().Single(v => (string)v["title"]! == title);
        var salt = Hash(vector["salt"]);
        var scope = LiabilityHash.Scope((string)vector["tenant"]!, (string)vector["asset"]!, (long)vector["position"]!);

        var tree = LiabilityTree.Of(
            scope, salt, [.. vector["balances"]!.AsArray().Select(b => ((string)b!["member"]!, Units(b["units"])))]);

        Assert.Equal(Hash(vector["scope"]), scope);
        Assert.Equal(Hash(vector["saltHash"]), LiabilityHash.OfSalt(salt));
        Assert.Equal((int)vector["depth"]!, tree.Depth);
        Assert.Equal(new LiabilityNode(Hash(vector["root"]), Units(vector["sum"])), tree.Root);
        if (vector["path"] is { } path)
        {
            var shown = tree.PathOf((string)path["member"]!)!;
            Assert.Equal(
                (Hash(path["salt"]), Units(path["units"]), (long)path["place"]!), (shown.Salt, shown.Units, shown.Place));
            Assert.Equal(path["siblings"]!.AsArray().Select(s => new LiabilityNode(Hash(s!["hash"]), Units(s["sum"]))), shown.Siblings);
            Assert.Equal(tree.Root, shown.RootIn(scope));
        }
    }

    [Fact]
    public void Leads_from_every_balance_to_the_one_root_that_sums_them_up() =>
        Prop.ForAll(Balances().ToArbitrary(), balances =>
        {
            var tree = LiabilityTree.Of(Scope, Salt, balances);

            Assert.Equal(balances.Aggregate(UInt128.Zero, (sum, b) => sum + b.Units), tree.Root.Sum);
            foreach (var (member, units) in balances)
            {
                var path = tree.PathOf(member)!;
                Assert.Equal(units, path.Units);
                Assert.Equal(tree.Depth, path.Siblings.Count);
                Assert.Equal(tree.Root, path.RootIn(Scope));
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Is_left_by_whatever_is_changed_on_the_way_up() =>
        Prop.ForAll(
            (from balances in Balances()
             from member in Gen.Elements(balances)
             from level in Gen.Choose(0, LiabilityTree.DepthMin - 1)
             from more in Gen.Choose(1, 1000)
             select (balances, member.Member, level, more)).ToArbitrary(),
            drawn =>
            {
                var tree = LiabilityTree.Of(Scope, Salt, drawn.balances);
                var path = tree.PathOf(drawn.Member)!;
                var sibling = path.Siblings[drawn.level];
                LiabilityPath With(LiabilityNode node) =>
                    path with { Siblings = [.. path.Siblings.Select((s, i) => i == drawn.level ? node : s)] };

                LiabilityPath[] changed =
                [
                    path with { Units = path.Units + (UInt128)drawn.more },
                    path with { Units = path.Units - 1 },
                    path with { Member = path.Member + "0" },
                    path with { Salt = path.Salt with { C = path.Salt.C ^ 1UL << (drawn.more % 64) } },
                    path with { Place = path.Place ^ (1L << drawn.level) },
                    path with { Siblings = [.. path.Siblings.Skip(1)] },
                    path with { Siblings = [.. path.Siblings, sibling] },
                    With(sibling with { Sum = sibling.Sum + (UInt128)drawn.more }),
                    With(sibling with { Sum = sibling.Sum == 0 ? 1 : sibling.Sum - 1 }),
                    With(sibling with { Hash = sibling.Hash with { B = sibling.Hash.B ^ 1UL << (drawn.more % 64) } }),
                ];
                Assert.DoesNotContain(changed, p => p.RootIn(Scope) == tree.Root);
                Assert.NotEqual(tree.Root, path.RootIn(LiabilityHash.Scope("demo", "CKB", 8)));
                Assert.NotEqual(tree.Root, path.RootIn(LiabilityHash.Scope("demo", "USDI", 7)));
                Assert.NotEqual(tree.Root, path.RootIn(LiabilityHash.Scope("dem", "oCKB", 7)));
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void Has_a_place_for_nobody_twice_and_none_for_who_has_nothing()
    {
        Assert.Throws<ArgumentException>(() => LiabilityTree.Of(Scope, Salt, [("1", 5), ("1", 5)]));
        Assert.Throws<ArgumentException>(() => LiabilityTree.Of(Scope, Salt, [("1", 0)]));
        Assert.Null(LiabilityTree.Of(Scope, Salt, [("1", 5)]).PathOf("2"));
    }

    // One leaf for two members with the same balance would count once what is owed twice.
    [Fact]
    public void Gives_two_members_with_one_balance_two_leaves()
    {
        var tree = LiabilityTree.Of(Scope, Salt, [("1", 5), ("2", 5)]);

        Assert.NotEqual(tree.PathOf("1")!.Place, tree.PathOf("2")!.Place);
        Assert.NotEqual(tree.Root, (tree.PathOf("1")! with { Member = "2" }).RootIn(Scope));
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(1, 4)]
    [InlineData(16, 4)]
    [InlineData(17, 5)]
    [InlineData(32, 5)]
    [InlineData(33, 6)]
    public void Has_as_many_leaves_as_a_power_of_two_whoever_has_them(int members, int depth) =>
        Assert.Equal(
            depth, LiabilityTree.Of(Scope, Salt, [.. Enumerable.Range(1, members).Select(i => ($"{i}", (UInt128)i))]).Depth);

    [Fact]
    public void Orders_its_leaves_otherwise_with_every_salt()
    {
        (string, UInt128)[] balances = [.. Enumerable.Range(1, 40).Select(i => ($"{i}", (UInt128)i))];
        long[] PlacesWith(ulong salt)
        {
            var tree = LiabilityTree.Of(Scope, new(salt, 0, 0, 0), balances);
            return [.. balances.Select(b => tree.PathOf(b.Item1)!.Place)];
        }

        Assert.NotEqual(PlacesWith(1), PlacesWith(2));
        Assert.NotEqual(PlacesWith(1).Order(), PlacesWith(1));
    }

    [Fact]
    public void Is_not_made_when_its_sum_is_more_than_can_be_written() =>
        Assert.Throws<OverflowException>(() => LiabilityTree.Of(Scope, Salt, [("1", UInt128.MaxValue), ("2", 1)]));

    [Fact]
    public void Is_not_reached_by_sums_that_run_over()
    {
        var path = LiabilityTree.Of(Scope, Salt, [("1", 5), ("2", 7)]).PathOf("1")!;

        Assert.Null((path with { Siblings = [new(Salt, UInt128.MaxValue), .. path.Siblings.Skip(1)] }).RootIn(Scope));
        Assert.Null((path with { Place = 1L << path.Siblings.Count }).RootIn(Scope));
        Assert.Null((path with { Place = -1 }).RootIn(Scope));
    }

    private static Gen<(string Member, UInt128 Units)[]> Balances() =>
        from count in Gen.Choose(1, 40)
        from units in Gen.Choose(1, int.MaxValue).ListOf(count)
        select units.Select((u, i) => ($"{i}", (UInt128)u << (u % 90))).ToArray();

    private static JsonArray Json([CallerFilePath] string path = "") =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(Path.GetDirectoryName(path)!, "vectors.json")))!.AsArray();

    private static IEnumerable<JsonNode> ReadVectors() => Json().Select(v => v!);

    private static Bytes32 Hash(JsonNode? text) => Bytes32.Parse((string)text!);

    private static UInt128 Units(JsonNode? text) => UInt128.Parse((string)text!, CultureInfo.InvariantCulture);
}
