using FiberLink.EventStore.Projections;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>Whoever has read up to a position has seen everything up to it, for good.</summary>
public sealed class Positions_follow_commits(LogOnPostgres log) : IClassFixture<LogOnPostgres>, IAsyncLifetime
{
    private IEventStore Store { get; } = log.Open(Sample.Catalogue);

    private NpgsqlDataSource Database => log.Database;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await log.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_change_that_is_slow_to_commit_makes_the_next_one_wait_and_not_overtake()
    {
        var slow = new PostgresEventStore(Database, Sample.Catalogue, [new WaitingProjection()], []);
        var gate = await Gate.AtAsync(Database, WaitingProjection.Hold);
        var first = slow.AppendAsync(Sample.Notes(new StreamId("demo", "note-1"), ExpectedVersion.Any, "slow"), Ct);
        await Eventually.HoldsAsync("the slow one waits", async () => await Database.WaitingSessionsAsync() == 1, Ct);

        var second = Store.AppendAsync(Sample.Notes(new StreamId("demo", "note-2"), ExpectedVersion.Any, "quick"), Ct);
        await Eventually.HoldsAsync(
            "the quick one waits, or is through", async () => second.IsCompleted || await Database.WaitingSessionsAsync() == 2, Ct);

        Assert.False(second.IsCompleted, "It has overtaken one that has a smaller position.");
        Assert.Empty(await Store.ReadLogAsync(0, 10, Ct));
        await gate.DisposeAsync();
        await Task.WhenAll(first, second);
        Assert.Equal([(1, "slow"), (2, "quick")], (await Store.ReadLogAsync(0, 10, Ct)).Select(e => (e.Position, Sample.Text(e))));
    }

    [Fact]
    public async Task A_position_is_given_by_the_head_even_where_the_events_before_it_have_been_moved_away()
    {
        await Store.AppendAsync(Sample.Notes(new StreamId("demo", "note-1"), ExpectedVersion.NoStream, "before"), Ct);

        // Nothing is at the positions that the writer presumes to be free, and yet they are not.
        await Database.ExecuteAsync("update event_store.log_head set position = 7");

        var result = await Store.AppendAsync(Sample.Notes(new StreamId("demo", "note-2"), ExpectedVersion.NoStream, "after"), Ct);
        Assert.Equal(8, Assert.Single(Assert.IsType<AppendResult.Appended>(result).Events).Position);
    }

    [Fact]
    public async Task A_reader_never_sees_a_position_before_the_one_below_it()
    {
        const int writers = 4;
        const int each = 60;
        var writing = Task.WhenAll(Enumerable.Range(0, writers).Select(w => Task.Run(() => WriteAsync(w, each), Ct)));

        var seen = 0L;
        for (var isLast = false; !isLast;)
        {
            isLast = writing.IsCompleted;
            foreach (var @event in await Store.ReadLogAsync(seen, 50, Ct))
            {
                Assert.Equal(seen + 1, @event.Position);
                seen = @event.Position;
                isLast = false;
            }
        }

        await writing;
        Assert.Equal(await Store.ReadHeadAsync(Ct), seen);
        Assert.True(seen >= writers * each, $"Only {seen} events were seen.");
    }

    [Fact]
    public async Task An_inline_projection_that_fails_takes_the_whole_change_with_it()
    {
        var failing = new PostgresEventStore(Database, Sample.Catalogue, [new FailingProjection("select 1 / 0")], [new SampleRowWriter()]);

        await Assert.ThrowsAsync<PostgresException>(
            () => failing.AppendAsync(Sample.Notes("a") with { Rows = [new SampleRow("one")], Claims = [SomeClaim] }, Ct));

        await NothingWasWrittenAsync();
    }

    [Fact]
    public async Task An_inline_projection_that_breaks_a_named_rule_refuses_the_change_by_that_name()
    {
        var rule = new FailingProjection("insert into sample_rows values ('far too long for it')");
        var failing = new PostgresEventStore(Database, Sample.Catalogue, [rule], [new SampleRowWriter()]);

        var result = await failing.AppendAsync(Sample.Notes("a") with { Rows = [new SampleRow("one")], Claims = [SomeClaim] }, Ct);

        Assert.Equal(new AppendResult.ConstraintBroken("sample_key_is_short"), result);
        await NothingWasWrittenAsync();
    }

    [Fact]
    public async Task A_row_that_fails_takes_the_whole_change_with_it()
    {
        var result = await Store.AppendAsync(
            Sample.Notes("a") with { Rows = [new SampleRow("one"), new SampleRow("far too long for it")], Claims = [SomeClaim] }, Ct);

        Assert.Equal(new AppendResult.ConstraintBroken("sample_key_is_short"), result);
        await NothingWasWrittenAsync();
    }

    [Fact]
    public async Task A_change_whose_session_dies_before_its_commit_has_written_nothing()
    {
        var slow = new PostgresEventStore(Database, Sample.Catalogue, [new WaitingProjection()], [new SampleRowWriter()]);
        await using (await Gate.AtAsync(Database, WaitingProjection.Hold))
        {
            var append = slow.AppendAsync(Sample.Notes("a") with { Rows = [new SampleRow("one")], Claims = [SomeClaim] }, Ct);
            await Eventually.HoldsAsync("it waits", async () => await Database.WaitingSessionsAsync() == 1, Ct);
            await Database.EndWaitingSessionsAsync();
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => append);
        }

        await NothingWasWrittenAsync();
    }

    private static Claim SomeClaim { get; } = new("demo", "scope", "key", "holder", Sample.Noon.AddDays(1));

    private async Task WriteAsync(int writer, int changes)
    {
        for (var i = 0; i < changes; i++)
        {
            var stream = new StreamId("demo", $"note-{(writer + i) % 7}");
            await Store.AppendAsync(Sample.Notes(stream, ExpectedVersion.Any, [.. Enumerable.Repeat("x", 1 + (i % 3))]), Ct);

            // Refused after the head was taken: the likeliest way to leave a gap.
            await Store.AppendAsync(Sample.Notes(stream, ExpectedVersion.NoStream, "refused"), Ct);
        }
    }

    private async Task NothingWasWrittenAsync()
    {
        Assert.Empty(await Store.ReadLogAsync(0, 10, Ct));
        Assert.Empty(await log.RowsAsync());
        Assert.Equal("0", await Database.TextAsync("select count(*) from event_store.mt_streams"));
        Assert.Equal("0", await Database.TextAsync("select count(*) from event_store.claims"));
        Assert.IsType<AppendResult.Appended>(await Store.AppendAsync(Sample.Notes("next"), Ct));
        Assert.Equal(1, Assert.Single(await Store.ReadLogAsync(0, 10, Ct)).Position);
    }

    private sealed class FailingProjection(string sql) : IProjection
    {
        public string Name => "Failing";

        public void Project(IReadOnlyList<RecordedEvent> events, NpgsqlBatch batch) => Postgres.NpgsqlBatchExtensions.Add(batch, sql);
    }
}
