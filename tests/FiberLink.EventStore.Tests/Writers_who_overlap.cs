using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>What two writers owe each other. Each overlap is forced: a lock is held until the others are seen to wait.</summary>
public sealed class Writers_who_overlap(LogOnPostgres log) : IClassFixture<LogOnPostgres>, IAsyncLifetime
{
    private static readonly StreamId A = new("demo", "note-a");
    private static readonly StreamId M = new("demo", "note-m");
    private static readonly StreamId Z = new("demo", "note-z");

    private const string Circles =
        """
        select count(*) from pg_stat_activity as a, pg_stat_activity as b
         where a.datname = current_database() and a.pid = any(pg_blocking_pids(b.pid)) and b.pid = any(pg_blocking_pids(a.pid))
        """;

    private IEventStore Store { get; } = log.Open(Sample.Catalogue);

    /// <summary>Another process: the changes of one store never overlap.</summary>
    private IEventStore Other { get; } = log.Open(Sample.Catalogue);

    private NpgsqlDataSource Database => log.Database;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await log.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task An_append_waits_for_whoever_has_the_head_and_then_succeeds()
    {
        var gate = await Gate.AtHeadAsync(Database);
        var append = Store.AppendAsync(Sample.Notes("patient"), Ct);
        await WaitingAsync(1);
        Assert.False(append.IsCompleted);

        await gate.DisposeAsync();

        Assert.Equal(1, Assert.Single(Assert.IsType<AppendResult.Appended>(await append).Events).Position);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Of_two_who_append_at_the_same_version_the_loser_is_told_that_it_moved(int before)
    {
        if (before > 0)
        {
            await Store.AppendAsync(Sample.Notes(A, ExpectedVersion.NoStream, "before"), Ct);
        }

        var results = await BehindTheHeadAsync(
            () => Store.AppendAsync(Sample.Notes(A, ExpectedVersion.Exactly(before), "one"), Ct),
            () => Other.AppendAsync(Sample.Notes(A, ExpectedVersion.Exactly(before), "other"), Ct));

        Assert.Single(results.OfType<AppendResult.Appended>());
        Assert.Equal(
            new AppendResult.VersionMoved(A, ExpectedVersion.Exactly(before)),
            Assert.Single(results.OfType<AppendResult.VersionMoved>()));
        Assert.Equal(before + 1, (await Store.ReadStreamAsync(A, Ct)).Version);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Two_who_append_whatever_the_version_is_both_succeed(int before)
    {
        if (before > 0)
        {
            await Store.AppendAsync(Sample.Notes(A, ExpectedVersion.NoStream, "before"), Ct);
        }

        var results = await BehindTheHeadAsync(
            () => Store.AppendAsync(Sample.Notes(A, ExpectedVersion.Any, "one"), Ct),
            () => Other.AppendAsync(Sample.Notes(A, ExpectedVersion.Any, "other"), Ct));

        Assert.All(results, r => Assert.IsType<AppendResult.Appended>(r));
        var stream = await Store.ReadStreamAsync(A, Ct);
        Assert.Equal(Enumerable.Range(1, before + 2).Select(v => ((long)v, (long)v)), stream.Events.Select(e => (e.Version, e.Position)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_two_who_claim_one_name_the_second_is_told_who_has_it(bool isHeldByOneWhoseTimeIsOver)
    {
        var claim = new Claim("demo", "scope", "key", "tip-0", Sample.Noon);
        if (isHeldByOneWhoseTimeIsOver)
        {
            await Store.AppendAsync(Sample.Claiming(claim, Sample.Noon.AddDays(-1)), Ct);
        }

        Change By(string holder) => Sample.Notes(new StreamId("demo", holder), ExpectedVersion.NoStream, "mine") with
        {
            Claims = [claim with { Holder = holder, Until = Sample.Noon.AddDays(1) }],
        };

        var results = await BehindTheHeadAsync(() => Store.AppendAsync(By("tip-1"), Ct), () => Other.AppendAsync(By("tip-2"), Ct));

        Assert.IsType<AppendResult.Appended>(results[0]);
        Assert.Equal("tip-1", Assert.IsType<AppendResult.ClaimTaken>(results[1]).Holder);
        Assert.Equal(1, await Store.ReadHeadAsync(Ct));
    }

    [Fact]
    public async Task Two_who_append_to_the_same_streams_in_opposite_orders_do_not_wait_for_each_other_in_a_circle()
    {
        foreach (var stream in new[] { A, M, Z })
        {
            await Store.AppendAsync(Sample.Notes(stream, ExpectedVersion.NoStream, "before"), Ct);
        }

        Change To(params StreamId[] streams) =>
            new([.. streams.Select(s => new StreamAppend(s, ExpectedVersion.Any, [Sample.Note("now")]))], EventMetadata.None, Sample.Noon);

        // Whoever came from the other side would have its own end of the row by the time the middle is free.
        var gate = await Gate.AtAsync(Database, "select from event_store.mt_streams where id = 'note-m' for update");
        var one = Store.AppendAsync(To(A, M, Z), Ct);
        await WaitingAsync(1);
        var other = Other.AppendAsync(To(Z, M, A), Ct);
        await WaitingAsync(2);
        await gate.DisposeAsync();

        Assert.All(await WithoutACircleAsync(one, other), r => Assert.IsType<AppendResult.Appended>(r));
    }

    [Fact]
    public async Task Two_who_claim_the_same_names_in_opposite_orders_do_not_wait_for_each_other_in_a_circle()
    {
        var names = "amz".Select(k => new Claim("demo", "scope", $"{k}", "tip-0", Sample.Noon.AddDays(-1))).ToArray();
        await Store.AppendAsync(new([], EventMetadata.None, Sample.Noon.AddDays(-2)) { Claims = names }, Ct);

        Change By(string holder, IEnumerable<Claim> claims) => new([], EventMetadata.None, Sample.Noon)
        {
            Claims = [.. claims.Select(c => c with { Holder = holder, Until = Sample.Noon.AddDays(1) })],
        };

        var gate = await Gate.AtAsync(Database, "select from event_store.claims where key = 'm' for update");
        var one = Store.AppendAsync(By("tip-1", names), Ct);
        await WaitingAsync(1);
        var other = Other.AppendAsync(By("tip-2", names.Reverse()), Ct);
        await WaitingAsync(2);
        await gate.DisposeAsync();

        var results = await WithoutACircleAsync(one, other);
        Assert.IsType<AppendResult.Appended>(results[0]);
        Assert.Equal("tip-1", Assert.IsType<AppendResult.ClaimTaken>(results[1]).Holder);
    }

    [Fact]
    public async Task Who_gives_a_name_back_and_who_wants_it_do_not_wait_for_each_other_in_a_circle()
    {
        var claim = new Claim("demo", "scope", "key", "tip-1", Sample.Noon.AddDays(1));
        await Store.AppendAsync(Sample.Claiming(claim, Sample.Noon), Ct);

        var results = await BehindTheHeadAsync(
            () => Store.AppendAsync(Sample.Notes(A, ExpectedVersion.Any, "done") with { Releases = [new("demo", "scope", "tip-1")] }, Ct),
            () => Other.AppendAsync(Sample.Notes(Z, ExpectedVersion.Any, "mine") with { Claims = [claim with { Holder = "tip-2" }] }, Ct));

        Assert.All(results, r => Assert.IsType<AppendResult.Appended>(r));
    }

    [Fact]
    public async Task Who_is_in_a_circle_all_the_same_is_tried_again()
    {
        await Store.AppendAsync(Sample.Notes(A, ExpectedVersion.Any, "before"), Ct);

        // A stranger takes the head first and the stream second: the wrong way round.
        await using var stranger = await Postgres.UnitOfWork.BeginAsync(Database, Ct);
        await using (var head = stranger.Command("select from event_store.log_head for update"))
        {
            await head.ExecuteNonQueryAsync(Ct);
        }

        var append = Store.AppendAsync(Sample.Notes(A, ExpectedVersion.Exactly(1), "now"), Ct);
        await WaitingAsync(1);
        await using (var patience = stranger.Command("set local deadlock_timeout = '1h'; select from event_store.mt_streams for update"))
        {
            await patience.ExecuteNonQueryAsync(Ct);
        }

        await stranger.CommitAsync(Ct);

        Assert.IsType<AppendResult.Appended>(await append);
        Assert.Equal([1, 2], (await Store.ReadLogAsync(0, 10, Ct)).Select(e => e.Position));
    }

    [Fact]
    public async Task Who_gives_up_while_waiting_has_appended_nothing_and_leaves_no_gap()
    {
        using var patience = new CancellationTokenSource();
        var gate = await Gate.AtHeadAsync(Database);
        var append = Store.AppendAsync(Sample.Notes("impatient"), patience.Token);
        await WaitingAsync(1);

        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => append);
        await gate.DisposeAsync();

        await Store.AppendAsync(Sample.Notes("after"), Ct);
        Assert.Equal([(1, "after")], (await Store.ReadLogAsync(0, 10, Ct)).Select(e => (e.Position, Sample.Text(e))));
    }

    [Fact]
    public async Task A_transaction_that_is_rolled_back_with_the_head_in_its_hands_leaves_no_gap()
    {
        await using (await Gate.AtAsync(Database, "update event_store.log_head set position = position + 7"))
        {
        }

        await Store.AppendAsync(Sample.Notes("first"), Ct);

        Assert.Equal(1, Assert.Single(await Store.ReadLogAsync(0, 10, Ct)).Position);
    }

    private async Task<AppendResult[]> BehindTheHeadAsync(Func<Task<AppendResult>> first, Func<Task<AppendResult>> second)
    {
        var gate = await Gate.AtHeadAsync(Database);
        var one = first();
        await WaitingAsync(1);
        var other = second();
        await WaitingAsync(2);
        await gate.DisposeAsync();
        return await WithoutACircleAsync(one, other);
    }

    private Task WaitingAsync(int sessions) =>
        Eventually.HoldsAsync($"{sessions} sessions wait for a lock", async () => await Database.WaitingSessionsAsync() == sessions, Ct);

    /// <summary>Waits for both. The database would break a circle after a second, and ours would try again: so it is looked for.</summary>
    private async Task<AppendResult[]> WithoutACircleAsync(params Task<AppendResult>[] appends)
    {
        var both = Task.WhenAll(appends);
        await Eventually.HoldsAsync(
            "both are through",
            async () =>
            {
                Assert.Equal("0", await Database.TextAsync(Circles));
                return both.IsCompleted;
            },
            Ct);
        return await both;
    }
}
