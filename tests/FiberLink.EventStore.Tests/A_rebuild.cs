using System.Security.Cryptography;
using FiberLink.EventStore.Projections;
using FiberLink.EventStore.Rebuilding;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>A read model is built anew beside the live one, and takes its place as one.</summary>
public sealed class A_rebuild(TalliedNotes notes) : IClassFixture<TalliedNotes>, IAsyncLifetime
{
    private const int Notes = 5_432;

    private NpgsqlDataSource Database => notes.Database;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<ProjectionLifecycle> Lifecycles => [ProjectionLifecycle.Inline, ProjectionLifecycle.Async];

    public async ValueTask InitializeAsync() => await notes.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [MemberData(nameof(Lifecycles))]
    public async Task Gives_the_rows_that_living_gave(ProjectionLifecycle lifecycle)
    {
        var scene = new TallyScene(Database, lifecycle);
        await scene.LiveAsync(2_000);
        var (rows, table) = (await scene.RowsAsync(), await scene.TableIdAsync());
        await Database.ExecuteAsync("delete from shown.notes where position % 2 = 0; update shown.counts set count = 0");

        var done = Assert.IsType<RebuildOutcome.TookOver>(await scene.RebuildAsync());

        Assert.Equal((2, 2_000, 2_000, 0), (done.Generation, done.Position, done.Events, done.ResumedAt));
        Assert.Equal(rows, await scene.RowsAsync());
        Assert.NotEqual(table, await scene.TableIdAsync());
        await scene.AppendAsync("note-1", "after");
        await scene.ShowAsync();
        await scene.AssertShowsTheLogOnceAsync();
    }

    [Theory]
    [MemberData(nameof(Lifecycles))]
    public async Task Can_be_done_again_and_leaves_nothing_behind(ProjectionLifecycle lifecycle)
    {
        var scene = new TallyScene(Database, lifecycle);
        await scene.LiveAsync(100);

        for (var generation = 2; generation < 5; generation++)
        {
            Assert.Equal(generation, Assert.IsType<RebuildOutcome.TookOver>(await scene.RebuildAsync()).Generation);
        }

        await scene.AssertShowsTheLogOnceAsync();
        Assert.Equal(
            ["2 dropped", "3 dropped", "4 live"],
            await Database.TextsAsync("select number || ' ' || state from event_store.generations order by number"));
        Assert.Equal("0", await Database.TextAsync("select count(*) from event_store.generation_progress"));
        Assert.Equal("0", await Database.TextAsync("select count(*) from pg_namespace where nspname like 'shown\\_%'"));
        Assert.Equal(
            ["counts", "notes", "notes_by_text", "pk_counts", "pk_notes"],
            await Database.TextsAsync("select relname from pg_class where relnamespace = 'shown'::regnamespace order by 1"));
    }

    [Fact]
    public async Task Of_an_empty_log_gives_empty_tables()
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Async);

        Assert.Equal(0, Assert.IsType<RebuildOutcome.TookOver>(await scene.RebuildAsync()).Position);

        Assert.Empty(await scene.RowsAsync());
        await scene.LiveAsync(3);
        await scene.AssertShowsTheLogOnceAsync();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public async Task Split_by_stream_gives_the_same(int parallel)
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Inline) { Tally = { IsByStream = true } };
        await scene.LiveAsync(Notes, streams: 40);

        Assert.IsType<RebuildOutcome.TookOver>(await scene.RebuildAsync(parallel));

        await scene.AssertShowsTheLogOnceAsync();
    }

    [Fact]
    public async Task Is_not_split_where_rows_depend_on_several_streams()
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Inline);
        await Assert.ThrowsAsync<ArgumentException>(() => scene.RebuildAsync(parallel: 2));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => scene.RebuildAsync(parallel: 0));
        await Assert.ThrowsAsync<ArgumentException>(
            () => scene.Rebuild.RunAsync(scene.Model with { Tables = null }, new(), null, Ct));
    }

    [Fact]
    public async Task Tells_how_far_it_is()
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Inline);
        await scene.LiveAsync(Notes);
        var told = new List<RebuildProgress>();

        await scene.RebuildAsync(progress: new OnProgress(told.Add));

        // The first page is a small one: it is not known yet whether anybody else is writing.
        Assert.Equal([0, 1_000, 3_000, 5_000, Notes], told.Where(p => p.Step is RebuildStep.Building).Select(p => p.Position).Distinct());
        Assert.All(told, p => Assert.True(p.Target == Notes && p.Events >= p.Position));
        Assert.Equal([RebuildStep.Building, RebuildStep.Analysing, RebuildStep.TakingOver], told.Select(p => p.Step).Distinct());
        Assert.Equal((1_000d, TimeSpan.FromSeconds(2)), (Known(1_000, 1).Rate, Known(1_000, 1).Left));
        Assert.Null(Known(0, 0).Left);

        static RebuildProgress Known(long events, int seconds) =>
            new("Tally", RebuildStep.Building, 1_000, 3_000, events, TimeSpan.FromSeconds(seconds));
    }

    [Fact]
    public async Task Takes_fewer_events_at_once_when_they_are_large()
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Inline);
        for (var i = 0; i < 12; i++)
        {
            await scene.AppendAsync("note-1", Convert.ToBase64String(RandomNumberGenerator.GetBytes(3_000_000)));
        }

        await Database.ExecuteAsync("update event_store.log_head set position = position + 600");
        await Database.ExecuteAsync(
            """
            insert into event_store.mt_events (seq_id, id, tenant_id, stream_id, version, data, type)
            select i, gen_random_uuid(), 'demo', 'note-1', i, '{"text": "small", "weight": 0, "by": null}', 'noted.v1'
              from generate_series(13, 612) as i
            """);
        var told = new List<RebuildProgress>();

        Assert.IsType<RebuildOutcome.TookOver>(await scene.RebuildAsync(progress: new OnProgress(told.Add)));

        Assert.InRange(told.Where(p => p.Step is RebuildStep.Building).Select(p => p.Position).Distinct().Count(), 4, 8);
        await scene.AssertShowsTheLogOnceAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task That_was_cancelled_is_gone_on_with(int parallel)
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Inline) { Tally = { IsByStream = true } };
        await scene.LiveAsync(Notes);
        var table = await scene.TableIdAsync();
        using var stop = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => scene.RebuildAsync(parallel, StopAt(stop, 2_000), stop.Token));
        Assert.Equal(table, await scene.TableIdAsync());
        await scene.AssertShowsTheLogOnceAsync();

        var done = Assert.IsType<RebuildOutcome.TookOver>(await scene.RebuildAsync(parallel));
        Assert.InRange(done.ResumedAt, 2_000, Notes);
        Assert.True(done.Events <= Notes - 2_000);
        await scene.AssertShowsTheLogOnceAsync();
    }

    [Fact]
    public async Task Whose_sessions_were_ended_is_gone_on_with()
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Inline);
        await scene.LiveAsync(Notes);
        scene.Tally.Before = WaitingProjection.Hold;
        await using (await Gate.AtAsync(Database, WaitingProjection.Hold))
        {
            var rebuilding = scene.RebuildAsync();
            await Eventually.HoldsAsync("it stands in the first page", async () => await Database.WaitingSessionsAsync() == 1, Ct);
            await Database.EndWaitingSessionsAsync();
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => rebuilding);
        }

        Assert.Equal("0", await Database.TextAsync("select position from event_store.generation_progress"));
        scene.Tally.Before = null;
        Assert.IsType<RebuildOutcome.TookOver>(await scene.RebuildAsync());
        await scene.AssertShowsTheLogOnceAsync();
    }

    [Fact]
    public async Task Begins_anew_when_another_program_left_it_unfinished()
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Inline);
        await scene.LiveAsync(Notes);
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scene.RebuildAsync(1, StopAt(stop, 2_000), stop.Token));
        await Database.ExecuteAsync("update event_store.generations set fingerprint = 'another'");

        var done = Assert.IsType<RebuildOutcome.TookOver>(await scene.RebuildAsync());

        Assert.Equal((3, 0, Notes), (done.Generation, done.ResumedAt, done.Events));
        await scene.AssertShowsTheLogOnceAsync();
        Assert.Equal("0", await Database.TextAsync("select count(*) from pg_namespace where nspname like 'shown\\_%'"));
    }

    [Fact]
    public async Task Is_refused_while_somebody_else_does_it()
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Inline);
        await scene.LiveAsync(10);
        scene.Tally.Before = WaitingProjection.Hold;
        Task<RebuildOutcome> first;
        await using (await Gate.AtAsync(Database, WaitingProjection.Hold))
        {
            first = scene.RebuildAsync();
            await Eventually.HoldsAsync("it is in the middle", async () => await Database.WaitingSessionsAsync() == 1, Ct);
            Assert.IsType<RebuildOutcome.AlreadyRunning>(await scene.RebuildAsync());
        }

        Assert.IsType<RebuildOutcome.TookOver>(await first);
        Assert.IsType<RebuildOutcome.TookOver>(await scene.RebuildAsync());
    }

    private static OnProgress StopAt(CancellationTokenSource stop, long position) => new(p =>
    {
        if (p.Position >= position)
        {
            stop.Cancel();
        }
    });
}
