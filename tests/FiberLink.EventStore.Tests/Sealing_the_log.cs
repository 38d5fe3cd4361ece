using System.Text;
using FiberLink.Crypto;
using FiberLink.Crypto.Sealing;
using FiberLink.EventStore.Sealing;
using Npgsql;

namespace FiberLink.EventStore.Tests;

public sealed class Sealing_the_log(LogOnPostgres log) : IClassFixture<LogOnPostgres>, IAsyncLifetime
{
    private IEventStore Store { get; } = log.Open(Sample.Catalogue);

    private LogSealer Sealer { get; } = new(log.Database);

    private SealedTree Tree { get; } = new(log.Database);

    private NpgsqlDataSource Database => log.Database;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await log.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task The_hash_that_is_stored_with_an_event_is_the_one_that_its_row_gives()
    {
        var by = new NotedBy("ü\"\\\u0001€😀", Guid.CreateVersion7(), Sample.Noon);
        var metadata = new EventMetadata("request \"1\"", "message", "app:demo", "00-\\-01");
        await Store.AppendAsync(
            new(
                [new(Sample.Stream, ExpectedVersion.Any, [new(Guid.CreateVersion7(), new Noted("a", -12, by))])],
                metadata,
                Sample.Noon.AddTicks(17)),
            Ct);
        await Store.AppendAsync(Sample.Notes("b", "c"), Ct);

        Assert.Equal(3, (await Sealer.SealAsync(null, Ct)).Size);
        Assert.Equal("3", await Database.TextAsync("select count(entry_hash) from event_store.mt_events"));
    }

    [Fact]
    public async Task An_event_is_found_by_its_id_wherever_in_its_change_it_is_and_whatever_time_the_id_tells()
    {
        Guid[] ids =
        [
            Guid.CreateVersion7(Sample.Noon),
            Guid.CreateVersion7(Sample.Noon),
            Guid.CreateVersion7(Sample.Noon.AddYears(-1)),
            Guid.NewGuid(),
        ];
        await Store.AppendAsync(Sample.Notes("before"), Ct);
        await Store.AppendAsync(
            new(
                [new(new("demo", "note-2"), ExpectedVersion.Any, [.. ids.Select(id => new NewEvent(id, new Noted("a", 1)))])],
                EventMetadata.None,
                Sample.Noon),
            Ct);
        var events = new SealedEvents(Database);

        Assert.Equal([2, 3, 4, 5], await Task.WhenAll(ids.Select(id => events.FindAsync(id, Ct))));
        Assert.Null(await events.FindAsync(Guid.CreateVersion7(Sample.Noon), Ct));
        Assert.Null(await events.FindAsync(Guid.Parse("ffffffff-ffff-7fff-bcce-b302099a8057"), Ct));
    }

    [Fact]
    public async Task The_form_of_an_event_never_changes()
    {
        var id = Guid.Parse("01890a5d-ac96-774b-bcce-b302099a8057");
        await Store.AppendAsync(
            new(
                [new(Sample.Stream, ExpectedVersion.Any, [new(id, new Noted("a", 5))])],
                new("request", null, "app:demo", "00-a-01"),
                Sample.Noon),
            Ct);

        // Whoever changes this breaks every log that was sealed before.
        const string Form =
            """{"at":"2026-01-01T12:00:00.000000Z","by":"app:demo","correlation":"request","data":{"by":null,"text":"a","weight":5},"""
            + "\"" + """dotnet_type":"FiberLink.EventStore.Tests.Noted, FiberLink.EventStore.Tests","headers":{"traceparent":"00-a-01"},"""
            + "\"" + """id":"01890a5d-ac96-774b-bcce-b302099a8057","leaf":1,"stream":"note-1","""
            + "\"" + """tenant":"demo","type":"noted.v1","version":1}""";
        Assert.Equal(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(Form))),
            await Database.TextAsync("select encode(entry_hash, 'hex') from event_store.mt_events"));
        Assert.Equal(Form, Encoding.UTF8.GetString(CanonicalJson.Of(Encoding.UTF8.GetBytes(Form))));
    }

    [Fact]
    public async Task The_tree_is_that_of_all_entries_whatever_the_steps()
    {
        for (var i = 0; i < 5; i++)
        {
            await Store.AppendAsync(Sample.Notes([.. Enumerable.Range(0, 1 + (i * 97)).Select(n => $"{i}-{n}")]), Ct);
            await Sealer.SealAsync(null, Ct);
        }

        var leaves = await LeavesAsync();
        var head = await Tree.ReadHeadAsync(Ct);
        Assert.Equal(leaves.Length, head.Size);
        Assert.Equal(head.Root, RootOf(leaves));
        Assert.Equal(head.Root, await Tree.RootAsync(head.Size, Ct));
        foreach (var position in new[] { 1, 2, 256, 257, leaves.Length })
        {
            var proof = await Tree.InclusionAsync(position, head.Size, Ct);
            Assert.True(MerkleProof.Includes(position - 1, leaves[position - 1], head.Size, head.Root, proof));
            Assert.True(MerkleProof.IsConsistent(
                position, RootOf(leaves[..position]), head.Size, head.Root, await Tree.ConsistencyAsync(position, head.Size, Ct)));
        }
    }

    [Fact]
    public async Task Tiles_and_entries_are_served_as_wide_as_they_are_asked_for_and_no_wider_than_they_are()
    {
        await Store.AppendAsync(Sample.Notes([.. Enumerable.Range(0, 300).Select(n => $"{n}")]), Ct);
        await Sealer.SealAsync(null, Ct);
        var leaves = await LeavesAsync();

        var full = await Tree.ReadAsync(new(0, 0, 256), Ct);
        var narrow = await Tree.ReadAsync(new(0, 1, 20), Ct);
        var entries = await Tree.ReadAsync(new(null, 1, 44), Ct);

        Assert.Equal(leaves[..256].SelectMany(l => l.ToBytes()), full);
        Assert.Equal(leaves[256..276].SelectMany(l => l.ToBytes()), narrow);
        Assert.Equal(full, (await Tree.ReadAsync(new(0, 0, 256), Ct))!);
        Assert.Equal(Tiles.Over(full).ToBytes(), await Tree.ReadAsync(new(1, 0, 1), Ct));
        Assert.Equal(leaves[256..300], entries!.Chunk(34).Select(e => MerkleHash.Leaf(e.AsSpan(2))));
        Assert.Null(await Tree.ReadAsync(new(0, 1, 45), Ct));
        Assert.Null(await Tree.ReadAsync(new(null, 1, 45), Ct));
        Assert.Null(await Tree.ReadAsync(new(1, 0, 2), Ct));
        Assert.Null(await Tree.ReadAsync(new(7, 0, 1), Ct));
    }

    [Fact]
    public async Task Several_sealers_at_once_make_one_tree()
    {
        await Store.AppendAsync(Sample.Notes([.. Enumerable.Range(0, 700).Select(n => $"{n}")]), Ct);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => new LogSealer(Database).SealAsync(null, Ct)));

        var head = await Tree.ReadHeadAsync(Ct);
        Assert.Equal(700, head.Size);
        Assert.Equal(RootOf(await LeavesAsync()), head.Root);
    }

    [Fact]
    public async Task Events_from_before_there_was_a_tree_get_their_hashes_when_they_are_sealed()
    {
        await Store.AppendAsync(Sample.Notes("a", "b"), Ct);
        var before = await Database.TextsAsync("select encode(entry_hash, 'hex') from event_store.mt_events order by seq_id");
        await Database.ExecuteAsync("update event_store.mt_events set entry_hash = null");

        await Sealer.SealAsync(null, Ct);

        Assert.Equal(before, await Database.TextsAsync("select encode(entry_hash, 'hex') from event_store.mt_events order by seq_id"));
    }

    [Theory]
    [InlineData("update event_store.mt_events set data = jsonb_set(data, '{text}', '\"x\"') where seq_id = 2", 2)]
    [InlineData("update event_store.mt_events set user_name = 'x' where seq_id = 2", 2)]
    [InlineData("update event_store.mt_events set entry_hash = sha256('x') where seq_id = 3", 3)]
    [InlineData("delete from event_store.mt_events where seq_id = 2", 2)]
    public async Task What_was_changed_since_it_was_appended_is_not_sealed(string tampering, long position)
    {
        await Store.AppendAsync(Sample.Notes("a", "b", "c"), Ct);
        await Database.ExecuteAsync(tampering);

        var refused = await Assert.ThrowsAsync<LogNotWholeException>(() => Sealer.SealAsync(null, Ct));

        Assert.Equal(position, refused.Position);
        Assert.Equal(0, (await Tree.ReadHeadAsync(Ct)).Size);
    }

    [Theory]
    [InlineData("update event_store.log_tiles set hashes = set_byte(hashes, 40, get_byte(hashes, 40) # 1)")]
    [InlineData("update event_store.log_tree set root = sha256('x')")]
    [InlineData("update event_store.log_tree set size = 2")]
    [InlineData("delete from event_store.log_tiles")]
    public async Task A_tree_that_was_changed_does_not_grow(string tampering)
    {
        await Store.AppendAsync(Sample.Notes("a", "b", "c"), Ct);
        await Sealer.SealAsync(null, Ct);
        await Database.ExecuteAsync(tampering);
        await Store.AppendAsync(Sample.Notes("d"), Ct);

        await Assert.ThrowsAsync<LogNotWholeException>(() => Sealer.SealAsync(null, Ct));
    }

    [Fact]
    public async Task A_step_that_is_cut_off_leaves_the_tree_as_it_was()
    {
        await Store.AppendAsync(Sample.Notes("a", "b", "c"), Ct);
        var before = await Sealer.SealAsync(null, Ct);
        await Store.AppendAsync(Sample.Notes([.. Enumerable.Range(0, 300).Select(n => $"{n}")]), Ct);
        await Database.ExecuteAsync("alter table event_store.log_tree add constraint cut_off check (size < 100) not valid");
        try
        {
            await Assert.ThrowsAsync<PostgresException>(() => Sealer.SealAsync(null, Ct));

            Assert.Equal(before, await Tree.ReadHeadAsync(Ct));
            Assert.Equal(before.Root, await Tree.RootAsync(3, Ct));
        }
        finally
        {
            await Database.ExecuteAsync("alter table event_store.log_tree drop constraint cut_off");
        }

        Assert.Equal(RootOf(await LeavesAsync()), (await Sealer.SealAsync(null, Ct)).Root);
    }

    [Fact]
    public async Task An_event_with_a_number_that_cannot_be_told_exactly_is_not_appended()
    {
        var odd = new EventCatalogue([("weighed.v1", WeighedJson.Default.Weighed)]);
        var store = log.Open(odd);

        await Assert.ThrowsAsync<ArgumentException>(() => store.AppendAsync(
            new(
                [new(Sample.Stream, ExpectedVersion.Any, [new(Guid.CreateVersion7(), new Weighed(9_007_199_254_740_993))])],
                EventMetadata.None,
                Sample.Noon),
            Ct));
    }

    private async Task<Bytes32[]> LeavesAsync() =>
        [.. (await Database.TextsAsync("select encode(entry_hash, 'hex') from event_store.mt_events order by seq_id"))
            .Select(h => MerkleHash.Leaf(Convert.FromHexString(h)))];

    private static Bytes32 RootOf(Bytes32[] leaves)
    {
        var tree = new TileGrowth();
        foreach (var leaf in leaves)
        {
            tree.Add(leaf);
        }

        return tree.Root();
    }
}

public sealed record Weighed(long Weight);

[System.Text.Json.Serialization.JsonSerializable(typeof(Weighed))]
internal sealed partial class WeighedJson : System.Text.Json.Serialization.JsonSerializerContext;
