using FiberLink.EventStore.Projections;
using FiberLink.EventStore.Rebuilding;
using FiberLink.Postgres;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>The moment in which the new tables become the live ones.</summary>
public sealed class A_take_over(TalliedNotes notes) : IClassFixture<TalliedNotes>, IAsyncLifetime
{
    private const string ReadNotes = "select count(*) from shown.notes";

    private NpgsqlDataSource Database => notes.Database;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await notes.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Waits_behind_a_long_reader_and_holds_up_nobody_meanwhile()
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Inline);
        await scene.LiveAsync(100);
        var table = await scene.TableIdAsync();
        await using (await OldReaderAsync())
        {
            var impatient = await scene.Rebuild.RunAsync(scene.Model, new() { TakeOverPatience = TimeSpan.Zero }, null, Ct);
            Assert.StartsWith("process ", Assert.IsType<RebuildOutcome.TablesHeld>(impatient).By, StringComparison.Ordinal);
            Assert.Equal(table, await scene.TableIdAsync());
            await scene.AppendAsync("note-1", "meanwhile");
            Assert.Equal("101", await Database.TextAsync(ReadNotes));
        }

        Assert.IsType<RebuildOutcome.TookOver>(await scene.RebuildAsync());
        await scene.AssertShowsTheLogOnceAsync();
    }

    [Fact]
    public async Task That_meets_a_reader_gives_everything_back_and_comes_again()
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Inline);
        await scene.LiveAsync(100);
        Gate? reader = null;
        var attempts = 0;
        var rebuilding = Task.Run(() => scene.RebuildAsync(progress: new OnProgress(p =>
        {
            // It holds the head and is about to take the tables.
            if (p.Step is RebuildStep.TakingOver && ++attempts == 1)
            {
                reader = Gate.AtAsync(Database, ReadNotes).GetAwaiter().GetResult();
            }
        })));
        await Eventually.HoldsAsync("it has met the reader", () => reader is not null || rebuilding.IsCompleted, Ct);

        await scene.AppendAsync("note-1", "in between");
        Assert.Equal("101", await Database.TextAsync(ReadNotes));
        Assert.False(rebuilding.IsCompleted);
        await reader!.DisposeAsync();

        Assert.Equal(101, Assert.IsType<RebuildOutcome.TookOver>(await rebuilding).Position);
        Assert.True(attempts > 1);
        await scene.AssertShowsTheLogOnceAsync();
    }

    [Theory]
    [InlineData(ProjectionLifecycle.Inline)]
    [InlineData(ProjectionLifecycle.Async)]
    public async Task That_dies_with_the_old_tables_dropped_and_not_committed_has_not_happened(ProjectionLifecycle lifecycle)
    {
        var scene = new TallyScene(Database, lifecycle);
        await scene.LiveAsync(100);
        var table = await scene.TableIdAsync();
        await Database.ExecuteAsync(
            """
            create function stop_at_drop() returns event_trigger language plpgsql as $$ begin perform pg_advisory_xact_lock(4711); end $$;
            create event trigger stop_at_drop on sql_drop when tag in ('DROP TABLE') execute function stop_at_drop();
            """);
        try
        {
            await using (await Gate.AtAsync(Database, WaitingProjection.Hold))
            {
                var rebuilding = scene.RebuildAsync();
                await Eventually.HoldsAsync("it stands in the swap", async () => await Database.WaitingSessionsAsync() == 1, Ct);
                await Database.EndWaitingSessionsAsync();
                await Assert.ThrowsAnyAsync<NpgsqlException>(() => rebuilding);
            }
        }
        finally
        {
            await Database.ExecuteAsync("drop event trigger stop_at_drop; drop function stop_at_drop");
        }

        Assert.Equal(table, await scene.TableIdAsync());
        await scene.AssertShowsTheLogOnceAsync();
        await scene.AppendAsync("note-1", "after");
        await scene.ShowAsync();
        Assert.IsType<RebuildOutcome.TookOver>(await scene.RebuildAsync());
        await scene.AssertShowsTheLogOnceAsync();
    }

    [Fact]
    public async Task Leaves_statements_that_were_prepared_before_usable()
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Inline);
        await using var preparing = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(notes.ConnectionString) { MaxAutoPrepare = 50, AutoPrepareMinUsages = 1, MaxPoolSize = 1 });
        var store = scene.Store(preparing);
        for (var i = 0; i < 4; i++)
        {
            await AppendAsync();
        }

        Assert.IsType<RebuildOutcome.TookOver>(await scene.RebuildAsync());
        await AppendAsync();
        Assert.IsType<RebuildOutcome.TookOver>(await scene.RebuildAsync());
        await AppendAsync();

        Assert.Equal("6", await preparing.TextAsync(ReadNotes));
        await scene.AssertShowsTheLogOnceAsync();

        async Task AppendAsync()
        {
            Assert.IsType<AppendResult.Appended>(await store.AppendAsync(Sample.Notes("a"), Ct));
            Assert.Equal(
                await preparing.TextAsync("select max(version) from event_store.mt_events"), await preparing.TextAsync(ReadNotes));
        }
    }

    [Fact]
    public async Task Is_noticed_by_a_daemon_that_was_behind()
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Async);
        await scene.AppendAsync("note-1", "a", "b");
        var daemon = scene.Daemon;
        await daemon.CatchUpAsync(Ct);
        await scene.AppendAsync("note-1", "c", "d");

        Assert.Equal(4, Assert.IsType<RebuildOutcome.TookOver>(await scene.RebuildAsync()).Position);

        await scene.AssertShowsTheLogOnceAsync();

        // It believes that it stands where it stood; what it wanted to show is there already.
        await Record.ExceptionAsync(() => daemon.CatchUpAsync(Ct));
        await scene.AssertShowsTheLogOnceAsync();
        await scene.AppendAsync("note-1", "e");
        await daemon.CatchUpAsync(Ct);
        await scene.AssertShowsTheLogOnceAsync();
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(3, 1)]
    public async Task Is_noticed_by_a_daemon_that_splits_the_streams_anew(int before, int after)
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Async) { Tally = { IsByStream = true }, Shards = before };
        await scene.LiveAsync(20);
        await scene.AppendAsync("note-1", "c", "d");
        Task splitting;
        await using (var work = await UnitOfWork.BeginAsync(Database, Ct))
        {
            // What a take-over holds, shows, and moves; the daemon has looked where the old shards stand by then.
            await using var hold = work.Command(
                """
                select from event_store.mt_event_progression for update;
                insert into shown.notes (position, text) values (21, 'c'), (22, 'd');
                update shown.counts set count = count + 2, last = 22 where stream = 'note-1';
                update event_store.mt_event_progression set last_seq_id = 22
                """);
            await hold.ExecuteNonQueryAsync(Ct);
            scene.Shards = after;
            splitting = scene.ShowAsync();
            await Eventually.HoldsAsync("it waits to split", async () => await Database.WaitingSessionsAsync() == 1, Ct);
            await work.CommitAsync(Ct);
        }

        await splitting;
        await scene.AssertShowsTheLogOnceAsync();
        await scene.LiveAsync(20);
        await scene.AssertShowsTheLogOnceAsync();
        Assert.Equal($"{after} 42", await Database.TextAsync(
            "select concat_ws(' ', count(*), min(last_seq_id)) from event_store.mt_event_progression"));
    }

    [Fact]
    public async Task Takes_all_shards_of_a_read_model_along()
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Async) { Tally = { IsByStream = true }, Shards = 3 };
        await scene.LiveAsync(50);
        await scene.AppendAsync("note-1", "not shown yet");

        Assert.Equal(51, Assert.IsType<RebuildOutcome.TookOver>(await scene.RebuildAsync(parallel: 2)).Position);

        await scene.AssertShowsTheLogOnceAsync();
        Assert.Equal(["51", "51", "51"], await Database.TextsAsync("select last_seq_id from event_store.mt_event_progression"));
        await scene.LiveAsync(20);
        await scene.AssertShowsTheLogOnceAsync();
    }

    [Fact]
    public async Task Never_shows_less_than_a_daemon_that_was_ahead_of_it()
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Async);
        await scene.LiveAsync(10);
        var ahead = false;

        // Built and about to take over, when more is appended and shown.
        await scene.RebuildAsync(progress: new OnProgress(p =>
        {
            if (p.Step is RebuildStep.Analysing && !ahead)
            {
                ahead = true;
                scene.LiveAsync(10).GetAwaiter().GetResult();
            }
        }));

        await scene.AssertShowsTheLogOnceAsync();
        Assert.Equal("20", await Database.TextAsync("select last_seq_id from event_store.mt_event_progression"));
    }

    [Fact]
    public async Task Keeps_what_does_not_come_from_events_as_it_was_in_that_moment()
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Inline);
        await scene.LiveAsync(4);
        await Database.ExecuteAsync("update shown.notes set seen = position where position < 4");

        await scene.RebuildAsync(progress: new OnProgress(p =>
        {
            if (p.Step is RebuildStep.TakingOver)
            {
                Database.ExecuteAsync("update shown.notes set seen = 77 where position = 1").GetAwaiter().GetResult();
            }
        }));

        Assert.Equal(["77", "2", "3", "null"], await Database.TextsAsync("select seen from shown.notes order by position"));
    }

    [Fact]
    public async Task Keeps_owner_and_privileges()
    {
        var role = $"reader_{Guid.NewGuid():N}";
        await Database.ExecuteAsync(
            $"create role {role}; grant select, update on shown.notes to {role}; alter table shown.counts owner to {role}");
        try
        {
            var scene = new TallyScene(Database, ProjectionLifecycle.Inline);
            var before = await PrivilegesAsync();

            Assert.IsType<RebuildOutcome.TookOver>(await scene.RebuildAsync());

            Assert.Equal(before, await PrivilegesAsync());
        }
        finally
        {
            await Database.ExecuteAsync($"alter table shown.counts owner to current_user; drop owned by {role}; drop role {role}");
        }

        Task<IReadOnlyList<string>> PrivilegesAsync() => Database.TextsAsync(
            """
            select concat_ws(' ', relname, relowner, grantee, privilege_type)
              from pg_class left join lateral aclexplode(relacl) on true
             where relnamespace = 'shown'::regnamespace and relkind = 'r' order by 1
            """);
    }

    [Fact]
    public async Task Is_not_done_while_something_else_stands_on_the_tables()
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Inline);
        await scene.LiveAsync(10);
        await Database.ExecuteAsync("create view notes_of_others as select * from shown.notes");

        var refused = Assert.IsType<RebuildOutcome.NotRebuildable>(await scene.RebuildAsync());

        Assert.Contains("notes_of_others", refused.Reason, StringComparison.Ordinal);
        await scene.AssertShowsTheLogOnceAsync();
        await Database.ExecuteAsync("drop view notes_of_others");
        Assert.IsType<RebuildOutcome.TookOver>(await scene.RebuildAsync());
    }

    /// <summary>Somebody who reads the live table in a transaction that is older than a moment.</summary>
    private async Task<Gate> OldReaderAsync()
    {
        var reader = await Gate.AtAsync(Database, ReadNotes);
        await Eventually.HoldsAsync(
            "it is not young any more",
            async () => await Database.TextAsync(
                """
                select bool_or(xact_start < clock_timestamp() - interval '300 milliseconds') from pg_stat_activity
                 where datname = current_database() and state = 'idle in transaction'
                """) == "True",
            Ct);
        return reader;
    }
}
