using FiberLink.Crypto;
using FiberLink.Crypto.Liabilities;
using FiberLink.Crypto.Sealing;
using FiberLink.Events.Liabilities;
using FiberLink.Events.Money;
using FiberLink.EventStore.Sealing;
using FiberLink.Service.Audit;
using FiberLink.Service.Tests.Scene;

namespace FiberLink.Service.Tests.Audit;

public sealed class Publishing_liabilities
{
    private static readonly Bytes32 Salt = new(1, 2, 3, 4);

    [Fact]
    public async Task Sums_up_what_members_have_and_does_so_once_for_each_position()
    {
        await using var scene = await AuditScene.CreateAsync();
        await scene.GiveAsync("anna", 3 * AuditScene.Ckb);
        var last = await scene.GiveAsync("bert", 4 * AuditScene.Ckb);
        await scene.GiveAsync("anna", 50, asset: "USDI");
        await scene.GiveAsync("carl", 9 * AuditScene.Ckb, app: "another");

        var published = await scene.PublishAsync();
        var head = await scene.HeadAsync();
        var again = Assert.IsType<LiabilityAnswer.Done>(await scene.Publishing.PublishAsync(AuditScene.App, Asset.Ckb, head, "otto", Ct));

        Assert.Equal(new(Asset.Ckb, 7 * AuditScene.Ckb), published.Body.Total);
        Assert.Equal((last, head), (published.Body.Position, published.At));
        Assert.Equal((published, false), (again.Publication, again.IsNew));
        Assert.Equal(head, await scene.HeadAsync());

        await scene.GiveAsync("carl", AuditScene.Ckb);
        await scene.PublishAsync();
        await scene.PublishAsync("USDI");
        Assert.Equal(
            [(7 * AuditScene.Ckb, "CKB"), (8 * AuditScene.Ckb, "CKB"), (50, "USDI")],
            (await scene.Publishing.ListAsync(AuditScene.App, Ct)).Select(p => ((int)p.Body.Total.Units, p.Body.Total.Asset.Code)));
        Assert.Contains(
            "later than", Refused(await scene.Publishing.PublishAsync(AuditScene.App, Asset.Ckb, 1, "olga", Ct)), StringComparison.Ordinal);
        Assert.Contains(
            "in one line",
            Refused(await scene.Publishing.PublishAsync(AuditScene.App, Asset.Ckb, head, " ", Ct)),
            StringComparison.Ordinal);
        Assert.Contains(
            "Nothing was moved",
            Refused(await scene.Publishing.PublishAsync("nobody", Asset.Ckb, head, "olga", Ct)),
            StringComparison.Ordinal);
        Assert.Empty(await FindingsAfterSigningAsync(scene));
    }

    [Fact]
    public async Task Of_two_at_once_one_is_written()
    {
        await using var scene = await AuditScene.CreateAsync();
        var last = await scene.GiveAsync("anna", 3);

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(i => scene.Publishing.PublishAsync(AuditScene.App, Asset.Ckb, last, $"olga {i}", Ct)));

        Assert.Single(answers.Cast<LiabilityAnswer.Done>(), a => a.IsNew);
        Assert.Single(answers.Cast<LiabilityAnswer.Done>().Select(a => a.Publication).Distinct());
        Assert.Equal(1, await scene.Database.CountAsync("select count(*) from event_store.log_salts"));
    }

    [Fact]
    public async Task Shows_every_member_that_he_is_counted_and_nobody_anything_else()
    {
        await using var scene = await AuditScene.CreateAsync();
        string[] members = [.. Enumerable.Range(1, 20).Select(i => $"member {i}")];
        foreach (var (i, member) in members.Index())
        {
            await scene.GiveAsync(member, (i + 1) * AuditScene.Ckb);
        }

        var first = await scene.PublishAsync();
        await scene.GiveAsync("member 1", AuditScene.Ckb);
        var second = await scene.PublishAsync();
        var tree = await scene.Publishing.TreeAsync(first, Ct);
        var log = await scene.ProveAsync(first.At);
        var other = await scene.ProveAsync(second.At);

        foreach (var member in members)
        {
            var proof = new LiabilityProof(tree.PathOf(member)!, log);
            var counted = Assert.IsType<LiabilityVerdict.Counted>(LiabilityCheck.Check(proof, [scene.Signer.Key]));
            Assert.Equal(first, counted.Publication);
            AssertWorthless(proof with { Published = other }, scene, "does not lead to the root");
            AssertWorthless(proof with { Path = proof.Path with { Units = proof.Path.Units + 1 } }, scene, "does not lead to the root");
        }

        var shown = new LiabilityProof(tree.PathOf("member 1")!, log);
        AssertWorthless(shown with { Published = await scene.ProveAsync(1) }, scene, "publishes no liabilities");
        AssertWorthless(shown with { Published = log with { Index = 3 } }, scene, "not what was logged");
        using var stranger = NoteSigner.Generate(AuditScene.Origin);
        Assert.IsType<LiabilityVerdict.Worthless>(LiabilityCheck.Check(shown, [stranger.Key]));
        Assert.Null(tree.PathOf("member 21"));
        Assert.True(shown.ToString().Length < 4096);
    }

    [Fact]
    public async Task Does_not_happen_while_a_member_has_less_than_nothing_and_it_says_who()
    {
        await using var scene = await AuditScene.CreateAsync();
        await scene.GiveAsync("anna", 100);
        var last = await scene.GiveAsync("bert", -1, through: scene.Lenient);

        var refused = Refused(await scene.Publishing.PublishAsync(AuditScene.App, Asset.Ckb, last, "olga", Ct));

        Assert.Contains("NOTHING WAS PUBLISHED: member bert of 'demo' has less than nothing in CKB", refused, StringComparison.Ordinal);
        Assert.Equal(last, await scene.HeadAsync());
    }

    // Whoever runs the hub can append what he likes; that the log does not give it is found by whoever computes it again.
    [Theory]
    [InlineData("a member left out", "is left out of it, or is another")]
    [InlineData("a balance that is another", "is left out of it, or is another")]
    [InlineData("another total", "is left out of it, or is another")]
    [InlineData("more leaves", "is left out of it, or is another")]
    [InlineData("another salt", "another salt than the one that is kept")]
    [InlineData("no salt", "its salt is gone")]
    [InlineData("another stream", "in a stream where none belongs")]
    [InlineData("its own position", "tells of what came after it")]
    public async Task That_lies_is_found_when_the_log_is_verified(string lie, string found)
    {
        await using var scene = await AuditScene.CreateAsync();
        await scene.GiveAsync("anna", 30);
        var position = await scene.GiveAsync("bert", 12);
        position += lie == "its own position" ? 1 : 0;
        (string, UInt128)[] owed = lie switch
        {
            "a member left out" => [("anna", 30)],
            "a balance that is another" => [("anna", 30), ("bert", 11)],
            _ => [("anna", 30), ("bert", 12)],
        };
        var tree = LiabilityTree.Of(LiabilityHash.Scope(AuditScene.App, "CKB", position), Salt, owed);
        var lied = new LiabilitiesEvent.Published(
            Guid.CreateVersion7(),
            new(Asset.Ckb, tree.Root.Sum - (lie == "another total" ? UInt128.One : 0)),
            8,
            position,
            tree.Depth + (lie == "more leaves" ? 1 : 0),
            tree.Root.Hash.ToHex(),
            LiabilityHash.OfSalt(Salt).ToHex(),
            "olga",
            DateTimeOffset.UnixEpoch);
        var at = await scene.AppendAsync(
            lie == "another stream" ? new(AuditScene.App, "liabilities-USDI") : LiabilityPublication.Stream(AuditScene.App, Asset.Ckb),
            lied,
            scene.Lenient,
            [.. lie == "no salt" ? Array.Empty<LogSaltRow>() : [new(lied.PublicationId, lie == "another salt" ? new(9, 9, 9, 9) : Salt)]]);

        var finding = Assert.Single(await FindingsAfterSigningAsync(scene), f => f.Kind != SealFindingKind.BalanceWrong);

        Assert.Equal((SealFindingKind.LiabilitiesWrong, at), (finding.Kind, finding.Position));
        Assert.Contains(found, finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_which_the_salt_was_changed_or_erased_shows_nobody_anything_any_more()
    {
        await using var scene = await AuditScene.CreateAsync();
        await scene.GiveAsync("anna", 30);
        var published = await scene.PublishAsync();
        Assert.Empty(await FindingsAfterSigningAsync(scene));

        await scene.ChangeAsync("update event_store.log_salts set salt = sha256(salt)");
        await Assert.ThrowsAsync<LogNotWholeException>(() => scene.Publishing.TreeAsync(published, Ct));
        Assert.Equal(SealFindingKind.LiabilitiesWrong, Assert.Single(await scene.FindingsAsync()).Kind);

        await scene.ChangeAsync("delete from event_store.log_salts");
        await Assert.ThrowsAsync<LogNotWholeException>(() => scene.Publishing.TreeAsync(published, Ct));
        Assert.Contains("its salt is gone", Assert.Single(await scene.FindingsAsync()).Text, StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<SealFinding>> FindingsAfterSigningAsync(AuditScene scene)
    {
        await scene.SignAsync();
        return await scene.FindingsAsync();
    }

    private static void AssertWorthless(LiabilityProof proof, AuditScene scene, string because) =>
        Assert.Contains(
            because,
            Assert.IsType<LiabilityVerdict.Worthless>(LiabilityCheck.Check(proof, [scene.Signer.Key])).Because,
            StringComparison.Ordinal);

    private static string Refused(LiabilityAnswer answer) => Assert.IsType<LiabilityAnswer.Refused>(answer).Why;
}
