using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>A connection that breaks while a change commits: the caller is told what became of it, or that nobody knows yet.</summary>
public sealed class An_answer_that_is_lost(LogOnPostgres log) : IClassFixture<LogOnPostgres>, IAsyncLifetime
{
    private AnswerRelay _relay = null!;
    private NpgsqlDataSource _through = null!;

    private NpgsqlDataSource Database => log.Database;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await log.ResetAsync();
        _relay = new(log.ConnectionString);
        _through = NpgsqlDataSource.Create(_relay.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await _through.DisposeAsync();
        await _relay.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_the_commit_the_caller_is_told_that_it_was_appended(bool isPresumed)
    {
        var store = Open(new());
        if (isPresumed)
        {
            await store.AppendAsync(Sample.Notes("before"), Ct);
            await store.AppendAsync(Sample.Notes(new StreamId("demo", "note-2"), ExpectedVersion.NoStream, "before"), Ct);
            await ConnectAsync();
        }

        var before = await store.ReadHeadAsync(Ct);
        _relay.LoseAnswers();
        var append = store.AppendAsync(Sample.Notes(new StreamId("demo", "note-3"), ExpectedVersion.NoStream, "a", "b"), Ct);
        if (isPresumed)
        {
            await Eventually.HoldsAsync("it has committed", async () => await HeadAsync() == before + 2, Ct);
        }

        _relay.Cut(isClosed: false);

        // Looking first, it can't have come to the commit: the first answer was lost. Then nothing was written, which is certain too.
        var result = await append.ContinueWith(t => t, Ct, TaskContinuationOptions.None, TaskScheduler.Default);
        if (isPresumed)
        {
            Assert.Equal([before + 1, before + 2], Assert.IsType<AppendResult.Appended>(await result).Events.Select(e => e.Position));
        }
        else
        {
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => result);
            Assert.Equal(0, await HeadAsync());
        }

        Assert.IsType<AppendResult.Appended>(await store.AppendAsync(Sample.Notes("next"), Ct));
    }

    [Fact]
    public async Task Before_the_commit_the_caller_is_told_that_nothing_was_appended_and_nothing_comes_later()
    {
        var store = Open(new());
        await store.AppendAsync(Sample.Notes("before"), Ct);
        var gate = await Gate.AtHeadAsync(Database);
        var change = Sample.Notes(new StreamId("demo", "note-2"), ExpectedVersion.NoStream, "late");
        var append = store.AppendAsync(change, Ct);
        await Eventually.HoldsAsync("it waits for the head", async () => await Database.WaitingSessionsAsync() == 1, Ct);

        // The server goes on with it: it has been told everything.
        _relay.LoseAnswers();
        _relay.Cut(isClosed: false);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => append);
        await gate.DisposeAsync();
        await Eventually.HoldsAsync("nobody waits", async () => await Database.WaitingSessionsAsync() == 0, Ct);

        Assert.Equal(1, await HeadAsync());
        Assert.Equal(new AppendResult.Void(change.Id), await store.AppendAsync(change, Ct));
        Assert.Equal(2, Assert.Single(Appended(await store.AppendAsync(Sample.Notes("next"), Ct))).Position);
    }

    [Fact]
    public async Task While_the_database_cannot_be_asked_the_outcome_is_unknown_and_afterwards_it_is_known()
    {
        var store = Open(new() { SettlePatience = TimeSpan.Zero });
        await store.AppendAsync(Sample.Notes("before"), Ct);
        await ConnectAsync();
        _relay.LoseAnswers();
        var change = Sample.Notes(new StreamId("demo", "note-2"), ExpectedVersion.NoStream, "a");
        var append = store.AppendAsync(change, Ct);
        await Eventually.HoldsAsync("it has committed", async () => await HeadAsync() == 2, Ct);
        _relay.Cut(isClosed: true);

        Assert.Equal(new AppendResult.Unknown(change.Id), await append);

        _relay.Open();
        Assert.Equal(new ChangeFate(true, 2, 1), await store.SettleAsync(change.Id, Ct));
        Assert.Equal(2, Assert.Single(Appended(await store.AppendAsync(change, Ct))).Position);
        Assert.Equal(3, Assert.Single(Appended(await store.AppendAsync(Sample.Notes("next"), Ct))).Position);
    }

    [Fact]
    public async Task That_one_change_was_known_before_says_nothing_of_those_that_went_with_it()
    {
        var store = Open(new());
        var known = Sample.Notes(Sample.Stream, ExpectedVersion.NoStream, "known");
        await store.AppendAsync(known, Ct);
        var gate = await Gate.AtHeadAsync(Database);
        var leader = store.AppendAsync(Sample.Notes(new StreamId("demo", "leader"), ExpectedVersion.NoStream, "leader"), Ct);
        await WaitingAsync(1);
        var next = Gate.AtHeadAsync(Database);
        await WaitingAsync(2);

        // These two go together, and the server refuses them, because the first is in the log already. That is not heard.
        var again = store.AppendAsync(known, Ct);
        var stream = new StreamId("demo", "neighbour");
        var neighbour = store.AppendAsync(Sample.Notes(stream, ExpectedVersion.NoStream, "neighbour"), Ct);
        await gate.DisposeAsync();
        await leader;
        await WaitingAsync(1);
        _relay.LoseAnswers();
        _relay.Cut(isClosed: false);

        Assert.Equal(1, Assert.Single(Appended(await again)).Position);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => neighbour);
        await (await next).DisposeAsync();
        await WaitingAsync(0);
        Assert.Equal(0, (await store.ReadStreamAsync(stream, Ct)).Version);
    }

    [Fact]
    public async Task A_head_that_somebody_holds_without_doing_anything_is_freed()
    {
        var store = log.Open(Sample.Catalogue);
        await using var stuck = await Database.OpenConnectionAsync(Ct);
        await using var transaction = await stuck.BeginTransactionAsync(Ct);
        await using (var take = Postgres.NpgsqlBatchExtensions.Command(stuck, "update event_store.log_head set position = position + 5"))
        {
            await take.ExecuteNonQueryAsync(Ct);
        }

        var result = await store.AppendAsync(Sample.Notes("patient"), Ct);

        Assert.Equal(1, Assert.Single(Appended(result)).Position);
    }

    [Fact]
    public async Task A_head_that_is_held_by_one_who_stopped_in_the_middle_of_a_sentence_is_freed()
    {
        // He has looked, has the locks, and has said one thing of what he wants to write; then nothing more comes.
        var gate = await Gate.AtHeadAsync(Database);
        var stuck = Open(new()).AppendAsync(Sample.Notes("stuck"), Ct);
        await WaitingAsync(1);
        _relay.StopInTheMiddle(bytes: 600);
        await gate.DisposeAsync();
        await Eventually.HoldsAsync("he has the head, and is silent", async () => await Database.TextAsync(Silent) == "1", Ct);

        var result = await log.Open(Sample.Catalogue).AppendAsync(Sample.Notes("patient"), Ct);

        Assert.Equal(1, Assert.Single(Appended(result)).Position);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => stuck);
    }

    private const string Silent =
        """
        select count(*) from pg_stat_activity as a join pg_locks as l on l.pid = a.pid and l.granted
         where l.relation = 'event_store.log_head'::regclass and a.datname = current_database() and a.state = 'active'
           and a.wait_event = 'ClientRead'
        """;

    /// <summary>
    /// Has connections ready: the notice of a commit may have one just when a change wants one, and a new one would hear nothing.
    /// </summary>
    private async Task ConnectAsync()
    {
        await using var first = await _through.OpenConnectionAsync(Ct);
        await using var second = await _through.OpenConnectionAsync(Ct);
        await using var third = await _through.OpenConnectionAsync(Ct);
    }

    private Task WaitingAsync(int sessions) =>
        Eventually.HoldsAsync($"{sessions} sessions wait for a lock", async () => await Database.WaitingSessionsAsync() == sessions, Ct);

    private static IReadOnlyList<RecordedEvent> Appended(AppendResult result) => Assert.IsType<AppendResult.Appended>(result).Events;

    private PostgresEventStore Open(EventStoreOptions options) => new(_through, Sample.Catalogue, [], [], options);

    private async Task<long> HeadAsync() =>
        long.Parse(
            await Database.TextAsync("select position from event_store.log_head"), System.Globalization.CultureInfo.InvariantCulture);
}
