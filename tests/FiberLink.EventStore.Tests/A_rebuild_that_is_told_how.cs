using FiberLink.EventStore.Projections;
using FiberLink.EventStore.Rebuilding;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>Where a rebuild begins, how fast it may be, and what becomes of one that is unfinished.</summary>
public sealed class A_rebuild_that_is_told_how(TalliedNotes notes) : IClassFixture<TalliedNotes>, IAsyncLifetime
{
    private const int Notes = 5_000;

    private NpgsqlDataSource Database => notes.Database;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await notes.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Goes_on_from_the_position_that_is_named_or_begins_anew_and_never_in_the_middle()
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Inline);
        await scene.LiveAsync(Notes);
        Assert.Contains(
            "no unfinished rebuild to go on with", await RefusalAsync(scene, new() { From = 2_000 }), StringComparison.Ordinal);
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scene.RebuildAsync(1, StopAt(stop, 2_000), stop.Token));
        var stands = await PositionAsync();

        Assert.Contains($"only one at {stands}", await RefusalAsync(scene, new() { From = stands + 1 }), StringComparison.Ordinal);
        Assert.Equal(stands, await PositionAsync());
        var options = new RebuildOptions { PageEvents = TallyScene.PageEvents, From = stands };
        var goneOn = Assert.IsType<RebuildOutcome.TookOver>(await scene.Rebuild.RunAsync(scene.Model, options, null, Ct));
        Assert.Equal((2, stands), (goneOn.Generation, goneOn.ResumedAt));

        using var again = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scene.RebuildAsync(1, StopAt(again, 2_000), again.Token));
        var anew = Assert.IsType<RebuildOutcome.TookOver>(await scene.Rebuild.RunAsync(scene.Model, options with { From = 0 }, null, Ct));
        Assert.Equal((4, 0, Notes), (anew.Generation, anew.ResumedAt, anew.Events));
        await scene.AssertShowsTheLogOnceAsync();

        async Task<long> PositionAsync() => long.Parse(
            await Database.TextAsync("select min(position) from event_store.generation_progress"),
            System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Reads_no_more_events_in_a_second_than_it_may()
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Inline);
        await scene.LiveAsync(2_000);
        var time = new ManualTime();
        var begun = time.GetUtcNow();
        var rebuilding = new ProjectionRebuild(Database, scene.Store(), time)
            .RunAsync(scene.Model, new() { GivesWay = false, EventsPerSecondMax = 100 }, null, Ct);
        await Eventually.HoldsAsync(
            "it is done",
            () =>
            {
                // Never past a wait that has not begun.
                if (time.TimerCount > 0)
                {
                    time.Advance(TimeSpan.FromMilliseconds(100));
                }

                return rebuilding.IsCompleted;
            },
            Ct);

        Assert.IsType<RebuildOutcome.TookOver>(await rebuilding);

        // Twenty pages of a hundred; the first is read at once.
        Assert.InRange((time.GetUtcNow() - begun).TotalSeconds, 19, 25);
        await scene.AssertShowsTheLogOnceAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(RebuildOptions.EventsPerSecondLimit + 1)]
    public async Task Takes_no_bound_that_is_none(int eventsPerSecond)
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Inline);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => scene.Rebuild.RunAsync(scene.Model, new() { EventsPerSecondMax = eventsPerSecond }, null, Ct));
    }

    [Fact]
    public async Task That_is_unfinished_is_left_as_it_is_by_a_comparison()
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Inline);
        await scene.LiveAsync(Notes);
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scene.RebuildAsync(1, StopAt(stop, 2_000), stop.Token));
        var unfinished = (await GenerationStatus.ReadAsync(Database, [scene.Model], Ct))[0];
        Assert.Equal(2, unfinished.Unfinished);

        var compared = await new ProjectionVerification(Database, scene.Store(), TimeProvider.System)
            .RunAsync(scene.Model, new(), null, Ct);

        Assert.True(Assert.IsType<VerifyOutcome.Compared>(compared).IsSame);
        Assert.Equal(unfinished, (await GenerationStatus.ReadAsync(Database, [scene.Model], Ct))[0]);
        var done = Assert.IsType<RebuildOutcome.TookOver>(await scene.RebuildAsync());
        Assert.Equal((2L, unfinished.UnfinishedPosition!.Value), (done.Generation, done.ResumedAt));
        await scene.AssertShowsTheLogOnceAsync();
    }

    private static async Task<string> RefusalAsync(TallyScene scene, RebuildOptions options) =>
        Assert.IsType<RebuildOutcome.NotRebuildable>(await scene.Rebuild.RunAsync(scene.Model, options, null, Ct)).Reason;

    private static OnProgress StopAt(CancellationTokenSource stop, long position) => new(p =>
    {
        if (p.Position >= position)
        {
            stop.Cancel();
        }
    });
}
