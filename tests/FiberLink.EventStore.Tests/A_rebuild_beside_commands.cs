using FiberLink.EventStore.Projections;
using FiberLink.EventStore.Rebuilding;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>Who rebuilds takes small pieces and rests while others append.</summary>
public sealed class A_rebuild_beside_commands(TalliedNotes notes) : IClassFixture<TalliedNotes>, IAsyncLifetime
{
    private const int Notes = 6_000;

    private readonly RestlessTime _time = new();

    private NpgsqlDataSource Database => notes.Database;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await notes.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Takes_small_pages_and_rests_after_each_while_the_log_moves_on()
    {
        var (steps, scene) = await RebuildAsync(givesWay: true, isMoving: true);

        Assert.Equal([1_000, 2_000, 3_000, 4_000, 5_000, 6_000], steps.Take(6));
        Assert.InRange(_time.Rests.Count, 6, int.MaxValue);
        Assert.All(_time.Rests, rest => Assert.InRange(rest, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(1)));
        await scene.AssertShowsTheLogOnceAsync();
    }

    [Fact]
    public async Task Takes_large_pages_without_a_rest_once_it_knows_that_it_is_alone()
    {
        var (steps, scene) = await RebuildAsync(givesWay: true, isMoving: false);

        Assert.Equal([1_000, 3_000, 5_000, 6_000], steps);
        Assert.Single(_time.Rests);
        await scene.AssertShowsTheLogOnceAsync();
    }

    [Fact]
    public async Task Takes_the_whole_machine_from_the_first_page_on_when_it_is_told_to()
    {
        var (steps, scene) = await RebuildAsync(givesWay: false, isMoving: true);

        Assert.Equal([2_000, 4_000, 6_000], steps.Take(3));
        Assert.Empty(_time.Rests);
        await scene.AssertShowsTheLogOnceAsync();
    }

    /// <returns>The positions up to which it wrote, page by page.</returns>
    private async Task<(IReadOnlyList<long> Steps, TallyScene Scene)> RebuildAsync(bool givesWay, bool isMoving)
    {
        var scene = new TallyScene(Database, ProjectionLifecycle.Inline);
        await scene.LiveAsync(Notes);
        var steps = new SortedSet<long>();
        var told = new OnProgress(p =>
        {
            if (p is { Step: RebuildStep.Building, Position: > 0 })
            {
                steps.Add(p.Position);
            }
        });
        IEventStore store = isMoving ? new MovingLog(scene.Store(), () => scene.AppendAsync("note-1", "meanwhile")) : scene.Store();
        var outcome = await new ProjectionRebuild(Database, store, _time)
            .RunAsync(scene.Model, new() { PageEvents = TallyScene.PageEvents, GivesWay = givesWay }, told, Ct);
        Assert.IsType<RebuildOutcome.TookOver>(outcome);
        return ([.. steps], scene);
    }

    /// <summary>The system's clock, on which every wait is noted and over at once.</summary>
    private sealed class RestlessTime : TimeProvider
    {
        private readonly List<TimeSpan> _rests = [];

        public IReadOnlyList<TimeSpan> Rests => _rests;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _rests.Add(dueTime);
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }

    /// <summary>A log to which somebody appends whenever its head is looked at, the first few times.</summary>
    private sealed class MovingLog(IEventStore log, Func<Task> appendAsync) : IEventStore
    {
        private const int AppendsMax = 12;

        private int _appends;

        public async Task<long> ReadHeadAsync(CancellationToken ct)
        {
            if (_appends++ < AppendsMax)
            {
                await appendAsync();
            }

            return await log.ReadHeadAsync(ct);
        }

        public Task<EventStream> ReadStreamAsync(StreamId stream, CancellationToken ct) => log.ReadStreamAsync(stream, ct);

        public Task<EventStream> ReadStreamAsync(StreamId stream, StreamRange range, CancellationToken ct) =>
            log.ReadStreamAsync(stream, range, ct);

        public Task<AppendResult> AppendAsync(Change change, CancellationToken ct) => log.AppendAsync(change, ct);

        public Task<ChangeFate> SettleAsync(Guid changeId, CancellationToken ct) => log.SettleAsync(changeId, ct);

        public Task<bool> SetArchivedAsync(StreamId stream, bool isArchived, CancellationToken ct) =>
            log.SetArchivedAsync(stream, isArchived, ct);

        public Task<IReadOnlyList<RecordedEvent>> ReadLogAsync(long after, int limit, CancellationToken ct) =>
            log.ReadLogAsync(after, limit, ct);

        public Task<LogPage> ReadLogAsync(LogQuery query, int limit, CancellationToken ct) => log.ReadLogAsync(query, limit, ct);
    }
}
