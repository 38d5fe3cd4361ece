using FiberLink.EventStore.Projections;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>Another number of shards takes the place of the present one without an event shown twice or not at all.</summary>
public sealed class A_projection_split_anew(ShownNotes notes) : IClassFixture<ShownNotes>, IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private readonly NotesProjection _first = new("first");

    private NpgsqlDataSource Database => notes.Database;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await notes.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData(1, 4)]
    [InlineData(4, 1)]
    [InlineData(4, 3)]
    public async Task Goes_on_where_all_shards_stood(int before, int after)
    {
        await AppendAsync(0, 20);
        await Make("one", before).CatchUpAsync(Ct);
        await AppendAsync(20, 20);
        await Make("one", after).CatchUpAsync(Ct);

        Assert.Equal("40 40", await ShownAsync());
        Assert.Equal(after, (await PositionsAsync()).Count);
        Assert.All(await PositionsAsync(), p => Assert.EndsWith(" 40", p, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Brings_the_shards_that_are_behind_to_the_foremost_first()
    {
        await AppendAsync(0, 20);
        await AppendAsync(NotesProjection.Stumble);
        await AppendAsync(20, 20);
        await using (var one = new RunningDaemon(Make("one", 4)))
        {
            await Eventually.HoldsAsync(
                "one stands and three go on",
                async () => (await PositionsAsync()).Select(p => p.Split(' ')[1]).Order().SequenceEqual(["20", "41", "41", "41"]),
                Ct);
        }

        _first.Stumbles = false;
        await Make("one", 2).CatchUpAsync(Ct);

        Assert.Equal("41 41", await ShownAsync());
        Assert.Equal(["first:1of2 41", "first:2of2 41"], await PositionsAsync());
    }

    [Fact]
    public async Task Stands_by_while_the_old_shards_still_run_and_says_so()
    {
        await AppendAsync(0, 20);
        await using var one = new RunningDaemon(Make("one", 2));
        await Eventually.HoldsAsync(
            "both run", async () => (await StatesAsync()).Count(s => s.EndsWith("running", StringComparison.Ordinal)) == 2, Ct);

        await using var two = new RunningDaemon(Make("two", 3));
        await Eventually.HoldsAsync(
            "the new ones stand by", async () => (await StatesAsync()).Contains("first:1of3 standing by"), Ct);
        Assert.Equal(["first:1of2 20", "first:2of2 20"], await PositionsAsync());
        var status = await ProjectionStatus.ReadAsync(Database, [new(_first, ProjectionLifecycle.Async, "test")], Ct);
        Assert.Contains(status, s => s is { Shard: "1of3", State: "standing by", LastError: not null, Owner: "two" });

        await one.DisposeAsync();
        await AppendAsync(20, 20);
        await Eventually.HoldsAsync(
            "the new ones run",
            async () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return (await PositionsAsync()).SequenceEqual(["first:1of3 40", "first:2of3 40", "first:3of3 40"]);
            },
            Ct);
        Assert.Equal("40 40", await ShownAsync());
    }

    [Fact]
    public async Task Is_refused_when_the_rows_are_not_those_of_one_split()
    {
        await AppendAsync(0, 1);
        await Make("one", 3).CatchUpAsync(Ct);
        await Database.ExecuteAsync("delete from event_store.mt_event_progression where name = 'first:2of3'");

        await Assert.ThrowsAsync<ProjectionLayoutException>(() => Make("one", 3).CatchUpAsync(Ct));
        await Assert.ThrowsAsync<ProjectionLayoutException>(() => Make("one", 1).CatchUpAsync(Ct));

        Assert.Equal("1 1", await ShownAsync());
    }

    private ProjectionDaemon Make(string owner, int shards) =>
        RunningDaemon.Make(
            Database,
            new PostgresEventStore(Database, Sample.Catalogue, [], []),
            owner,
            _time,
            RunningDaemon.Split("first", shards) with { PageEvents = 7 },
            _first);

    private async Task AppendAsync(int from, int count)
    {
        foreach (var i in Enumerable.Range(from, count))
        {
            await AppendAsync($"{i}");
        }
    }

    private Task AppendAsync(string text) =>
        new PostgresEventStore(Database, Sample.Catalogue, [], []).AppendAsync(
            Sample.Notes(new("demo", $"note-{text}"), ExpectedVersion.Any, text), Ct);

    private Task<string> ShownAsync() =>
        Database.TextAsync("select concat_ws(' ', count(*), count(distinct position)) from first_notes");

    private Task<IReadOnlyList<string>> PositionsAsync() =>
        Database.TextsAsync("select name || ' ' || last_seq_id from event_store.mt_event_progression order by name");

    private Task<IReadOnlyList<string>> StatesAsync() =>
        Database.TextsAsync("select name || ' ' || state from event_store.projection_state order by name");
}
