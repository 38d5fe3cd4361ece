using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>Loads that are wanted at one time share a statement, and nothing else.</summary>
public sealed class Streams_that_are_loaded_together(LogOnPostgres log) : IClassFixture<LogOnPostgres>, IAsyncLifetime
{
    // Two statements are under way at most, each for 64 streams at most.
    private const int Statements = 2;
    private const int Together = 64;

    private readonly NpgsqlDataSource _patient = log.OpenWithoutTimeout();

    private IEventStore Store => field ??= new PostgresEventStore(_patient, Sample.Catalogue, [], []);

    private NpgsqlDataSource Database => log.Database;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await log.ResetAsync();
        var appends = Enumerable.Range(0, 200).Select(i => new StreamAppend(
            Stream(i), ExpectedVersion.NoStream, [.. Enumerable.Range(0, 1 + (i % 3)).Select(n => Sample.Note($"{i}/{n}"))]));
        foreach (var some in appends.Chunk(100))
        {
            await Store.AppendAsync(new(some, EventMetadata.None, Sample.Noon), Ct);
        }
    }

    public ValueTask DisposeAsync() => _patient.DisposeAsync();

    [Fact]
    public async Task Are_each_answered_with_their_own_events_in_order()
    {
        using var seen = new SizesSeen();
        var loads = await LoadBehindGateAsync(Enumerable.Range(0, Statements + Together + 7).Select(Stream));

        for (var i = 0; i < loads.Length; i++)
        {
            var stream = await loads[i];
            Assert.Equal((Stream(i), 1 + (i % 3)), (stream.Id, stream.Version));
            Assert.Equal(Enumerable.Range(0, 1 + (i % 3)).Select(n => $"{i}/{n}"), stream.Events.Select(Sample.Text));
            Assert.Equal(Enumerable.Range(1, 1 + (i % 3)).Select(v => (long)v), stream.Events.Select(e => e.Version));
            Assert.All(stream.Events, e => Assert.Equal(Stream(i), e.Stream));
        }

        Assert.Equal([1, 1, 7, Together], seen.Sizes.Order());
    }

    [Fact]
    public async Task Are_those_that_wait_and_a_lone_caller_waits_for_nobody()
    {
        using var seen = new SizesSeen();
        await Store.ReadStreamAsync(Stream(1), Ct);
        await Store.ReadStreamAsync(Stream(2), Ct);

        var loads = await LoadBehindGateAsync([Stream(3), Stream(4)]);
        await Task.WhenAll(loads);

        Assert.Equal([1, 1, 1, 1], seen.Sizes);
    }

    [Fact]
    public async Task Include_streams_that_do_not_exist_and_one_that_several_ask_for()
    {
        StreamId nobody = new("demo", "nobody"), noone = new("demo", "noone"), neither = new("demo", "neither");
        var loads = await LoadBehindGateAsync([Stream(0), Stream(0), nobody, Stream(5), Stream(5), nobody, Stream(8), noone, neither]);

        Assert.Equal([1, 1, 0, 3, 3, 0, 3, 0, 0], (await Task.WhenAll(loads)).Select(s => s.Version));
        Assert.Equal(["5/0", "5/1", "5/2"], (await loads[4]).Events.Select(Sample.Text));
        Assert.Empty((await loads[2]).Events);
    }

    [Fact]
    public async Task Fail_alone_when_one_has_an_event_that_cannot_be_read()
    {
        await Database.ExecuteAsync("update event_store.mt_events set type = 'unheard.v1' where stream_id = 'note-5' and version = 2");

        var loads = await LoadBehindGateAsync([Stream(0), Stream(1), Stream(2), Stream(5), Stream(6), Stream(5), Stream(8)]);

        foreach (var unreadable in new[] { loads[3], loads[5] })
        {
            var unread = await Assert.ThrowsAsync<UnreadableEventException>(() => unreadable);
            Assert.Contains("unheard.v1", unread.Message, StringComparison.Ordinal);
        }

        Assert.Equal([1, 2, 3, 1, 3], (await Task.WhenAll([.. loads[..3], loads[4], loads[6]])).Select(s => s.Version));
    }

    [Fact]
    public async Task Fail_alone_when_one_is_longer_than_any_may_be_or_has_a_hole()
    {
        await Database.ExecuteAsync(
            $"""
            insert into event_store.mt_streams (tenant_id, id, version) values ('demo', 'note-long', 1);
            insert into event_store.mt_events (seq_id, id, tenant_id, stream_id, version, data, type)
            select 1000 + n, gen_random_uuid(), 'demo', 'note-long', n, first.data, 'noted.v1'
              from generate_series(1, {EventStoreLimits.StreamEventsMax} + 1) as n, event_store.mt_events as first
             where first.seq_id = 1;
            delete from event_store.mt_events where stream_id = 'note-5' and version = 2
            """);
        StreamId tooLong = new("demo", "note-long");

        var loads = await LoadBehindGateAsync([Stream(0), Stream(1), Stream(2), tooLong, Stream(5), Stream(8)]);

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => loads[3]);
        var broken = await Assert.ThrowsAsync<InvalidOperationException>(() => loads[4]);
        Assert.Contains("read it in parts", refused.Message, StringComparison.Ordinal);
        Assert.Contains("missing", broken.Message, StringComparison.Ordinal);
        Assert.Equal(3, (await loads[5]).Version);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Store.ReadStreamAsync(Stream(5), Ct));
    }

    [Fact]
    public async Task Are_left_at_once_by_who_gives_up_and_the_others_do_not_notice()
    {
        using var seen = new SizesSeen();
        using var gone = new CancellationTokenSource();
        var gate = await CloseAsync();
        var first = Load(Enumerable.Range(0, Statements).Select(Stream));
        var waiting = Load([Stream(3)], gone.Token).Concat(Load([Stream(4)])).Concat(Load([Stream(5)], gone.Token)).ToArray();
        await Eventually.HoldsAsync("two are under way", async () => await Database.WaitingSessionsAsync() == Statements, Ct);

        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting[0]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting[2]);

        Assert.False(waiting[1].IsCompleted);
        await gate.DisposeAsync();
        Assert.Equal(2, (await waiting[1]).Version);
        await Task.WhenAll(first);
        Assert.Equal([1, 1, 1], seen.Sizes);
    }

    [Fact]
    public async Task Are_read_to_the_end_for_the_others_when_the_one_who_reads_for_all_gives_up()
    {
        using var gone = new CancellationTokenSource();

        var loads = await InOneStatementAsync(() => gone.CancelAsync(), gone.Token, Ct);

        Assert.Equal([2, 3], (await Task.WhenAll(loads[1..])).Select(s => s.Version));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => loads[0]);
        Assert.Equal(1, (await Store.ReadStreamAsync(Stream(6), Ct)).Version);
    }

    [Fact]
    public async Task End_their_statement_when_nobody_wants_it_any_more()
    {
        using var gone = new CancellationTokenSource();

        var loads = await InOneStatementAsync(
            async () =>
            {
                await gone.CancelAsync();
                await Eventually.HoldsAsync("none is under way", async () => await Database.WaitingSessionsAsync() == 0, Ct);
            },
            gone.Token,
            gone.Token);

        foreach (var load in loads)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => load);
        }

        Assert.Equal(1, (await Store.ReadStreamAsync(Stream(6), Ct)).Version);
    }

    [Fact]
    public async Task Fail_together_when_their_session_dies()
    {
        var loads = await InOneStatementAsync(Database.EndWaitingSessionsAsync, Ct, Ct);

        foreach (var load in loads)
        {
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => load);
        }

        Assert.Equal(1, (await Store.ReadStreamAsync(Stream(6), Ct)).Version);
    }

    [Fact]
    public async Task Are_not_lost_with_the_session_of_another_statement()
    {
        var gate = await CloseAsync();
        var first = Load(Enumerable.Range(0, Statements).Select(Stream));
        await Eventually.HoldsAsync("two are under way", async () => await Database.WaitingSessionsAsync() == Statements, Ct);
        var waiting = Load([Stream(3), Stream(4), Stream(5)]);

        await Database.EndWaitingSessionsAsync();
        foreach (var broken in first)
        {
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => broken);
        }

        await gate.DisposeAsync();
        Assert.Equal([1, 2, 3], (await Task.WhenAll(waiting)).Select(s => s.Version));
    }

    [Fact]
    public async Task Show_what_was_committed_before_they_were_asked_for()
    {
        var streams = Enumerable.Range(0, 3).Select(Stream).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 12).Select(w => Task.Run(
            async () =>
            {
                for (var i = 0; i < 15; i++)
                {
                    var stream = streams[(w + i) % 3];
                    var result = await Store.AppendAsync(Sample.Notes(stream, ExpectedVersion.Any, "x"), Ct);
                    var written = Assert.IsType<AppendResult.Appended>(result).Events[^1];
                    var read = await Store.ReadStreamAsync(stream, Ct);
                    Assert.Equal(written, read.Events[(int)written.Version - 1]);
                }
            },
            Ct)));
    }

    [Fact]
    public async Task Are_all_answered_however_many_come_and_go()
    {
        await Task.WhenAll(Enumerable.Range(0, 40).Select(w => Task.Run(
            async () =>
            {
                for (var i = 0; i < 50; i++)
                {
                    using var gone = new CancellationTokenSource();
                    var at = ((w * 31) + (i * 7)) % 200;
                    var load = Store.ReadStreamAsync(Stream(at), gone.Token);
                    if ((w + i) % 4 == 0)
                    {
                        await gone.CancelAsync();
                        await ((Task)load).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    }
                    else
                    {
                        Assert.Equal(1 + (at % 3), (await load).Version);
                    }
                }
            },
            Ct)));

        Assert.Equal(1, (await Store.ReadStreamAsync(Stream(0), Ct)).Version);
    }

    private static StreamId Stream(int number) => new("demo", $"note-{number}");

    private Task<Gate> CloseAsync() => Gate.AtAsync(Database, "lock table event_store.mt_events in access exclusive mode");

    private Task<EventStream>[] Load(IEnumerable<StreamId> streams, CancellationToken? ct = null) =>
        [.. streams.Select(s => Store.ReadStreamAsync(s, ct ?? Ct))];

    /// <summary>Three loads that share a statement, the first of them running it, and what happens while it is under way.</summary>
    private async Task<Task<EventStream>[]> InOneStatementAsync(Func<Task> meanwhile, CancellationToken first, CancellationToken others)
    {
        var gate = await CloseAsync();
        var before = Load(Enumerable.Range(0, Statements).Select(Stream));
        var loads = Load([Stream(3)], first).Concat(Load([Stream(4), Stream(5)], others)).ToArray();
        await Eventually.HoldsAsync("two are under way", async () => await Database.WaitingSessionsAsync() == Statements, Ct);

        // The gate opens for the two and closes behind them: the third statement stands before it.
        var second = CloseAsync();
        await Eventually.HoldsAsync("the next gate waits", async () => await Database.WaitingSessionsAsync() == Statements + 1, Ct);
        await gate.DisposeAsync();
        await Task.WhenAll(before);
        await using (await second)
        {
            await Eventually.HoldsAsync("the third is under way", async () => await Database.WaitingSessionsAsync() == 1, Ct);
            await meanwhile();
        }

        return loads;
    }

    /// <summary>Asks for all while none can be read.</summary>
    private async Task<Task<EventStream>[]> LoadBehindGateAsync(IEnumerable<StreamId> streams)
    {
        await using var gate = await CloseAsync();
        var loads = Load(streams);
        await Eventually.HoldsAsync("two are under way", async () => await Database.WaitingSessionsAsync() == Statements, Ct);
        Assert.All(loads, l => Assert.False(l.IsCompleted));
        return loads;
    }
}
