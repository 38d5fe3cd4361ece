using FiberLink.EventStore.Projections;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EventStore.Tests;

public sealed class The_projection_daemon(ShownNotes notes) : IClassFixture<ShownNotes>, IAsyncLifetime
{
    private static readonly StreamId Stream = new("demo", "note-1");

    private readonly ManualTime _time = new();
    private readonly NotesProjection _first = new("first");
    private readonly NotesProjection _second = new("second");

    private NpgsqlDataSource Database => notes.Database;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await notes.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Catches_up_page_by_page_and_shows_everything_once()
    {
        const int events = 1_234;
        for (var at = 0; at < events; at += 617)
        {
            await AppendAsync([.. Enumerable.Range(at, 617).Select(i => $"{i}")]);
        }

        var daemon = RunningDaemon.Make(Database, "one", _time, _first, _second);
        await daemon.CatchUpAsync(Ct);
        await daemon.CatchUpAsync(Ct);

        Assert.Equal(
            $"{events} {events} {events}",
            await Database.TextAsync("select concat_ws(' ', count(*), count(distinct position), max(position)) from first_notes"));
        Assert.Equal($"{events}", await Database.TextAsync("select sum(count) from second_counts"));
        Assert.Equal(
            ["first:All 1234", "second:All 1234"],
            await Database.TextsAsync("select name || ' ' || last_seq_id from event_store.mt_event_progression order by name"));
    }

    [Fact]
    public async Task Is_woken_by_a_commit_of_another_process_without_the_clock()
    {
        await using var daemon = new RunningDaemon(Database, "one", _time, _first);
        await AppendAsync("before");
        await ShownAsync("first", 1);
        await Eventually.HoldsAsync(
            "it listens",
            async () => await Database.TextAsync(
                "select count(*) from pg_stat_activity where datname = current_database() and query like 'listen%'") == "1",
            Ct);

        for (var i = 2; i < 6; i++)
        {
            await AppendAsync($"after {i}");
            await ShownAsync("first", i);
        }
    }

    [Fact]
    public async Task Looks_by_itself_after_a_while_when_nobody_wakes_it()
    {
        await using var daemon = new RunningDaemon(Database, "one", _time, _first);
        await AppendAsync("before");
        await ShownAsync("first", 1);

        // Written by somebody who does not notify.
        await Database.ExecuteAsync(RawEvent("noted.v1", """{"text": "silent", "weight": 0, "by": null}"""));
        await Eventually.HoldsAsync("it looks", () => ShownAfterAsync(TimeSpan.FromSeconds(1), 2), Ct);
    }

    [Fact]
    public async Task Commits_progress_and_rows_together_or_not_at_all()
    {
        _first.Between = WaitingProjection.Hold;
        await AppendAsync("a", "b");
        await using (await Gate.AtAsync(Database, WaitingProjection.Hold))
        {
            var daemon = RunningDaemon.Make(Database, "one", _time, _first);
            var catchingUp = daemon.CatchUpAsync(Ct);
            await Eventually.HoldsAsync("it stands between", async () => await Database.WaitingSessionsAsync() == 1, Ct);
            Assert.Equal("0", await Database.TextAsync("select last_seq_id from event_store.mt_event_progression"));

            await Database.EndWaitingSessionsAsync();
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => catchingUp);
            Assert.Equal("0", await Database.TextAsync("select last_seq_id from event_store.mt_event_progression"));
            Assert.Equal("0", await Database.TextAsync("select count(*) from first_notes"));
        }

        await RunningDaemon.Make(Database, "one", _time, _first).CatchUpAsync(Ct);
        Assert.Equal("2", await Database.TextAsync("select last_seq_id from event_store.mt_event_progression"));
        Assert.Equal(["a", "b"], await Database.TextsAsync("select text from first_notes order by position"));
    }

    [Fact]
    public async Task Comes_back_by_itself_when_its_sessions_were_ended()
    {
        await using var daemon = new RunningDaemon(Database, "one", _time, _first);
        await AppendAsync("before");
        await ShownAsync("first", 1);

        await Database.ExecuteAsync(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
        Database.Clear();

        // A session that was ended between two looks is found out by using it: an append that meets one was not made.
        await Eventually.HoldsAsync(
            "it is appended",
            async () =>
            {
                try
                {
                    await AppendAsync("after");
                    return true;
                }
                catch (NpgsqlException)
                {
                    return false;
                }
            },
            Ct);

        await Eventually.HoldsAsync("it goes on", () => ShownAfterAsync(TimeSpan.FromSeconds(5), 2), Ct);
    }

    [Fact]
    public async Task Does_not_show_again_what_somebody_else_has_shown_meanwhile()
    {
        await AppendAsync("a", "b");
        var store = new WatchedLog(new PostgresEventStore(Database, Sample.Catalogue, [], []))
        {
            AfterRead = () => Database.ExecuteAsync("update event_store.mt_event_progression set last_seq_id = 1"),
        };

        // It believes that it stands at the beginning.
        var daemon = RunningDaemon.Make(Database, store, "one", _time, null, _first);
        await Assert.ThrowsAsync<ProjectionMovedException>(() => daemon.CatchUpAsync(Ct));

        Assert.Equal("0", await Database.TextAsync("select count(*) from first_notes"));
        store.AfterRead = null;
        await daemon.CatchUpAsync(Ct);
        Assert.Equal("b", await Database.TextAsync("select text from first_notes"));
        Assert.Equal("1", await Database.TextAsync("select count from first_counts"));
    }

    [Fact]
    public async Task Waits_for_somebody_else_who_is_showing_the_same()
    {
        _first.Between = WaitingProjection.Hold;
        await AppendAsync("a");
        var gate = await Gate.AtAsync(Database, WaitingProjection.Hold);
        var slow = RunningDaemon.Make(Database, "one", _time, _first).CatchUpAsync(Ct);
        await Eventually.HoldsAsync("the first stands", async () => await Database.WaitingSessionsAsync() == 1, Ct);
        var late = RunningDaemon.Make(Database, "two", _time, _first).CatchUpAsync(Ct);
        await Eventually.HoldsAsync("the second waits", async () => await Database.WaitingSessionsAsync() == 2, Ct);

        await gate.DisposeAsync();

        await Task.WhenAll(slow, late);
        Assert.Equal("a", await Database.TextAsync("select text from first_notes"));
    }

    [Fact]
    public async Task Of_two_daemons_one_runs_and_the_other_takes_over_when_it_is_gone()
    {
        await AppendAsync("a");
        string owner;
        await using (var one = new RunningDaemon(Database, "one", _time, _first))
        {
            await ShownAsync("first", 1);
            await using var two = new RunningDaemon(Database, "two", _time, _first);
            await Eventually.HoldsAsync("the second waits for its turn", () => _time.TimerCount >= 2, Ct);
            await AppendAsync("b");
            await ShownAsync("first", 2);
            Assert.Equal(
                "1",
                await Database.TextAsync(
                    """
                    select count(*) from pg_locks
                     where locktype = 'advisory' and granted and mode = 'ExclusiveLock'
                       and database = (select oid from pg_database where datname = current_database())
                    """));
            owner = await StateAsync("first", "owner");
            Assert.Equal("one", owner);
        }

        await using var three = new RunningDaemon(Database, "three", _time, _first);
        await AppendAsync("c");
        await ShownAsync("first", 3);
        await Eventually.HoldsAsync("it says so", async () => await StateAsync("first", "owner") == "three", Ct);
    }

    private async Task<bool> ShownAfterAsync(TimeSpan step, int count)
    {
        _time.Advance(step);
        return await Database.TextAsync("select count(*) from first_notes") == $"{count}";
    }

    private Task ShownAsync(string projection, int count) =>
        Eventually.HoldsAsync(
            $"{projection} shows {count}",
            async () => await Database.TextAsync($"select count(*) from {projection}_notes") == $"{count}",
            Ct);

    private Task<string> StateAsync(string projection, string column) =>
        Database.TextAsync($"select {column} from event_store.projection_state where name = '{projection}'");

    private Task<AppendResult> AppendAsync(params string[] texts) =>
        new PostgresEventStore(Database, Sample.Catalogue, [], []).AppendAsync(Sample.Notes(Stream, ExpectedVersion.Any, texts), Ct);

    private static string RawEvent(string type, string body) =>
        $"""
        with head as (update event_store.log_head set position = position + 1 returning position),
             stream as (update event_store.mt_streams set version = version + 1 where id = 'note-1' returning version)
        insert into event_store.mt_events (seq_id, id, tenant_id, stream_id, version, data, type, timestamp)
        select head.position, gen_random_uuid(), 'demo', 'note-1', stream.version, '{body}', '{type}', now() from head, stream
        """;
}
