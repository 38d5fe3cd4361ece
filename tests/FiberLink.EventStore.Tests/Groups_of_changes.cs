using FiberLink.EventStore.Projections;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>
/// Changes that wait for one another are one transaction; what is wrong with one of them is not its neighbours' business.
/// </summary>
public sealed class Groups_of_changes(LogOnPostgres log) : IClassFixture<LogOnPostgres>, IAsyncLifetime
{
    private IEventStore Store { get; set; } = log.Open(Sample.Catalogue);

    private NpgsqlDataSource Database => log.Database;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await log.ResetAsync();

        // The writer has seen the head once, and presumes from here on.
        await Store.AppendAsync(Sample.Notes(new StreamId("demo", "first"), ExpectedVersion.NoStream, "first"), Ct);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Those_who_wait_are_written_in_one_transaction_in_their_order()
    {
        var results = await TogetherAsync([.. Enumerable.Range(0, 20).Select(i => New(i))]);

        Assert.Equal(Enumerable.Range(3, 20).Select(p => (long)p), results.Select(PositionOf));
        Assert.Equal("3", await TransactionsAsync());
    }

    [Fact]
    public async Task A_lone_caller_waits_for_nobody()
    {
        for (var i = 0; i < 3; i++)
        {
            await Store.AppendAsync(New(i), Ct);
        }

        Assert.Equal("4", await TransactionsAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(8)]
    public async Task One_that_breaks_a_rule_is_refused_and_its_neighbours_are_not(int broken)
    {
        var changes = Enumerable.Range(0, 9).Select(i => New(i)).ToArray();
        changes[broken] = changes[broken] with { Rows = [new SampleRow("far too long for it")] };

        var results = await TogetherAsync(changes);

        Assert.Equal(new AppendResult.ConstraintBroken("sample_key_is_short"), results[broken]);
        Assert.Equal(8, results.OfType<AppendResult.Appended>().Count());
        await NothingIsMissingAsync(10);
    }

    [Fact]
    public async Task One_whose_stream_has_moved_is_refused_and_its_neighbours_are_not()
    {
        var stream = new StreamId("demo", "first");

        var results = await TogetherAsync(New(0), Sample.Notes(stream, ExpectedVersion.NoStream, "late"), New(1));

        Assert.Equal(new AppendResult.VersionMoved(stream, ExpectedVersion.NoStream), results[1]);
        Assert.IsType<AppendResult.Appended>(results[0]);
        Assert.IsType<AppendResult.Appended>(results[2]);
        await NothingIsMissingAsync(4);
    }

    [Fact]
    public async Task Of_two_at_one_version_the_first_is_written_and_the_second_is_told()
    {
        var results = await TogetherAsync(New(0), New(0), New(1));

        Assert.IsType<AppendResult.Appended>(results[0]);
        Assert.Equal(new AppendResult.VersionMoved(StreamOf(0), ExpectedVersion.NoStream), results[1]);
        Assert.IsType<AppendResult.Appended>(results[2]);
    }

    [Fact]
    public async Task Changes_that_build_on_each_other_go_together()
    {
        var results = await TogetherAsync(
            [.. Enumerable.Range(0, 5).Select(v => Sample.Notes(StreamOf(0), ExpectedVersion.Exactly(v), $"{v}"))]);

        Assert.All(results, r => Assert.IsType<AppendResult.Appended>(r));
        Assert.Equal(["0", "1", "2", "3", "4"], (await Store.ReadStreamAsync(StreamOf(0), Ct)).Events.Select(Sample.Text));
        Assert.Equal("3", await TransactionsAsync());
    }

    [Fact]
    public async Task What_builds_on_one_that_is_refused_is_refused_with_it()
    {
        var results = await TogetherAsync(
            Sample.Notes(StreamOf(0), ExpectedVersion.NoStream, "a") with { Rows = [new SampleRow("far too long for it")] },
            Sample.Notes(StreamOf(0), ExpectedVersion.Exactly(1), "b"),
            New(1));

        Assert.IsType<AppendResult.ConstraintBroken>(results[0]);
        Assert.Equal(new AppendResult.VersionMoved(StreamOf(0), ExpectedVersion.Exactly(1)), results[1]);
        Assert.IsType<AppendResult.Appended>(results[2]);
        await NothingIsMissingAsync(3);
    }

    [Fact]
    public async Task Of_two_who_claim_one_name_the_second_is_told_who_has_it()
    {
        Change By(string holder, int number) =>
            New(number) with { Claims = [new("demo", "scope", "key", holder, Sample.Noon.AddDays(1))] };

        var results = await TogetherAsync(By("tip-1", 1), New(0), By("tip-2", 2), By("tip-1", 3));

        Assert.IsType<AppendResult.Appended>(results[0]);
        Assert.Equal("tip-1", Assert.IsType<AppendResult.ClaimTaken>(results[2]).Holder);
        Assert.IsType<AppendResult.Appended>(results[3]);
        await NothingIsMissingAsync(5);
    }

    [Fact]
    public async Task The_same_change_from_two_callers_is_written_once()
    {
        var change = New(0);

        var results = await TogetherAsync(change, change, New(1));

        Assert.Equal(3, PositionOf(results[0]));
        Assert.Equal(3, PositionOf(results[1]));
        await NothingIsMissingAsync(4);
    }

    [Fact]
    public async Task A_projection_that_stumbles_over_one_change_fails_that_one_alone()
    {
        Store = new PostgresEventStore(Database, Sample.Catalogue, [new Stumbling()], []);

        var results = TogetherTasksAsync(New(0), Sample.Notes(StreamOf(1), ExpectedVersion.Any, Stumbling.Over), New(2));

        Assert.IsType<AppendResult.Appended>(await (await results)[0]);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await (await results)[1]);
        Assert.IsType<AppendResult.Appended>(await (await results)[2]);
        await NothingIsMissingAsync(4);
    }

    [Fact]
    public async Task Whoever_gives_up_in_the_queue_is_left_out()
    {
        using var patience = new CancellationTokenSource();
        var gate = await Gate.AtHeadAsync(Database);
        var first = Store.AppendAsync(New(0), Ct);
        await WaitingAsync(1);
        var impatient = Store.AppendAsync(New(1), patience.Token);
        var last = Store.AppendAsync(New(2), Ct);

        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        await gate.DisposeAsync();

        Assert.Equal([2, 3], (await Task.WhenAll(first, last)).Select(PositionOf));
        Assert.Equal(0, (await Store.ReadStreamAsync(StreamOf(1), Ct)).Version);
    }

    [Fact]
    public async Task Whoever_gives_up_while_he_is_written_with_others_is_told_what_was_written()
    {
        using var patience = new CancellationTokenSource();
        var gate = await Gate.AtHeadAsync(Database);
        var first = Store.AppendAsync(New(0), Ct);
        await WaitingAsync(1);
        var second = Store.AppendAsync(New(1), patience.Token);
        var third = Store.AppendAsync(New(2), Ct);
        var other = await Gate.AtAsync(Database, "lock table event_store.changes in share mode");
        await gate.DisposeAsync();
        await Eventually.HoldsAsync("the first waits at its name", async () => await Database.WaitingSessionsAsync() == 1, Ct);
        await other.DisposeAsync();
        await first;
        await patience.CancelAsync();

        // Either he was in time, or he is told; never neither.
        var written = await second.ContinueWith(t => t.IsCompletedSuccessfully, Ct, TaskContinuationOptions.None, TaskScheduler.Default);
        await third;
        Assert.Equal(written ? 1 : 0, (await Store.ReadStreamAsync(StreamOf(1), Ct)).Version);
    }

    [Fact]
    public async Task When_the_queue_is_full_the_next_one_waits_for_room()
    {
        using var patience = new CancellationTokenSource();
        Store = new PostgresEventStore(Database, Sample.Catalogue, [], [], new EventStoreOptions { WaitingChangesMax = 2 });
        var gate = await Gate.AtHeadAsync(Database);
        var taken = new[] { Store.AppendAsync(New(0), Ct), Store.AppendAsync(New(1), Ct) };
        await WaitingAsync(1);
        var impatient = Store.AppendAsync(New(2), patience.Token);
        var patient = Store.AppendAsync(New(3), Ct);

        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        await gate.DisposeAsync();

        Assert.Equal([2, 3, 4], (await Task.WhenAll([.. taken, patient])).Select(PositionOf));
        Assert.Equal(0, (await Store.ReadStreamAsync(StreamOf(2), Ct)).Version);
    }

    [Fact]
    public async Task A_group_has_no_more_changes_than_it_may()
    {
        Store = new PostgresEventStore(Database, Sample.Catalogue, [], [], new EventStoreOptions { GroupChangesMax = 4 });

        await TogetherAsync([.. Enumerable.Range(0, 10).Select(i => New(i))]);

        // The first of all, the one that the others waited for, and 4 + 4 + 2.
        Assert.Equal("5", await TransactionsAsync());
    }

    [Fact]
    public async Task A_store_that_is_closed_has_answered_everybody_and_takes_nobody_more()
    {
        var store = new PostgresEventStore(Database, Sample.Catalogue, [], []);
        var gate = await Gate.AtHeadAsync(Database);
        var appends = Enumerable.Range(0, 3).Select(i => store.AppendAsync(New(i), Ct)).ToArray();
        await WaitingAsync(1);
        var closing = store.DisposeAsync().AsTask();
        Assert.False(closing.IsCompleted);
        await gate.DisposeAsync();

        await closing;

        Assert.All(appends, a => Assert.True(a.IsCompleted));
        Assert.All(await Task.WhenAll(appends), r => Assert.IsType<AppendResult.Appended>(r));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => store.AppendAsync(New(9), Ct));
    }

    [Fact]
    public async Task Marten_s_sequence_stands_at_the_head()
    {
        await TogetherAsync(New(0), New(1));

        Assert.Equal("4", await Database.TextAsync("select last_value from event_store.mt_events_sequence"));
    }

    private static StreamId StreamOf(int number) => new("demo", $"note-{number}");

    private static Change New(int number) => Sample.Notes(StreamOf(number), ExpectedVersion.NoStream, $"{number}");

    private static long PositionOf(AppendResult result) => Assert.IsType<AppendResult.Appended>(result).Events[^1].Position;

    private async Task<AppendResult[]> TogetherAsync(params Change[] changes) => await Task.WhenAll(await TogetherTasksAsync(changes));

    /// <summary>Has one change wait for the head, and the given ones behind it, and then lets them go.</summary>
    private async Task<Task<AppendResult>[]> TogetherTasksAsync(params Change[] changes)
    {
        var gate = await Gate.AtHeadAsync(Database);
        var first = Store.AppendAsync(Sample.Notes(new StreamId("demo", "leader"), ExpectedVersion.NoStream, "leader"), Ct);
        await WaitingAsync(1);
        var appends = changes.Select(c => Store.AppendAsync(c, Ct)).ToArray();
        await gate.DisposeAsync();
        await first;
        return appends;
    }

    private Task WaitingAsync(int sessions) =>
        Eventually.HoldsAsync($"{sessions} sessions wait for a lock", async () => await Database.WaitingSessionsAsync() == sessions, Ct);

    private Task<string> TransactionsAsync() =>
        Database.TextAsync("select count(distinct xmin::text) from event_store.mt_events");

    private async Task NothingIsMissingAsync(int events) =>
        Assert.Equal(Enumerable.Range(1, events).Select(p => (long)p), (await Store.ReadLogAsync(0, 100, Ct)).Select(e => e.Position));

    private sealed class Stumbling : IProjection
    {
        public const string Over = "stone";

        public string Name => "Stumbling";

        public void Project(IReadOnlyList<RecordedEvent> events, NpgsqlBatch batch)
        {
            if (events.Any(e => Sample.Text(e) == Over))
            {
                throw new InvalidOperationException("It stumbled.");
            }
        }
    }
}
