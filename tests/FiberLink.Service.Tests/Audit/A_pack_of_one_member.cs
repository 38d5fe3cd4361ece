using FiberLink.EventStore.Sealing;
using FiberLink.Service.Audit.Packs;
using FiberLink.Service.Ledger;
using FiberLink.Service.Members;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Service.Tests.Audit;

/// <summary>What a member is given who wants to show what happened to his own money, and to nobody else's.</summary>
public sealed class A_pack_of_one_member : IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("fiberlink-member-pack-");

    public void Dispose() => _home.Delete(recursive: true);

    [Fact]
    public async Task Has_the_member_s_events_alone_and_is_checked_with_the_log_s_key_alone()
    {
        await using var scene = await SceneAsync();
        var head = await scene.HeadAsync();
        foreach (var name in new[] { "folder", "one.zip" })
        {
            var result = await PackHand.CheckAsync(await WriteAsync(scene, name, "anna", head), scene.Signer.Key);

            Assert.Empty(result.Findings);
            var manifest = result.Manifest!;
            Assert.Equal(("anna", AuditScene.App, 0L, head), (manifest.Member, manifest.App, manifest.From, manifest.To));
            Assert.Equal((5L, 2L), (result.Events, result.Entries));
            var books = scene.Tools.GetRequiredService<LedgerBooks>();
            Assert.Equal(await books.BalancesAsync(AuditScene.App, "anna", head, Ct), result.Statement!.Closing);
            Assert.Equal(result.Statement.Closing, result.Balances);
            Assert.Equal(
                ["tip from bert to anna for post p1", "tip from emil to anna for post p1"], result.Statement.Entries.Select(e => e.Why));
        }

        var text = string.Concat(Directory.EnumerateFiles(Path.Combine(_home.FullName, "folder")).Select(File.ReadAllText));
        Assert.DoesNotContain("dora", text, StringComparison.Ordinal);
        Assert.DoesNotContain("another", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ends_where_it_was_asked_to()
    {
        await using var scene = await SceneAsync();

        var result = await PackHand.CheckAsync(await WriteAsync(scene, "pack", "anna", 2), scene.Signer.Key);

        Assert.Empty(result.Findings);
        Assert.Equal((2L, 3), (result.Events, (int)result.Statement!.Closing.Single().Units));
    }

    [Fact]
    public async Task Is_of_the_member_however_he_is_called()
    {
        await using var scene = await SceneAsync();
        const string Name = "9\nfrom 7\n\"ü\"";
        await scene.TipAsync("bert", Name, 8);
        await scene.TipAsync("bert", "9", 8);

        var result = await PackHand.CheckAsync(await WriteAsync(scene, "pack", Name, await scene.HeadAsync()), scene.Signer.Key);

        Assert.Empty(result.Findings);
        Assert.Equal((Name, 0L, 2L), (result.Manifest!.Member, result.Manifest.From, result.Events));
    }

    // Whoever has the log's key can sign a manifest over whatever he likes.
    [Theory]
    [InlineData("a payment left out", "the balances are not the sums of the postings")]
    [InlineData("a wish left out", "follows on version 0")]
    [InlineData("somebody else's tip put in", "says that it is about anna")]
    [InlineData("another community's tip put in", "is not one of demo")]
    [InlineData("an event changed", "do not lead to the root")]
    [InlineData("a balance changed", "the balances are not the sums of the postings")]
    [InlineData("called another's", "says that it is about dora")]
    [InlineData("a file more", "the file is not one of a pack's")]
    public async Task That_lies_and_is_signed_all_the_same_is_not_sound(string lie, string found)
    {
        await using var scene = await SceneAsync();
        var head = await scene.HeadAsync();
        var positions = await PositionsAsync(scene, "anna", head);
        long[] lied = lie switch
        {
            "a payment left out" => [.. positions.Except([2])],
            "a wish left out" => [.. positions.Except([1])],
            "somebody else's tip put in" => [.. positions.Append(3).Order()],
            "another community's tip put in" => [.. positions.Append(5).Order()],
            _ => [.. positions],
        };
        var path = await WriteAsync(scene, "pack", "anna", head, lied);
        await (lie switch
        {
            "an event changed" => ReplaceAsync(path, PackText.Events, "\"from\":\"bert\"", "\"from\":\"fred\""),
            "a balance changed" => ReplaceAsync(path, PackText.Closing, "\"units\":\"", "\"units\":\"1"),
            "called another's" => ReplaceAsync(path, PackText.Manifest, "member \"anna\"", "member \"dora\""),
            "a file more" => File.WriteAllTextAsync(Path.Combine(path, PackText.Ledger), "", Ct),
            _ => Task.CompletedTask,
        });
        await PackHand.SignAgainAsync(path, scene.Signer);

        var result = await PackHand.CheckAsync(path, scene.Signer.Key);

        Assert.Contains(result.Findings, f => f.Contains(found, StringComparison.Ordinal));
        Assert.Null(result.Statement);
    }

    [Fact]
    public async Task Is_not_made_of_events_that_are_not_there()
    {
        await using var scene = await SceneAsync();

        await Assert.ThrowsAsync<LogNotWholeException>(() => WriteAsync(scene, "pack", "anna", 9, [1, 2, 77]));

        Assert.Empty(_home.EnumerateFileSystemInfos());
    }

    // It is said wherever such a pack is made or checked.
    [Fact]
    public async Task Cannot_show_that_a_whole_stream_was_not_left_out()
    {
        await using var scene = await SceneAsync();
        var head = await scene.HeadAsync();
        var unpaid = await PositionsAsync(scene, "anna", head);

        var result = await PackHand.CheckAsync(
            await WriteAsync(scene, "pack", "anna", head, [.. unpaid.SkipLast(1)]), scene.Signer.Key);

        Assert.Empty(result.Findings);
        Assert.Equal(unpaid.Count - 1, result.Events);
    }

    // Positions 1, 2: a tip to anna; 3, 4: to somebody else; 5, 6: of another community; 7, 8: to anna; 9: by anna, and nobody paid.
    private static async Task<AuditScene> SceneAsync()
    {
        var scene = await AuditScene.CreateAsync();
        Assert.Equal(1, (await scene.TipAsync("bert", "anna", 3)).Requested);
        await scene.TipAsync("bert", "dora", 4);
        await scene.TipAsync("bert", "anna", 5, app: "another");
        await scene.TipAsync("emil", "anna", 6);
        await scene.TipAsync("anna", "emil", 7, isPaid: false);
        return scene;
    }

    private static Task<IReadOnlyList<long>> PositionsAsync(AuditScene scene, string member, long to) =>
        scene.Tools.GetRequiredService<MemberStreams>().PositionsAsync(AuditScene.App, member, to, Ct);

    private async Task<string> WriteAsync(AuditScene scene, string name, string member, long to, long[]? positions = null)
    {
        var path = Path.Combine(_home.FullName, name);
        SignedCheckpoint checkpoint = await scene.SignAsync();
        await scene.Tools.GetRequiredService<PackWriter>().WriteMemberAsync(
            (AuditScene.App, member), positions ?? await PositionsAsync(scene, member, to), to, checkpoint, scene.Signer, path, Ct);
        Assert.False(Path.Exists($"{path}.part"));
        return path;
    }

    private static async Task ReplaceAsync(string path, string file, string old, string with)
    {
        var name = Path.Combine(path, file);
        var text = await File.ReadAllTextAsync(name, Ct);
        Assert.Contains(old, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(name, text.Replace(old, with, StringComparison.Ordinal), Ct);
    }
}
