using FiberLink.EventStore.Projections;
using FiberLink.EventStore.Rebuilding;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>A read model is built anew and compared with the live one, which is only read.</summary>
public sealed class A_comparison_with_the_log(TalliedNotes notes) : IClassFixture<TalliedNotes>, IAsyncLifetime
{
    private NpgsqlDataSource Database => notes.Database;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<ProjectionLifecycle> Lifecycles => [ProjectionLifecycle.Inline, ProjectionLifecycle.Async];

    public async ValueTask InitializeAsync() => await notes.ResetAsync();

    public async ValueTask DisposeAsync()
    {
        Assert.Equal("0", await Database.TextAsync("select count(*) from pg_namespace where nspname like 'shown\\_%'"));
        Assert.Equal("0", await Database.TextAsync("select count(*) from event_store.generations where state <> 'dropped'"));
    }

    [Theory]
    [MemberData(nameof(Lifecycles))]
    public async Task Finds_nothing_where_nothing_is_wrong(ProjectionLifecycle lifecycle)
    {
        var scene = new TallyScene(Database, lifecycle);
        await scene.LiveAsync(1_500);

        var compared = await ComparedAsync(scene);

        Assert.True(compared.IsSame);
        Assert.Equal(1_500, compared.Position);
        Assert.Equal(
            [("shown.notes", 1_500L, 1_500L), ("shown.counts", 7L, 7L)],
            compared.Tables.Select(t => (t.Table, t.LiveRows, t.RebuiltRows)));
        Assert.All(compared.Tables, t => Assert.Matches("^[0-9a-f]{16}$", t.LiveDigest));
    }

    [Fact]
    public async Task Names_a_changed_row_and_its_columns()
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Inline);
        await scene.LiveAsync(1_500);
        await Database.ExecuteAsync("update shown.counts set count = count + 1, last = last - 1 where stream = 'note-3'");

        var compared = await ComparedAsync(scene);

        Assert.Equal([true, false], compared.Tables.Select(t => t.IsSame));
        var row = Assert.Single(compared.Tables[1].Differences);
        Assert.Equal(("stream = note-3", RowDifferenceKind.Differs), (row.Key, row.Kind));
        Assert.Equal(["count", "last"], row.Columns.Order());
    }

    [Fact]
    public async Task Names_a_row_that_is_missing_and_one_that_is_too_many()
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Inline);
        await scene.LiveAsync(20);
        await Database.ExecuteAsync("update shown.notes set position = 99 where position = 7; delete from shown.notes where position = 3");

        var table = (await ComparedAsync(scene)).Tables[0];

        Assert.Equal((19, 20), (table.LiveRows, table.RebuiltRows));
        Assert.Equal(
            [
                ("position = 3", RowDifferenceKind.Missing), ("position = 7", RowDifferenceKind.Missing),
                ("position = 99", RowDifferenceKind.TooMany),
            ],
            table.Differences.Select(d => (d.Key, d.Kind)));
    }

    [Fact]
    public async Task Names_the_first_rows_when_many_differ()
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Inline);
        await scene.LiveAsync(1_500);
        await Database.ExecuteAsync("update shown.notes set text = 'other' where position > 100");

        var table = (await ComparedAsync(scene)).Tables[0];

        Assert.Equal(
            Enumerable.Range(101, TableComparison.DifferencesMax).Select(p => $"position = {p}"), table.Differences.Select(d => d.Key));
    }

    [Fact]
    public async Task Leaves_out_what_does_not_come_from_events()
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Inline);
        await scene.LiveAsync(10);
        await Database.ExecuteAsync("update shown.notes set seen = 1");

        Assert.True((await ComparedAsync(scene)).IsSame);
    }

    [Fact]
    public async Task Is_made_where_an_async_read_model_stands()
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Async);
        await scene.LiveAsync(1_500);
        await scene.AppendAsync("note-1", "not shown yet");

        var compared = await ComparedAsync(scene);

        Assert.Equal((true, 1_500), (compared.IsSame, compared.Position));
    }

    [Fact]
    public async Task Is_made_where_each_shard_of_an_async_read_model_stands()
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Async) { Tally = { IsByStream = true }, Shards = 3 };
        await scene.LiveAsync(100);
        for (var note = 0; note < 30; note++)
        {
            await scene.AppendAsync($"note-{note}", "more");
        }

        // One shard cannot go on, the others do.
        await Database.ExecuteAsync("update event_store.mt_events set data = jsonb_set(data, '{text}', '\"poison\"') where seq_id = 105");
        await Assert.ThrowsAsync<ProjectionFailedException>(scene.ShowAsync);
        Assert.NotEqual(
            await Database.TextAsync("select min(last_seq_id) from event_store.mt_event_progression"),
            await Database.TextAsync("select max(last_seq_id) from event_store.mt_event_progression"));

        var compared = await ComparedAsync(scene);

        Assert.Equal((true, 130), (compared.IsSame, compared.Position));
        Assert.InRange(compared.Tables[0].LiveRows, 101, 129);
    }

    [Fact]
    public async Task Says_when_the_tables_have_other_columns()
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Inline);
        await scene.LiveAsync(10);
        await Database.ExecuteAsync("alter table shown.counts add column extra int");
        try
        {
            var table = (await ComparedAsync(scene)).Tables[1];
            Assert.False(table.IsSame);
            Assert.Equal("extra in the live table, nothing more by its scripts", table.Shape);
        }
        finally
        {
            await Database.ExecuteAsync("alter table shown.counts drop column extra");
        }
    }

    [Fact]
    public async Task That_is_cancelled_leaves_nothing_behind_and_a_killed_one_is_cleared_away_by_the_next()
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Inline);
        await scene.LiveAsync(1_500);
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(scene, new OnProgress(_ => stop.Cancel()), stop.Token));
        Assert.Equal("0", await Database.TextAsync("select count(*) from pg_namespace where nspname like 'shown\\_%'"));

        await Database.ExecuteAsync(
            """
            insert into event_store.generations (projection, number, purpose, schema_name, fingerprint)
            values ('Tally', 70, 'verify', 'shown_next_tally_70', 'left');
            create schema shown_next_tally_70;
            create table shown_next_tally_70.notes (position bigint)
            """);
        Assert.True((await ComparedAsync(scene)).IsSame);
    }

    [Fact]
    public async Task Is_refused_while_a_rebuild_goes_on_and_the_other_way_round()
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Inline);
        await scene.LiveAsync(1_500);
        scene.Tally.Before = WaitingProjection.Hold;
        Task<VerifyOutcome> comparing;
        await using (await Gate.AtAsync(Database, WaitingProjection.Hold))
        {
            comparing = RunAsync(scene, null, Ct);
            await Eventually.HoldsAsync("it is in the middle", async () => await Database.WaitingSessionsAsync() == 1, Ct);
            Assert.IsType<RebuildOutcome.AlreadyRunning>(await scene.RebuildAsync());
            Assert.IsType<VerifyOutcome.AlreadyRunning>(await RunAsync(scene, null, Ct));
        }

        Assert.True(Assert.IsType<VerifyOutcome.Compared>(await comparing).IsSame);
    }

    private async Task<VerifyOutcome.Compared> ComparedAsync(TallyScene scene) =>
        Assert.IsType<VerifyOutcome.Compared>(await RunAsync(scene, null, Ct));

    private Task<VerifyOutcome> RunAsync(TallyScene scene, IProgress<RebuildProgress>? progress, CancellationToken ct) =>
        new ProjectionVerification(Database, scene.Store(), TimeProvider.System).RunAsync(scene.Model, new(), progress, ct);
}
