using System.Collections.Concurrent;
using FiberLink.EventStore.Projections;
using FiberLink.EventStore.Subscriptions;
using FiberLink.Postgres;
using FiberLink.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>It stands still on every node until somebody lets it go on, and then shows each event once. Others do not notice.</summary>
public sealed class A_projection_that_is_paused(ShownNotes notes) : IClassFixture<ShownNotes>, IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private readonly NotesProjection _first = new("first");
    private readonly NotesProjection _second = new("second");

    private NpgsqlDataSource Database => notes.Database;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static readonly ReadModel[] Models = [new(new NotesProjection("first"), ProjectionLifecycle.Async, "test")];

    public async ValueTask InitializeAsync() => await notes.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Stands_still_from_the_moment_the_pause_has_committed_and_goes_on_when_it_is_resumed()
    {
        await using var daemon = new RunningDaemon(Database, "one", _time, _first, _second);
        await AppendAsync("a", "b");
        await Database.ComesToAsync(_time, "first", 2);

        await Database.PauseAsync("first");
        await AppendAsync("c");
        daemon.Daemon.Wake();
        await Database.ComesToAsync(_time, "second", 3);
        await LetTimePassAsync();

        Assert.Equal((2, "2"), (await Database.PositionAsync("first"), await CountAsync("first")));
        var status = (await ProjectionStatus.ReadAsync(Database, Models, Ct))[0];
        Assert.Equal(("paused", 1, null), (status.State, status.Lag, status.LastError));
        Assert.Equal(new ProjectionPause("first", "olga", "to look at it", Sample.Noon), status.Pause);

        await Database.ResumeAsync("first");
        await Database.ComesToAsync(_time, "first", 3);
        Assert.Equal("3", await CountAsync("first"));
        Assert.Null((await ProjectionStatus.ReadAsync(Database, Models, Ct))[0].Pause);
    }

    [Fact]
    public async Task Stays_so_when_its_nodes_are_started_anew()
    {
        await AppendAsync("a");
        await Database.PauseAsync("first");
        await using (var one = new RunningDaemon(Database, "one", _time, _first, _second))
        {
            await Database.ComesToAsync(_time, "second", 1);
        }

        await AppendAsync("b");
        await using var two = new RunningDaemon(Database, "two", _time, _first, _second);
        await using var three = new RunningDaemon(Database, "three", _time, new NotesProjection("first"), new NotesProjection("second"));
        await Database.ComesToAsync(_time, "second", 2);
        await LetTimePassAsync();
        Assert.Equal((0, "0"), (await Database.PositionAsync("first"), await CountAsync("first")));

        await Database.ResumeAsync("first");
        await Database.ComesToAsync(_time, "first", 2);
        Assert.Equal("2", await CountAsync("first"));
    }

    [Fact]
    public async Task Has_its_page_under_way_whole_before_the_pause_is_answered()
    {
        _first.Between = WaitingProjection.Hold;
        await AppendAsync("a", "b");
        RunningDaemon? daemon = null;
        try
        {
            await using (await Gate.AtAsync(Database, WaitingProjection.Hold))
            {
                daemon = new RunningDaemon(Database, "one", _time, _first);
                await Eventually.HoldsAsync("a page is being written", async () => await Database.WaitingSessionsAsync() == 1, Ct);

                // It is not waited for long: whoever decides holds the log's head as well.
                var busy = await Assert.ThrowsAsync<PostgresException>(() => Database.PauseAsync("first"));
                Assert.Equal(SqlStates.LockNotAvailable, busy.SqlState);
            }

            await Database.ComesToAsync(_time, "first", 2);
            await Database.PauseAsync("first");
            await AppendAsync("c");
            daemon.Daemon.Wake();
            await LetTimePassAsync();
            Assert.Equal((2, "2"), (await Database.PositionAsync("first"), await CountAsync("first")));
        }
        finally
        {
            await (daemon?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    [Theory]
    [InlineData("select event_store.move_progress('first:All', 0, 1)")]
    [InlineData("select event_store.move_progress('first:All', 0, 1, '{}')")]
    public async Task Lets_no_program_move_it_not_even_one_that_knows_of_no_pauses(string step)
    {
        await Database.ExecuteAsync("insert into event_store.mt_event_progression (name, last_seq_id) values ('first:All', 0)");
        await Database.PauseAsync("first");

        var refused = await Assert.ThrowsAsync<PostgresException>(() => Database.ExecuteAsync(step));

        Assert.Equal("FL003", refused.SqlState);
        await Database.ResumeAsync("first");
        await Database.ExecuteAsync(step);
    }

    [Fact]
    public async Task Gives_a_subscription_nothing_that_it_could_do_something_with()
    {
        var paused = new Listener("paused");
        var other = new Listener("other");
        await Database.PauseAsync("paused");
        await using var daemon = new RunningDaemon(new ProjectionDaemon(
            Database, Store, [], "one", _time, NullLogger<ProjectionDaemon>.Instance, null, [paused, other]));
        await AppendAsync("a");
        await Database.ComesToAsync(_time, "other", 1);
        await LetTimePassAsync();
        Assert.Empty(paused.Seen);

        await Database.ResumeAsync("paused");
        await Database.ComesToAsync(_time, "paused", 1);
        Assert.Equal(["a"], paused.Seen);

        // One that runs is asked before each page.
        await Database.PauseAsync("paused");
        await AppendAsync("b");
        await Database.ComesToAsync(_time, "other", 2);
        await LetTimePassAsync();
        Assert.Equal(["a"], paused.Seen);
    }

    [Fact]
    public async Task Gives_a_subscription_nothing_that_came_after_the_pause_though_its_look_had_begun_before()
    {
        var paused = new Listener("paused");
        var log = new WatchedLog(Store);
        await using var daemon = new RunningDaemon(new ProjectionDaemon(
            Database, log, [], "one", _time, NullLogger<ProjectionDaemon>.Instance, null, [paused]));
        await AppendAsync("a");
        await Database.ComesToAsync(_time, "paused", 1);

        var isDone = false;
        log.BeforeRead = async () =>
        {
            if (!isDone)
            {
                isDone = true;
                await Database.PauseAsync("paused");
                await AppendAsync("b");
            }
        };
        daemon.Daemon.Wake();
        await LetTimePassAsync();
        Assert.True(isDone);
        Assert.Equal(["a"], paused.Seen);

        await Database.ResumeAsync("paused");
        await Database.ComesToAsync(_time, "paused", 2);
        Assert.Equal(["a", "b"], paused.Seen);
    }

    [Fact]
    public async Task Cannot_be_paused_or_resumed_twice()
    {
        await Database.PauseAsync("first");
        await Database.DecideAsync(new ProjectionDecisionRow.Pause("first", "otto", "again", Sample.Noon))
            .AssertRefusedAsync(ProjectionDecisionRow.IsNotPaused);
        Assert.Equal(["olga"], (await ProjectionDecisions.ReadAsync(Database, Ct)).Pauses.Select(p => p.By));

        await Database.ResumeAsync("first");
        await Database.DecideAsync(new ProjectionDecisionRow.Resume("first")).AssertRefusedAsync(ProjectionDecisionRow.IsPaused);
    }

    private PostgresEventStore Store => new(Database, Sample.Catalogue, [], []);

    // Long enough, by the clock that the daemon goes by, for many pages.
    private async Task LetTimePassAsync()
    {
        for (var second = 0; second < 40; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Ct);
        }
    }

    private Task<string> CountAsync(string projection) => Database.TextAsync($"select count(*) from {projection}_notes");

    private Task<AppendResult> AppendAsync(params string[] texts) => Store.AppendAsync(Sample.Notes(texts), Ct);

    private sealed class Listener(string name) : ISubscription
    {
        public string Name => name;

        public ConcurrentQueue<string> Seen { get; } = new();

        public Task HandleAsync(IReadOnlyList<RecordedEvent> events, NpgsqlBatch batch, CancellationToken ct)
        {
            foreach (var @event in events)
            {
                Seen.Enqueue(Sample.Text(@event));
            }

            return Task.CompletedTask;
        }
    }
}
