using System.Globalization;
using FiberLink.EventStore.Projections;
using FiberLink.EventStore.Rebuilding;
using FiberLink.Postgres;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>Appends, reads and comparisons go on while a read model is rebuilt again and again.</summary>
public sealed class A_rebuild_under_way(TalliedNotes notes) : IClassFixture<TalliedNotes>, IAsyncLifetime
{
    private const int Writers = 3;
    private const int Rebuilds = 4;

    // One statement, one snapshot: both tables, and what the log says.
    private const string Look =
        """
        select n.count, n.last, c.sum, head.position
          from (select count(*), coalesce(max(position), 0) as last from shown.notes) as n,
               (select coalesce(sum(count), 0)::bigint as sum from shown.counts) as c,
               event_store.log_head as head
        """;

    private readonly CancellationTokenSource _enough = new();
    private readonly ManualTime _time = new();
    private NpgsqlDataSource? _preparing;

    private NpgsqlDataSource Database => notes.Database;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await notes.ResetAsync();
        _preparing = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(notes.ConnectionString) { MaxAutoPrepare = 50, AutoPrepareMinUsages = 2 });
    }

    public async ValueTask DisposeAsync()
    {
        _enough.Dispose();
        await _preparing!.DisposeAsync();
    }

    [Theory]
    [InlineData(ProjectionLifecycle.Inline, 1)]
    [InlineData(ProjectionLifecycle.Inline, 3)]
    [InlineData(ProjectionLifecycle.Async, 1)]
    public async Task Fails_no_append_and_shows_no_reader_anything_wrong(ProjectionLifecycle lifecycle, int parallel)
    {
        var scene = new TallyScene(Database, lifecycle) { Tally = { IsByStream = true } };
        await scene.LiveAsync(5_000);
        await using var daemon = lifecycle is ProjectionLifecycle.Async
            ? new RunningDaemon(Database, "test", _time, scene.Tally)
            : null;
        Task[] others =
        [
            .. Enumerable.Range(0, Writers).Select(w => WriteAsync(scene.Store(_preparing), w)),
            ReadAsync(lifecycle),
            MoveClockAsync(),
        ];
        try
        {
            for (var i = 0; i < Rebuilds; i++)
            {
                Assert.IsType<RebuildOutcome.TookOver>(await scene.RebuildAsync(parallel));
                var compared = await new ProjectionVerification(Database, scene.Store(), TimeProvider.System)
                    .RunAsync(scene.Model, new() { Parallel = parallel }, null, Ct);
                Assert.True(Assert.IsType<VerifyOutcome.Compared>(compared).IsSame);
            }
        }
        finally
        {
            await _enough.CancelAsync();
            await Task.WhenAll(others);
        }

        if (daemon is not null)
        {
            await Eventually.HoldsAsync(
                "the daemon is there",
                async () =>
                {
                    _time.Advance(TimeSpan.FromSeconds(1));
                    return await Database.TextAsync(
                        "select last_seq_id = (select position from event_store.log_head) from event_store.mt_event_progression") == "True";
                },
                Ct);
        }

        await scene.AssertShowsTheLogOnceAsync();
    }

    private async Task WriteAsync(PostgresEventStore store, int writer)
    {
        for (var i = 0; !_enough.IsCancellationRequested; i++)
        {
            var change = Sample.Notes(new("demo", $"writer-{writer}-{i % 5}"), ExpectedVersion.Any, $"{writer}/{i}", "and");
            Assert.IsType<AppendResult.Appended>(await store.AppendAsync(change, Ct));
        }
    }

    private async Task ReadAsync(ProjectionLifecycle lifecycle)
    {
        var before = 0L;
        while (!_enough.IsCancellationRequested)
        {
            await using var command = _preparing!.Command(Look);
            await using var reader = await command.ExecuteReaderAsync(Ct);
            await reader.ReadAsync(Ct);
            var (count, last, sum, head) = (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3));
            var seen = string.Create(CultureInfo.InvariantCulture, $"{before} then {count} notes to {last}, {sum} counted, head {head}");
            Assert.True(count == last && count == sum && count >= before, seen);
            Assert.True(lifecycle is ProjectionLifecycle.Inline ? count == head : count <= head, seen);
            before = count;
        }
    }

    /// <summary>The daemon looks and pauses by this clock.</summary>
    private async Task MoveClockAsync()
    {
        while (!_enough.IsCancellationRequested)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Ct);
        }
    }
}
