using FiberLink.EventStore.Projections;
using FiberLink.EventStore.Rebuilding;
using FiberLink.Postgres;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>A projection leaves out what somebody has decided, live and whenever it is built anew; and nothing else.</summary>
public sealed class An_event_that_is_left_out(TalliedNotes notes) : IClassFixture<TalliedNotes>, IAsyncLifetime
{
    private const string Poison = "poison";

    private readonly ManualTime _time = new();
    private readonly TallyScene _scene = new(notes.Database, ProjectionLifecycle.Async);

    private NpgsqlDataSource Database => notes.Database;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await Database.ExecuteAsync("alter table shown.notes drop constraint if exists only_here");
        await notes.ResetAsync();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Is_left_out_live_by_a_comparison_and_by_a_rebuild_alike(int parallel)
    {
        _scene.Tally.IsByStream = true;
        await using var daemon = new RunningDaemon(Database, "one", _time, _scene.Tally);
        await AppendAsync("a", "b", Poison, "c");
        await Database.StandsAsync("Tally", 3);

        await Database.SkipAsync("Tally", 3);
        await Database.ComesToAsync(_time, "Tally", 4);
        await AssertShowsAllButAsync(3);

        await AssertIsAsItsLogHasItAsync(parallel);
        Assert.IsType<RebuildOutcome.TookOver>(await _scene.RebuildAsync(parallel));
        await AssertShowsAllButAsync(3);
        await AssertIsAsItsLogHasItAsync(1);
    }

    [Fact]
    public async Task May_be_one_that_cannot_even_be_read()
    {
        await using var daemon = new RunningDaemon(Database, "one", _time, _scene.Tally);
        await AppendAsync("a", "b");
        await Database.ComesToAsync(_time, "Tally", 2);
        await AppendAsync("gone", "c", "d");
        await Database.ComesToAsync(_time, "Tally", 5);
        await Database.ExecuteAsync(
            """
            update event_store.mt_events set type = 'unheard.v1' where seq_id = 3;
            truncate shown.notes, shown.counts;
            update event_store.mt_event_progression set last_seq_id = 0
            """);
        await daemon.DisposeAsync();
        await using var another = new RunningDaemon(Database, "two", _time, _scene.Tally);
        await Database.StandsAsync("Tally", 3);

        await Database.SkipAsync("Tally", 3);
        await Database.ComesToAsync(_time, "Tally", 5);

        await AssertShowsAllButAsync(3);
        await AssertIsAsItsLogHasItAsync(1);
        Assert.IsType<RebuildOutcome.TookOver>(await _scene.RebuildAsync());
        await AssertShowsAllButAsync(3);
    }

    [Fact]
    public async Task Is_only_one_that_the_projection_stands_before_and_cannot_show()
    {
        await AppendAsync("a", "b", Poison, "c");
        await Database.TrySkipAsync("Tally", 1).AssertRefusedAsync(ProjectionDecisionRow.StandsBeforeEvent);
        await using var daemon = new RunningDaemon(Database, "one", _time, _scene.Tally);
        await Database.StandsAsync("Tally", 3);

        foreach (var other in new[] { 1L, 2, 4, 5 })
        {
            await Database.TrySkipAsync("Tally", other).AssertRefusedAsync(ProjectionDecisionRow.StandsBeforeEvent);
        }

        await Database.TrySkipAsync("Other", 3).AssertRefusedAsync(ProjectionDecisionRow.StandsBeforeEvent);
        await Database.SkipAsync("Tally", 3);
        await Database.ComesToAsync(_time, "Tally", 4);
        await Database.TrySkipAsync("Tally", 3).AssertRefusedAsync(ProjectionDecisionRow.StandsBeforeEvent);
    }

    [Fact]
    public async Task Is_not_one_that_is_being_shown_in_the_same_moment()
    {
        await using var daemon = new RunningDaemon(Database, "one", _time, _scene.Tally);
        await ForbidHereAsync("mended");
        await AppendAsync("a", "mended");
        await Database.StandsAsync("Tally", 2);
        await using (await Gate.AtAsync(Database, WaitingProjection.Hold))
        {
            _scene.Tally.Before = WaitingProjection.Hold;
            await Database.ExecuteAsync("alter table shown.notes drop constraint only_here");
            await Eventually.HoldsAsync(
                "it tries again",
                async () =>
                {
                    _time.Advance(TimeSpan.FromSeconds(1));
                    return await Database.WaitingSessionsAsync() == 1;
                },
                Ct);

            var busy = await Assert.ThrowsAsync<PostgresException>(() => Database.TrySkipAsync("Tally", 2));
            Assert.Equal(SqlStates.LockNotAvailable, busy.SqlState);
        }

        await Database.ComesToAsync(_time, "Tally", 2);
        await Database.TrySkipAsync("Tally", 2).AssertRefusedAsync(ProjectionDecisionRow.StandsBeforeEvent);
        await _scene.AssertShowsTheLogOnceAsync();
    }

    [Theory]
    [InlineData("select event_store.move_progress('Tally:All', 1, 3)")]
    [InlineData("select event_store.move_progress('Tally:All', 1, 3, '{1,3}')")]
    public async Task Is_shown_by_no_program_that_has_not_heard_of_it(string step)
    {
        await using (new RunningDaemon(Database, "one", _time, _scene.Tally))
        {
            await AppendAsync("a", Poison, "c");
            await Database.StandsAsync("Tally", 2);
        }

        await Database.SkipAsync("Tally", 2);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => Database.ExecuteAsync(step));
        Assert.Equal("FL001", refused.SqlState);
        await Database.ExecuteAsync("select event_store.move_progress('Tally:All', 1, 3, '{2}')");
    }

    [Fact]
    public async Task Lets_a_rebuild_that_stood_before_it_go_on_from_there()
    {
        await using var daemon = new RunningDaemon(Database, "one", _time, _scene.Tally);
        await AppendAsync("a", "b", Poison, "c");
        await Database.StandsAsync("Tally", 3);
        Assert.Equal(3, Assert.IsType<RebuildOutcome.CannotShow>(await _scene.RebuildAsync()).Position);

        await Database.SkipAsync("Tally", 3);

        Assert.Equal(2, Assert.IsType<RebuildOutcome.TookOver>(await _scene.RebuildAsync()).ResumedAt);
        await AssertShowsAllButAsync(3);
    }

    [Fact]
    public async Task Makes_an_unfinished_rebuild_that_has_shown_it_begin_anew()
    {
        await StandingBeforeWhatARebuildShowsAsync();
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _scene.RebuildAsync(1, At(RebuildStep.Analysing, stop.Cancel), stop.Token));

        await Database.SkipAsync("Tally", 2);

        Assert.Equal(0, Assert.IsType<RebuildOutcome.TookOver>(await _scene.RebuildAsync()).ResumedAt);
        await AssertShowsAllButAsync(2);
    }

    [Fact]
    public async Task Is_in_no_new_tables_though_it_was_decided_while_they_were_built()
    {
        await StandingBeforeWhatARebuildShowsAsync();

        var outcome = await _scene.RebuildAsync(1, At(RebuildStep.Analysing, () => Database.SkipAsync("Tally", 2).Wait(Ct)));

        Assert.Contains("position 2", Assert.IsType<RebuildOutcome.NotRebuildable>(outcome).Reason, StringComparison.Ordinal);
        Assert.IsType<RebuildOutcome.TookOver>(await _scene.RebuildAsync());
        await AssertShowsAllButAsync(2);
    }

    /// <summary>The live tables refuse the second of three events; new ones would not.</summary>
    private async Task StandingBeforeWhatARebuildShowsAsync()
    {
        await ForbidHereAsync("not here");
        await using var daemon = new RunningDaemon(Database, "one", _time, _scene.Tally);

        // More than a take-over shows by itself.
        await AppendAsync(["a", "not here", .. Enumerable.Range(0, 900).Select(n => $"{n}")]);
        await Database.StandsAsync("Tally", 2);
    }

    private Task ForbidHereAsync(string text) =>
        Database.ExecuteAsync($"alter table shown.notes add constraint only_here check (text <> '{text}')");

    private static OnProgress At(RebuildStep step, Action act) => new(p =>
    {
        if (p.Step == step)
        {
            act();
        }
    });

    private Task AppendAsync(params string[] texts) => _scene.AppendAsync("note-1", texts);

    private async Task AssertIsAsItsLogHasItAsync(int parallel)
    {
        var outcome = await new ProjectionVerification(Database, _scene.Store(), TimeProvider.System)
            .RunAsync(_scene.Model, new() { Parallel = parallel }, null, Ct);
        Assert.True(Assert.IsType<VerifyOutcome.Compared>(outcome).IsSame);
    }

    private async Task AssertShowsAllButAsync(long position) =>
        Assert.Equal(
            await Database.TextsAsync(
                $"""
                select 'note ' || row(e.seq_id, e.data ->> 'text', null)::text from event_store.mt_events as e where seq_id <> {position}
                union all
                select 'count ' || row(stream_id, count(*), max(seq_id))::text
                  from event_store.mt_events where seq_id <> {position} group by stream_id
                order by 1
                """),
            await _scene.RowsAsync());
}
