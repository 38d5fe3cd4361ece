using System.Text.RegularExpressions;
using FiberLink.Crypto.Sealing;
using FiberLink.EventStore;
using FiberLink.Service.Audit.Packs;
using FiberLink.Service.Exports;
using FiberLink.Service.Ledger;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Service.Tests.Audit;

/// <summary>What an auditor is given, and finds, on a machine of his own.</summary>
public sealed partial class An_evidence_pack : IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("fiberlink-pack-");

    public void Dispose() => _home.Delete(recursive: true);

    [Fact]
    public async Task Is_checked_with_the_log_s_key_alone()
    {
        await using var scene = await SceneAsync();
        var head = await scene.HeadAsync();

        foreach (var (from, name) in new[] { (0L, "all"), (head / 2, "half"), (0L, "all.zip"), (head, "nothing") })
        {
            var path = await WriteAsync(scene, name, from, head);
            var result = await PackHand.CheckAsync(path, scene.Signer.Key);

            Assert.Empty(result.Findings);
            Assert.Equal((AuditScene.App, from, head), (result.Manifest!.App, result.Manifest.From, result.Manifest.To));
            Assert.Equal(AuditScene.Origin, result.Checkpoint!.Origin);
        }

        var all = await PackHand.CheckAsync(Path.Combine(_home.FullName, "all"), scene.Signer.Key);
        Assert.Equal((12L, 10L, 2), (all.Events, all.Entries, all.Publications));
        using var stranger = NoteSigner.Generate(AuditScene.Origin);
        var strange = await PackHand.CheckAsync(Path.Combine(_home.FullName, "all"), stranger.Key);
        Assert.Contains("not both signed", Assert.Single(strange.Findings), StringComparison.Ordinal);
        Assert.False((await PackHand.CheckAsync(_home.FullName, scene.Signer.Key)).IsSound);
    }

    [Fact]
    public async Task Tells_nothing_of_other_communities_but_how_many_events_there_are()
    {
        await using var scene = await SceneAsync();

        var path = await WriteAsync(scene, "pack", 0, await scene.HeadAsync());

        Assert.DoesNotContain(
            Directory.EnumerateFiles(path), f => File.ReadAllText(f).Contains("somebody", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Is_followed_from_the_first_key_over_a_change_of_hands()
    {
        await using var scene = await SceneAsync();
        await scene.SignAsync();
        using var next = NoteSigner.Generate(AuditScene.Origin);
        var keys = new EventStore.Sealing.SealKeys(scene.Database.DataSource, AuditScene.Origin, TimeProvider.System);
        Assert.NotNull(await keys.RotateAsync(scene.Signer, next, scene.Book, Ct));
        await scene.GiveAsync("anna", 1);
        await new EventStore.Sealing.LogSealer(scene.Database.DataSource).SealAsync(null, Ct);
        var checkpoint = (await scene.Book.SignAsync(next, null, Ct))!;

        var path = await WriteAsync(scene, "pack", 0, await scene.HeadAsync(), checkpoint, next);

        Assert.Empty((await PackHand.CheckAsync(path, scene.Signer.Key)).Findings);
        Assert.Empty((await PackHand.CheckAsync(path, next.Key)).Findings);
    }

    [Fact]
    public async Task With_any_file_changed_is_not_sound()
    {
        await using var scene = await SceneAsync();
        var path = await WriteAsync(scene, "pack", 1, await scene.HeadAsync());
        foreach (var file in Directory.GetFiles(path))
        {
            var bytes = await File.ReadAllBytesAsync(file, Ct);
            var isSigned = Path.GetFileName(file) is PackText.Manifest or PackText.Checkpoint;
            foreach (var at in isSigned ? Enumerable.Range(0, bytes.Length) : [0, bytes.Length / 2, bytes.Length - 1])
            {
                byte[] changed = [.. bytes[..at], (byte)(bytes[at] ^ 1), .. bytes[(at + 1)..]];
                await AssertFoundAsync(file, changed, $"{file} at {at}");
            }

            await AssertFoundAsync(file, bytes[..^1], $"{file} cut short");
            await AssertFoundAsync(file, [.. bytes, (byte)'\n'], $"{file} made longer");
            File.Delete(file);
            Assert.False((await PackHand.CheckAsync(path, scene.Signer.Key)).IsSound, $"{file} removed");
            await File.WriteAllBytesAsync(file, bytes, Ct);
        }

        await File.WriteAllTextAsync(Path.Combine(path, "readme"), "hello", Ct);
        Assert.Equal(
            ["readme: the file is not one of a pack's."], (await PackHand.CheckAsync(path, scene.Signer.Key)).Findings.Take(1));

        async Task AssertFoundAsync(string file, byte[] changed, string what)
        {
            var bytes = await File.ReadAllBytesAsync(file, Ct);
            await File.WriteAllBytesAsync(file, changed, Ct);
            Assert.False((await PackHand.CheckAsync(path, scene.Signer.Key)).IsSound, what);
            await File.WriteAllBytesAsync(file, bytes, Ct);
        }
    }

    // Whoever has the log's key can sign a manifest over whatever he likes.
    [Theory]
    [InlineData(PackText.Events, "an event changed", "do not lead to the root")]
    [InlineData(PackText.Events, "an event left out", "cannot be read: What is at position")]
    [InlineData(PackText.Events, "the last event left out", "cannot be read: ")]
    [InlineData(PackText.Events, "two events swapped", "is out of order")]
    [InlineData(PackText.Others, "the last line left out", "cannot be read: The tree goes up to position")]
    [InlineData(PackText.Others, "a line more", "there is more than the tree has")]
    [InlineData(PackText.Opening, "a balance more", "the balances are not the sums of the postings")]
    [InlineData(PackText.Closing, "a balance changed", "the balances are not the sums of the postings")]
    [InlineData(PackText.Closing, "the last line left out", "the balances are not the sums of the postings")]
    [InlineData(PackText.Ledger, "an amount changed", "the rows are not the postings of the events")]
    [InlineData(PackText.Ledger, "the last line left out", "the rows are not the postings of the events")]
    [InlineData(PackText.Liabilities, "another salt", "another salt than the one that is kept")]
    [InlineData(PackText.Liabilities, "the last line left out", "in a stream where none belongs")]
    [InlineData(PackText.Liabilities, "another total", "in a stream where none belongs")]
    [InlineData(PackText.Keys, "the last line left out", "not both signed")]
    [InlineData(PackText.Checkpoint, "another size", "not both signed")]
    public async Task That_lies_and_is_signed_all_the_same_is_not_sound(string file, string lie, string found)
    {
        await using var scene = await SceneAsync();
        var path = await WriteAsync(scene, "pack", 0, await scene.HeadAsync());
        var name = Path.Combine(path, file);
        var text = await File.ReadAllTextAsync(name, Ct);
        var lines = text.TrimEnd('\n').Split('\n');
        var lied = lie switch
        {
            "an event changed" => text.Replace("\"to\":\"anna\"", "\"to\":\"emil\"", StringComparison.Ordinal),
            "an event left out" => Text([.. lines[..2], .. lines[3..]]),
            "the last event left out" or "the last line left out" => Text(lines[..^1]),
            "two events swapped" => Text([lines[1], lines[0], .. lines[2..]]),
            "a line more" => Text([.. lines, lines[^1]]),
            "a balance more" => PackText.Line(new PackBalance("MemberAvailable", "emil", "CKB", 5)) + "\n",
            "a balance changed" => text.Replace("\"units\":\"1", "\"units\":\"2", StringComparison.Ordinal),
            "an amount changed" => text.Replace("MemberAvailable,anna", "MemberAvailable,emil", StringComparison.Ordinal),
            "another salt" => AnySalt().Replace(text, $"\"salt\":\"{new Crypto.Bytes32(1, 2, 3, 4)}\""),
            "another total" => text.Replace("\"units\":\"", "\"units\":\"1", StringComparison.Ordinal),
            "another size" => text.Replace($"\n{await scene.HeadAsync()}\n", "\n9\n", StringComparison.Ordinal),
            _ => throw new ArgumentOutOfRangeException(nameof(lie)),
        };
        Assert.NotEqual(text, lied);
        await File.WriteAllTextAsync(name, lied, Ct);
        await PackHand.SignAgainAsync(path, scene.Signer);

        var result = await PackHand.CheckAsync(path, scene.Signer.Key);

        Assert.Contains(result.Findings, f => f.Contains(found, StringComparison.Ordinal));
    }

    [GeneratedRegex("\"salt\":\"0x[0-9a-f]{64}\"")]
    private static partial Regex AnySalt();

    private static string Text(string[] lines) => string.Concat(lines.Select(l => $"{l}\n"));

    [Fact]
    public async Task Gives_every_balance_and_a_member_s_statement_as_the_books_have_them()
    {
        await using var scene = await SceneAsync();
        await scene.TipAsync("bert", "anna", 3);
        var (head, books) = (await scene.HeadAsync(), scene.Tools.GetRequiredService<LedgerBooks>());
        foreach (var (name, from) in new[] { ("all", 0L), ("half", head / 2) })
        {
            var result = await PackHand.CheckAsync(await WriteAsync(scene, name, from, head), scene.Signer.Key, "anna");

            Assert.Empty(result.Findings);
            Assert.Equal(await books.BalancesAsync(AuditScene.App, null, head, Ct), result.Balances);
            var statement = result.Statement!;
            Assert.Equal(await books.BalancesAsync(AuditScene.App, "anna", from, Ct), statement.Opening);
            Assert.Equal(await books.BalancesAsync(AuditScene.App, "anna", head, Ct), statement.Closing);
            Assert.Equal(
                await books.EntriesAsync(new(AuditScene.App, from, head) { Member = "anna" }, null, Ct).ToListAsync(Ct),
                statement.Entries.Select(e => e.Entry));
            Assert.Equal("tip from bert to anna for post p1", statement.Entries[^1].Why);
        }

        var all = Path.Combine(_home.FullName, "all");
        Assert.Null((await PackHand.CheckAsync(all, scene.Signer.Key)).Statement);
        var nobody = (await PackHand.CheckAsync(all, scene.Signer.Key, "nobody")).Statement!;
        Assert.Empty(nobody.Closing);
        Assert.Empty(nobody.Entries);
    }

    [Fact]
    public async Task That_is_not_sound_gives_no_balances()
    {
        await using var scene = await SceneAsync();
        var path = await WriteAsync(scene, "pack", 0, await scene.HeadAsync());
        await File.WriteAllTextAsync(Path.Combine(path, PackText.Closing), "", Ct);
        await PackHand.SignAgainAsync(path, scene.Signer);

        var result = await PackHand.CheckAsync(path, scene.Signer.Key, "anna");

        Assert.False(result.IsSound);
        Assert.Empty(result.Balances);
        Assert.Null(result.Statement);
    }

    // Events of two communities between each other, two publications, and money in two assets.
    private static async Task<AuditScene> SceneAsync()
    {
        var scene = await AuditScene.CreateAsync();
        foreach (var i in Enumerable.Range(1, 5))
        {
            await scene.GiveAsync("anna", i * AuditScene.Ckb);
            for (var others = 0; others < i; others++)
            {
                await scene.GiveAsync("somebody", 7, app: "another");
            }
        }

        await scene.PublishAsync();
        foreach (var i in Enumerable.Range(1, 5))
        {
            await scene.GiveAsync($"bert, \"{i}\"", i, asset: "USDI");
        }

        await scene.PublishAsync("USDI");
        await scene.GiveAsync("somebody", 7, app: "another");
        return scene;
    }

    private async Task<string> WriteAsync(
        AuditScene scene,
        string name,
        long from,
        long to,
        EventStore.Sealing.SignedCheckpoint? checkpoint = null,
        NoteSigner? signer = null)
    {
        var path = Path.Combine(_home.FullName, name);
        var books = scene.Tools.GetRequiredService<LedgerBooks>();
        var window = new ExportWindow(
            AuditScene.App,
            await books.FindAsync(new LogPoint.Position(from), Ct),
            await books.FindAsync(new LogPoint.Position(to), Ct));
        await scene.Tools.GetRequiredService<PackWriter>()
            .WriteAsync(window, checkpoint ?? await scene.SignAsync(), signer ?? scene.Signer, path, Ct);
        Assert.False(Path.Exists($"{path}.part"));
        return path;
    }
}
