using System.Globalization;
using FiberLink.EventStore.Projections;
using FiberLink.Testing;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>Each shard runs on one node at a time, the nodes share them evenly, and nothing is shown twice whoever goes or comes.</summary>
public sealed class Shards_over_nodes(ShownNotes notes) : IClassFixture<ShownNotes>, IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private readonly NotesProjection _first = new("first");

    private NpgsqlDataSource Database => notes.Database;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await notes.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_split_projection_shows_every_event_once_whatever_stream_it_is_of()
    {
        await AppendToStreamsAsync(40);

        await Make("one", 4).CatchUpAsync(Ct);

        Assert.Equal("40 40", await ShownAsync());
        Assert.Equal(
            ["first:1of4 40", "first:2of4 40", "first:3of4 40", "first:4of4 40"],
            await Database.TextsAsync("select name || ' ' || last_seq_id from event_store.mt_event_progression order by name"));
    }

    [Fact]
    public void Only_a_projection_by_stream_can_be_split() =>
        Assert.Throws<ArgumentException>(
            () => RunningDaemon.Make(
                Database, Store, "one", _time, RunningDaemon.Split("Waiting", 2), new WaitingProjection()));

    [Fact]
    public async Task They_are_spread_evenly_and_move_only_when_a_node_comes_or_goes()
    {
        await using var one = new RunningDaemon(Make("one", 4));
        await SpreadIsAsync("one 4");
        await using var two = new RunningDaemon(Make("two", 4));
        await SpreadIsAsync("one 2", "two 2");
        await using var three = new RunningDaemon(Make("three", 4));
        await Eventually.HoldsAsync(
            "the third gets one",
            async () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return (await SpreadAsync()).Any(s => s == "three 1");
            },
            Ct);

        var settled = await StartsAsync();
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await AppendToStreamsAsync(4);
            await AllShownAsync((i + 1) * 4);
        }

        Assert.Equal(settled, await StartsAsync());
        await two.DisposeAsync();
        await SpreadIsAsync("one 2", "three 2");
        Assert.Equal("40 40", await ShownAsync());
    }

    [Fact]
    public async Task A_page_whose_session_is_ended_is_shown_once_by_whoever_takes_over()
    {
        _first.Between = WaitingProjection.Hold;
        await using var one = new RunningDaemon(Make("one", 1));
        await SpreadIsAsync("one 1");
        await using var two = new RunningDaemon(Make("two", 1));
        await using (await Gate.AtAsync(Database, WaitingProjection.Hold))
        {
            await AppendToStreamsAsync(3);
            one.Daemon.Wake();
            await Eventually.HoldsAsync("it stands in the page", async () => await Database.WaitingSessionsAsync() > 0, Ct);
            await Database.EndWaitingSessionsAsync();
        }

        await AllShownAsync(3);
    }

    [Fact]
    public async Task A_node_that_was_paused_until_its_session_was_ended_writes_nothing()
    {
        await AppendToStreamsAsync(3);
        var paused = new TaskCompletionSource();
        var store = new WatchedLog(Store) { AfterRead = () => paused.Task };
        var lost = new LostShards();
        await using var one = new RunningDaemon(new(Database, store, [_first], "one", _time, lost));
        await Eventually.HoldsAsync("it has read", () => store.Reads.Count == 1, Ct);

        // Its place is free, and the progress is as it presumes: only the lost session keeps it from writing.
        await Database.ExecuteAsync($"select pg_terminate_backend(pid) from ({Holders}) as holder");
        await Eventually.HoldsAsync("it is gone", async () => (await Database.TextsAsync(Holders)).Count == 0, Ct);
        paused.SetResult();
        await Eventually.HoldsAsync("it has tried", () => lost.Count == 1, Ct);

        Assert.Equal("0 0", await ShownAsync());
        Assert.Equal("0", await Database.TextAsync("select last_seq_id from event_store.mt_event_progression"));
        await Make("two", 1).CatchUpAsync(Ct);
        Assert.Equal("3 3", await ShownAsync());
    }

    [Fact]
    public async Task A_session_that_was_ended_while_it_waited_is_replaced()
    {
        await using var one = new RunningDaemon(Make("one", 2));
        await SpreadIsAsync("one 2");
        var before = await Database.TextsAsync(Holders);
        await Database.ExecuteAsync($"select pg_terminate_backend(pid) from ({Holders}) as holder");

        await Eventually.HoldsAsync(
            "it holds both again",
            async () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                var now = await Database.TextsAsync(Holders);
                return now.Count == 2 && !now.Intersect(before).Any();
            },
            Ct);
    }

    [Fact]
    public async Task Neither_a_transaction_left_open_nor_an_aborted_append_holds_the_daemon()
    {
        await using var one = new RunningDaemon(Make("one", 1));
        await SpreadIsAsync("one 1");
        await using var open = await Gate.AtAsync(Database, "insert into first_counts values ('open', 1)");
        await using (await Gate.AtHeadAsync(Database))
        {
            // An append that gets as far as the head, and is undone.
            var aborted = AppendToStreamsAsync(1);
            await Eventually.HoldsAsync("it waits for the head", async () => await Database.WaitingSessionsAsync() == 1, Ct);
            await Database.EndWaitingSessionsAsync();
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => aborted);
        }

        await AppendToStreamsAsync(2);
        one.Daemon.Wake();

        await Eventually.HoldsAsync("it goes on without the clock", async () => await ShownAsync() == "2 2", Ct);
    }

    // The sessions that hold a shard.
    private const string Holders =
        """
        select pid from pg_locks
         where locktype = 'advisory' and granted and mode = 'ExclusiveLock' and objsubid = 1
           and database = (select oid from pg_database where datname = current_database())
        """;

    private PostgresEventStore Store => new(Database, Sample.Catalogue, [], []);

    private ProjectionDaemon Make(string owner, int shards) =>
        RunningDaemon.Make(Database, Store, owner, _time, RunningDaemon.Split("first", shards), _first);

    private async Task AppendToStreamsAsync(int streams)
    {
        for (var i = 0; i < streams; i++)
        {
            await Store.AppendAsync(Sample.Notes(new("demo", $"note-{i}"), ExpectedVersion.Any, $"{i}"), Ct);
        }
    }

    private Task<string> ShownAsync() =>
        Database.TextAsync("select concat_ws(' ', count(*), count(distinct position)) from first_notes");

    private Task AllShownAsync(int count) =>
        Eventually.HoldsAsync(
            $"{count} are shown once",
            async () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return await ShownAsync() == string.Create(CultureInfo.InvariantCulture, $"{count} {count}");
            },
            Ct);

    private Task<IReadOnlyList<string>> SpreadAsync() =>
        Database.TextsAsync("select owner || ' ' || count(*) from event_store.projection_state group by owner order by owner");

    private Task<IReadOnlyList<string>> StartsAsync() =>
        Database.TextsAsync("select concat_ws(' ', name, owner, updated_at) from event_store.projection_state order by name");

    private Task SpreadIsAsync(params string[] expected) =>
        Eventually.HoldsAsync(
            $"they are spread as {string.Join(", ", expected)}",
            async () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return (await SpreadAsync()).SequenceEqual(expected);
            },
            Ct);

    /// <summary>Counts the shards that were given up because their session was gone.</summary>
    private sealed class LostShards : ILogger<ProjectionDaemon>
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name == "ShardLost")
            {
                Interlocked.Increment(ref _count);
            }
        }
    }
}
