using System.Net;
using System.Text;
using FiberLink.Crypto;
using FiberLink.Crypto.Sealing;
using FiberLink.EventStore;
using FiberLink.EventStore.Sealing;
using FiberLink.Service.Audit;
using FiberLink.Service.Startup;
using FiberLink.Service.Tests.Audit;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Service.Tests;

/// <summary><c>/audit/…</c>: what anybody may fetch, keep and check.</summary>
public sealed class The_log_is_open_to_everybody : IDisposable
{
    private const string Origin = "hub.example/log";
    private const string Passphrase = "a passphrase of the tests";

    private static readonly HttpClient Http = new();

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fiberlink-audit-");

    private string KeyFile => Path.Combine(_folder.FullName, "audit.key");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Its_checkpoints_are_signed_by_themselves_and_its_tiles_are_what_they_are_made_of()
    {
        using var key = AuditKeyFile.Create(KeyFile, Origin, Passphrase);
        await using var service = await StartAsync();
        await service.EarnAsync(service.Client, "9", "1.5");
        var head = await service.Database.CountAsync("select position from event_store.log_head");
        var (note, says) = await ReachesAsync(service, head);

        Assert.True(note.IsSignedBy([key.Key]));
        var (tile, tileBytes) = await GetAsync(service, new TileAddress(0, 0, (int)says.Size).ToString());
        var (_, entries) = await GetAsync(service, new TileAddress(null, 0, (int)says.Size).ToString());
        Assert.Equal("application/octet-stream", tile.Content.Headers.ContentType?.ToString());
        Assert.True(tile.Headers.CacheControl is { Public: true, MaxAge.TotalDays: 365 });
        var leaves = tileBytes.Chunk(Bytes32.Length).Select(h => Bytes32.From(h)).ToArray();
        Assert.Equal(leaves, entries.Chunk(Bytes32.Length + 2).Select(e => MerkleHash.Leaf(e.AsSpan(2))));
        var tree = new TileGrowth();
        foreach (var leaf in leaves)
        {
            tree.Add(leaf);
        }

        Assert.Equal(says.Root, tree.Root());
        var (_, keys) = await GetAsync(service, "keys");
        Assert.Equal($"since 0 {key.Key}\n", Encoding.UTF8.GetString(keys));
    }

    [Fact]
    public async Task Nothing_is_served_that_no_checkpoint_tells_of()
    {
        await using var unsigned = await RunningService.StartAsync();
        await Eventually.HoldsAsync(
            "the log is sealed",
            async () => await unsigned.Database.CountAsync("select coalesce(max(size), 0) from event_store.log_tree") > 0,
            Ct);

        foreach (var path in new[]
        {
            "checkpoint", "tile/0/000.p/1", "tile/entries/000.p/1", "tile/0/000", "tile/9/9", "tile/x", "liabilities",
        })
        {
            var (response, _) = await GetAsync(unsigned, path);
            Assert.Equal((path, HttpStatusCode.NotFound), (path, response.StatusCode));
            Assert.True(response.Headers.CacheControl?.NoStore);
        }
    }

    [Fact]
    public async Task Roots_of_liabilities_are_listed_once_they_are_in_a_checkpoint_and_name_nobody()
    {
        AuditKeyFile.Create(KeyFile, Origin, Passphrase).Dispose();
        await using var service = await StartAsync();
        await service.EarnAsync(service.Client, "9", "1.5");
        await using var tools = ServiceHost.BuildTools(new ServiceSettings
        {
            Database = service.Database.ConnectionString,
            NodeUrl = new("http://127.0.0.1:9"),
            MasterKeys = [new byte[32]],
            Audit = new AuditSettings { Origin = Origin },
        });
        var publishing = tools.GetRequiredService<LiabilityPublishing>();
        var published = new List<LiabilityPublication>();
        for (var i = 0; i < 2; i++)
        {
            var head = await service.Database.CountAsync("select position from event_store.log_head");
            var answer = await publishing.PublishAsync(AuditScene.App, Events.Money.Asset.Ckb, head, "olga", Ct);
            published.Add(Assert.IsType<LiabilityAnswer.Done>(answer).Publication);
            await service.EarnAsync(service.Client, "9", "1");
        }

        await ReachesAsync(service, await service.Database.CountAsync("select position from event_store.log_head"));

        var (page, body) = await GetAsync(service, "liabilities");
        var lines = published.ConvertAll(
            p => $"at {p.At} of {p.Body.Position} scope {p.Scope.ToHex()} root {p.Body.Root}\n");
        Assert.Equal(string.Concat(lines), Encoding.UTF8.GetString(body));
        Assert.True(page.Headers.CacheControl is { Public: true, MaxAge.TotalSeconds: 60 });
        Assert.Equal(lines[1], Encoding.UTF8.GetString((await GetAsync(service, $"liabilities?after={published[0].At}")).Body));
        Assert.Empty((await GetAsync(service, $"liabilities?after={published[1].At}")).Body);
        foreach (var wrong in new[] { "-1", "x", "1.5", "99999999999999999999" })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync(service, $"liabilities?after={wrong}")).Response.StatusCode);
        }

        // What no checkpoint has in it is not shown.
        await service.Database.ExecuteAsync("update event_store.log_tree set root = sha256('x')");
        await service.Database.ExecuteAsync($"delete from event_store.log_checkpoints where size >= {published[1].At}");
        Assert.DoesNotContain(lines[1], Encoding.UTF8.GetString((await GetAsync(service, "liabilities")).Body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_was_changed_is_not_signed_again_and_somebody_is_told()
    {
        AuditKeyFile.Create(KeyFile, Origin, Passphrase).Dispose();
        await using var service = await StartAsync();
        await service.EarnAsync(service.Client, "9", "1");
        var head = await service.Database.CountAsync("select position from event_store.log_head");
        await ReachesAsync(service, head);

        await service.Database.ExecuteAsync("update event_store.log_tree set root = sha256('x')");
        await service.EarnAsync(service.Client, "9", "1");

        await Eventually.HoldsAsync(
            "it is said", () => Task.FromResult(service.Logs.Text.Contains("The log is not whole", StringComparison.Ordinal)), Ct);
        Assert.Equal(head, await service.Database.CountAsync("select max(size) from event_store.log_checkpoints"));
    }

    [Fact]
    public async Task The_books_are_added_up_from_the_events_and_any_other_balance_is_found()
    {
        await using var service = await RunningService.StartAsync();
        await service.EarnAsync(service.Client, "9", "2");
        await service.EarnAsync(service.Client, "8", "3");
        Assert.Empty(await FindingsAsync(service));

        await service.Database.ExecuteAsync("update read_models.account_balances set units = units + 1 where member = '9'");
        var wrong = Assert.Single(await FindingsAsync(service));
        Assert.Equal(SealFindingKind.BalanceWrong, wrong.Kind);
        Assert.Contains(
            "MemberAvailable 9 of demo in CKB: it says 200000001, and its postings sum to 200000000", wrong.Text, StringComparison.Ordinal);

        await service.Database.ExecuteAsync("delete from read_models.account_balances where member = '9'");
        Assert.Equal([SealFindingKind.BalanceWrong], (await FindingsAsync(service)).Select(f => f.Kind));
    }

    [Fact]
    public void A_key_file_that_others_may_read_or_that_is_none_is_refused_without_a_word_of_it()
    {
        AuditKeyFile.Create(KeyFile, Origin, Passphrase).Dispose();
        Assert.Throws<AuditKeyException>(() => AuditKeyFile.Create(KeyFile, Origin, Passphrase).Dispose());
        var wrong = Assert.Throws<AuditKeyException>(() => AuditKeyFile.Open(KeyFile, Origin, "quite-other-words").Dispose());
        Assert.DoesNotContain("quite-other", wrong.ToString(), StringComparison.Ordinal);
        Assert.Throws<AuditKeyException>(() => AuditKeyFile.Create($"{KeyFile}.2", Origin, "short").Dispose());
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.GroupRead);
            Assert.Throws<AuditKeyException>(() => AuditKeyFile.Open(KeyFile, Origin, Passphrase).Dispose());
        }
    }

    private Task<RunningService> StartAsync() => RunningService.StartAsync(new Opening
    {
        Change = settings => settings with
        {
            Audit = new AuditSettings
            {
                Origin = Origin, KeyFile = KeyFile, Passphrase = Passphrase, CheckpointInterval = TimeSpan.FromSeconds(1),
            },
        },
    });

    private static async Task<IReadOnlyList<SealFinding>> FindingsAsync(RunningService service)
    {
        var verification = new LogVerification(service.Database.DataSource, service.Instance.Services.GetRequiredService<EventCatalogue>());
        return (await verification.RunAsync(new(AuditSettings.OriginDefault, null, null, new BookInspection()), null, Ct)).Findings;
    }

    private static async Task<(SignedNote Note, Checkpoint Says)> ReachesAsync(RunningService service, long size)
    {
        SignedNote? note = null;
        Checkpoint? says = null;
        await Eventually.HoldsAsync(
            "a checkpoint is signed",
            async () => SignedNote.TryParse(Encoding.UTF8.GetString((await GetAsync(service, "checkpoint")).Body), out note)
                && Checkpoint.TryParse(note.Text, out says) && says.Size >= size,
            Ct);
        return (note!, says!);
    }

    private static async Task<(HttpResponseMessage Response, byte[] Body)> GetAsync(RunningService service, string path)
    {
        var response = await Http.GetAsync(new Uri(service.Url, $"/audit/{path}"), Ct);
        return (response, await response.Content.ReadAsByteArrayAsync(Ct));
    }
}
