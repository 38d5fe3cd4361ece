using FiberLink.EventStore.InMemory;
using FiberLink.EventStore.Projections;
using FiberLink.EventStore.Subscriptions;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>Who comes to the same place of the log is given the same read, and nobody is given an old one for a new one.</summary>
public sealed class Reads_that_are_shared(ShownNotes notes) : IClassFixture<ShownNotes>, IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private readonly WatchedLog _log = new(new InMemoryEventStore(Sample.Catalogue));

    private NpgsqlDataSource Database => notes.Database;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await notes.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Two_projections_that_catch_up_read_each_page_once()
    {
        await AppendAsync(95);

        await Daemon(pagesKept: 16).CatchUpAsync(Ct);

        // Ten pages, and one look for more by the second projection, which did not see the end itself.
        Assert.Equal(
            [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95],
            _log.Reads.Select(r => r.After));
        Assert.Equal("95", await Database.TextAsync("select count(*) from second_notes"));
    }

    [Fact]
    public async Task Only_so_many_pages_are_kept()
    {
        await AppendAsync(95);

        await Daemon(pagesKept: 3).CatchUpAsync(Ct);

        Assert.Equal(2, _log.Reads.Count(r => r.After == 0));
        Assert.Equal("95", await Database.TextAsync("select count(*) from second_notes"));
    }

    [Fact]
    public async Task Followers_at_the_same_place_wait_for_one_read()
    {
        await AppendAsync(5);
        var gate = new TaskCompletionSource();
        _log.BeforeRead = () => gate.Task;
        var daemon = Daemon(pagesKept: 1);

        var firsts = Enumerable.Range(0, 50).Select(_ => FirstAsync(daemon.Log, 2)).ToArray();
        gate.SetResult();

        Assert.All(await Task.WhenAll(firsts), e => Assert.Equal(3, e.Position));
        Assert.Single(_log.Reads);
    }

    [Fact]
    public async Task A_read_that_looked_before_the_commit_is_no_answer_to_who_came_after_it()
    {
        var gate = new TaskCompletionSource();
        _log.AfterRead = () => gate.Task;
        var daemon = Daemon(pagesKept: 1);
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var early = FirstOfAsync(daemon.Log, 0, leave.Token);
        await Eventually.HoldsAsync("it has looked", () => _log.Reads.Count == 1, Ct);

        await AppendAsync(1);
        var late = FirstAsync(daemon.Log, 0);
        gate.SetResult();

        // Nobody wakes it and the clock stands.
        Assert.Equal(1, (await late).Position);
        await leave.CancelAsync();
        await early.ContinueWith(_ => { }, Ct, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    [Fact]
    public async Task A_commit_that_is_announced_while_one_looks_is_not_missed()
    {
        var daemon = Daemon(pagesKept: 1);
        _log.AfterRead = async () =>
        {
            _log.AfterRead = null;
            await AppendAsync(1);
            daemon.Wake();
        };

        Assert.Equal(1, (await FirstAsync(daemon.Log, 0)).Position);
    }

    [Fact]
    public async Task One_who_leaves_does_not_end_the_read_of_the_others_and_the_last_one_does()
    {
        await AppendAsync(1);
        var gate = new TaskCompletionSource();
        _log.BeforeRead = () => gate.Task;
        var daemon = Daemon(pagesKept: 1);
        using var leave = new CancellationTokenSource();
        var leaving = FirstOfAsync(daemon.Log, 0, leave.Token);
        using var staying = new CancellationTokenSource();
        var stays = FirstOfAsync(daemon.Log, 0, staying.Token);

        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        Assert.False(stays.IsCompleted);
        await staying.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stays);

        gate.SetResult();
        Assert.Equal(1, (await FirstAsync(daemon.Log, 0)).Position);
        Assert.Equal(2, _log.Reads.Count);
    }

    [Fact]
    public async Task An_event_that_cannot_be_read_stops_those_before_it_and_nobody_after_it()
    {
        var store = new PostgresEventStore(Database, Sample.Catalogue, [], []);
        await store.AppendAsync(Sample.Notes("a", "b", "c", "d"), Ct);
        await Database.ExecuteAsync("update event_store.mt_events set type = 'unheard.v1' where seq_id = 3");
        var log = RunningDaemon.Make(Database, store, "one", _time, null).Log;

        // Nobody has read the page before: its readable part is no answer to who stands at the end of it.
        Assert.Equal(3, (await Assert.ThrowsAsync<UnreadableEventException>(() => FirstAsync(log, 2))).Position);
        Assert.Equal(1, (await FirstAsync(log, 0)).Position);
        Assert.Equal(2, (await FirstAsync(log, 1)).Position);
        Assert.Equal(3, (await Assert.ThrowsAsync<UnreadableEventException>(() => FirstAsync(log, 2))).Position);
        Assert.Equal(4, (await FirstAsync(log, 3)).Position);

        await Database.ExecuteAsync("update event_store.mt_events set type = 'noted.v1' where seq_id = 3");
        Assert.Equal(3, (await FirstAsync(log, 2)).Position);
    }

    private ProjectionDaemon Daemon(int pagesKept) =>
        RunningDaemon.Make(
            Database,
            _log,
            "one",
            _time,
            new() { PageEvents = 10, PagesKept = pagesKept },
            new NotesProjection("first"),
            new NotesProjection("second"));

    private static Task<RecordedEvent> FirstAsync(LogSubscription log, long after) => FirstOfAsync(log, after, Ct);

    private static async Task<RecordedEvent> FirstOfAsync(LogSubscription log, long after, CancellationToken ct)
    {
        await foreach (var @event in log.FollowAsync(after, null, ct))
        {
            return @event;
        }

        throw new InvalidOperationException("It ended.");
    }

    private async Task AppendAsync(int count) =>
        await _log.AppendAsync(Sample.Notes([.. Enumerable.Range(0, count).Select(i => $"{i}")]), Ct);
}
