using System.Collections.Concurrent;
using FiberLink.EventStore.Projections;
using FiberLink.EventStore.Subscriptions;
using FiberLink.Postgres;
using FiberLink.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>Handlers see every event in order: at least once, and exactly once in what they write with their position.</summary>
public sealed class Subscribing(ShownNotes notes) : IClassFixture<ShownNotes>, IAsyncLifetime
{
    private readonly ManualTime _time = new();

    private NpgsqlDataSource Database => notes.Database;

    private PostgresEventStore Store => new(Database, Sample.Catalogue, [], []);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await notes.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_handler_s_rows_and_its_position_are_one_transaction()
    {
        var handler = new Handler();
        await AppendAsync("a", "b", "poison", "c");
        await using var daemon = new RunningDaemon(Daemon(handler));

        await Eventually.HoldsAsync(
            "it stands before the third",
            async () => await Database.TextsAsync(
                "select concat_ws(' ', state, failed_position) from event_store.projection_state") is ["failing 3"],
            Ct);
        Assert.Equal(["a", "b"], await RowsAsync());
        Assert.Equal("2", await PositionAsync());

        handler.WithoutRows = true;
        await Eventually.HoldsAsync(
            "it goes on",
            async () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return await PositionAsync() == "4";
            },
            Ct);

        // Outside of its transaction it was told of the first ones twice: as a page, and one by one.
        Assert.Equal(["a", "b", "poison", "c", "a", "b", "poison"], handler.Seen.Take(7));
        Assert.Equal(["a", "b"], await RowsAsync());
    }

    [Fact]
    public async Task What_a_handler_throws_makes_it_stand_before_the_event_until_it_is_gone()
    {
        var handler = new Handler { Throws = "b" };
        await AppendAsync("a", "b", "c");
        await using var daemon = new RunningDaemon(Daemon(handler));
        await Eventually.HoldsAsync(
            "it stands",
            async () => await Database.TextsAsync(
                "select last_error from event_store.projection_state where failed_position = 2") is [var error]
                && error.Contains("no b today", StringComparison.Ordinal),
            Ct);

        handler.Throws = null;
        await Eventually.HoldsAsync(
            "it goes on",
            async () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return await PositionAsync() == "3";
            },
            Ct);
        Assert.Equal(["a", "b", "c"], await RowsAsync());
    }

    [Fact]
    public async Task It_begins_where_it_says_and_afterwards_goes_on_from_where_it_was()
    {
        await AppendAsync("a", "b", "c");
        await Daemon(new Handler { Start = SubscriptionStart.Now }).CatchUpAsync(Ct);
        Assert.Empty(await RowsAsync());
        await AppendAsync("d");
        await Daemon(new Handler { Start = SubscriptionStart.Now }).CatchUpAsync(Ct);
        Assert.Equal(["d"], await RowsAsync());

        await Daemon(new Handler { Name = "other", Start = new SubscriptionStart.After(2) }).CatchUpAsync(Ct);
        Assert.Equal(["c", "d", "d"], await RowsAsync());
    }

    [Fact]
    public async Task It_is_given_what_its_filter_admits_and_moves_past_the_rest()
    {
        await Store.AppendAsync(Sample.Notes(new("demo", "note-1"), ExpectedVersion.Any, "wanted"), Ct);
        await Store.AppendAsync(Sample.Notes(new("other", "note-1"), ExpectedVersion.Any, "of another tenant"), Ct);
        await Store.AppendAsync(Sample.Notes(new("demo", "tip-1"), ExpectedVersion.Any, "of another kind"), Ct);
        var filter = new LogFilter { Tenant = "demo", StreamPrefix = "note-", Names = new HashSet<string> { "noted.v1" } };

        await Daemon(new Handler { Filter = filter }).CatchUpAsync(Ct);
        Assert.Equal(["wanted"], await RowsAsync());
        Assert.Equal("3", await PositionAsync());

        await Daemon(new Handler { Name = "none", Filter = filter with { Names = new HashSet<string> { "x" } } }).CatchUpAsync(Ct);
        Assert.Equal(["wanted"], await RowsAsync());
    }

    [Fact]
    public async Task It_is_never_given_more_at_once_than_it_asks_for()
    {
        var handler = new Handler { PageEventsMax = 2 };
        await AppendAsync("a", "b", "c", "d", "e");
        await Daemon(handler).CatchUpAsync(Ct);
        Assert.Equal([2, 2, 1], handler.Pages);
    }

    [Fact]
    public async Task Its_status_is_read_beside_those_of_the_read_models()
    {
        var handler = new Handler();
        await AppendAsync("a", "b");
        var idle = Assert.Single(await ProjectionStatus.ReadAsync(Database, [], [handler], Ct));
        Assert.Equal(("idle", 2L, true), (idle.State, idle.Lag, idle.LagTime > TimeSpan.Zero));

        await using (var daemon = new RunningDaemon(Daemon(handler)))
        {
            await Eventually.HoldsAsync(
                "it runs", async () => (await ProjectionStatus.ReadAsync(Database, [], [handler], Ct))[0].State == "running", Ct);
            var status = Assert.Single(await ProjectionStatus.ReadAsync(Database, [], [handler], Ct));
            Assert.Equal(
                new("handler", ProjectionKind.Subscription, "All", 2, 2, TimeSpan.Zero, "running", "one", null, null), status);
        }

        Assert.Equal("standing by", (await ProjectionStatus.ReadAsync(Database, [], [handler], Ct))[0].State);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Followers_see_no_seam_between_what_was_there_and_what_comes(int seed)
    {
        const int events = 300;
        var draw = new Queue<int>(Enumerable.Range(1, 1_000).Select(i => i * (7_919 + (seed * 104_729)) % 10_007));
        var daemon = Daemon();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var seen = Enumerable.Range(0, 8).Select(_ => new ConcurrentQueue<long>()).ToArray();
        var starts = seen.Select(_ => draw.Dequeue() % (events / 2)).ToArray();
        var followers = seen.Select((_, i) => Task.Run(() => FollowAsync(daemon.Log, starts[i], seen[i], stop.Token), Ct)).ToArray();
        var written = 0;
        while (written < events)
        {
            var size = Math.Min(1 + (draw.Dequeue() % 5), events - written);
            await AppendAsync([.. Enumerable.Range(written, size).Select(n => $"{n}")]);
            written += size;
            if (draw.Dequeue() % 3 > 0)
            {
                daemon.Wake();
            }
        }

        daemon.Wake();
        await Eventually.HoldsAsync("all have seen the last", () => seen.All(s => s.LastOrDefault() == events), Ct);
        await stop.CancelAsync();
        await Task.WhenAll(followers);
        foreach (var (positions, start) in seen.Zip(starts))
        {
            Assert.Equal(Enumerable.Range(start + 1, events - start).Select(p => (long)p), positions);
        }
    }

    private static async Task FollowAsync(LogSubscription log, long after, ConcurrentQueue<long> seen, CancellationToken ct)
    {
        try
        {
            await foreach (var @event in log.FollowAsync(after, null, ct))
            {
                seen.Enqueue(@event.Position);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The test has seen enough.
        }
    }

    private ProjectionDaemon Daemon(params ISubscription[] subscriptions) =>
        new(Database, Store, [], "one", _time, NullLogger<ProjectionDaemon>.Instance, new() { PageEvents = 7 }, subscriptions);

    private Task<AppendResult> AppendAsync(params string[] texts) => Store.AppendAsync(Sample.Notes(texts), Ct);

    private Task<IReadOnlyList<string>> RowsAsync() => Database.TextsAsync("select text from first_notes order by position, text");

    private Task<string> PositionAsync() =>
        Database.TextAsync("select last_seq_id from event_store.mt_event_progression where name = 'handler:All'");

    private sealed class Handler : ISubscription
    {
        public string Name { get; init; } = "handler";

        public LogFilter Filter { get; init; } = LogFilter.Everything;

        public SubscriptionStart Start { get; init; } = SubscriptionStart.Beginning;

        public int PageEventsMax { get; init; } = int.MaxValue;

        public bool WithoutRows { get; set; }

        public string? Throws { get; set; }

        public ConcurrentQueue<string> Seen { get; } = new();

        public ConcurrentQueue<int> Pages { get; } = new();

        public Task HandleAsync(IReadOnlyList<RecordedEvent> events, NpgsqlBatch batch, CancellationToken ct)
        {
            Pages.Enqueue(events.Count);
            foreach (var @event in events)
            {
                Seen.Enqueue(Sample.Text(@event));
                if (Sample.Text(@event) == Throws)
                {
                    throw new InvalidOperationException($"There is no {Throws} today.");
                }

                if (!WithoutRows)
                {
                    batch.Add(
                        "insert into first_notes values ($1, $2)",
                        new() { Value = @event.Position },
                        new() { Value = Sample.Text(@event) });
                }
            }

            return Task.CompletedTask;
        }
    }
}
