using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using FiberLink.EventStore.Snapshots;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>What snapshots cost, and what happens between two who write them.</summary>
public sealed class Snapshots_on_PostgreSQL(LogOnPostgres log) : IClassFixture<LogOnPostgres>, IAsyncLifetime
{
    private readonly SnapshotOf<NotesSeen> _of = SampleStates.Notes();
    private readonly LinesLogged<StreamSnapshots> _logged = new();

    private NpgsqlDataSource Database => log.Database;

    private IEventStore Store { get; } = log.Open(Sample.Catalogue);

    private ISnapshotStore Snapshots { get; } = log.Snapshots(Sample.Catalogue);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await log.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData(2, 3)]
    [InlineData(3, 2)]
    public async Task Of_two_writers_who_overlap_the_later_state_stays(long first, long second)
    {
        await Store.AppendAsync(Sample.Notes("a", "b", "c"), Ct);
        await Snapshots.WriteAsync(Sample.Stream, At(1), Ct);
        var gate = await Gate.AtAsync(Database, "select * from event_store.snapshots for update");

        var earlier = Snapshots.WriteAsync(Sample.Stream, At(first), Ct);
        await Eventually.HoldsAsync("one waits", async () => await Database.WaitingSessionsAsync() == 1, Ct);
        var later = Snapshots.WriteAsync(Sample.Stream, At(second), Ct);
        await Eventually.HoldsAsync("both wait", async () => await Database.WaitingSessionsAsync() == 2, Ct);
        await gate.DisposeAsync();
        await Task.WhenAll(earlier, later);

        Assert.Equal("3", await Database.TextAsync("select version from event_store.snapshots"));
    }

    [Fact]
    public async Task A_load_from_a_snapshot_is_one_round_trip()
    {
        await Store.AppendAsync(Sample.Notes("a", "b"), Ct);
        await OpenAsync(_of);
        await Store.AppendAsync(Sample.Notes("c"), Ct);

        using var seen = new StatementsSeen();
        var loaded = await OpenAsync(SampleStates.Notes(tail: 2));

        Assert.Equal(["a", "b", "c"], loaded.State.Last);
        Assert.Single(seen.Statements);
    }

    [Fact]
    public async Task A_snapshot_that_cannot_be_written_fails_nobody()
    {
        await Store.AppendAsync(Sample.Notes("a"), Ct);
        var unstorable = new SnapshotOf<NotesSeen>(
            "notes", NotesSeen.None, (s, e) => NotesSeen.Fold(s, e) with { Last = ["\0"] }, StatesJson.Default.NotesSeen, tailEventsMin: 1);

        Assert.Equal(["\0"], (await OpenAsync(unstorable)).State.Last);

        Assert.Contains("could not be written", Assert.Single(_logged.Lines), StringComparison.Ordinal);
        Assert.Equal("0", await Database.TextAsync("select count(*) from event_store.snapshots"));
    }

    [Fact]
    public async Task A_stream_with_a_hole_after_its_snapshot_is_an_error()
    {
        await Store.AppendAsync(Sample.Notes("a"), Ct);
        await OpenAsync(_of);
        await Store.AppendAsync(Sample.Notes("b", "c"), Ct);
        await Database.ExecuteAsync("delete from event_store.mt_events where version = 2");

        await Assert.ThrowsAsync<InvalidOperationException>(() => OpenAsync(_of));
    }

    private Task<StreamState<NotesSeen>> OpenAsync(SnapshotOf<NotesSeen> of) =>
        new StreamSnapshots(Snapshots, new ManualTime(), _logged).LoadAsync(Sample.Stream, of, Ct);

    private StoredSnapshot At(long version) =>
        new(_of.Name, _of.Shape, version, version, Encoding.UTF8.GetBytes(SampleStates.Written(NotesSeen.None)), Sample.Noon);

    /// <summary>The statements that are sent on behalf of whoever made this.</summary>
    private sealed class StatementsSeen : IDisposable
    {
        private readonly AsyncLocal<StatementsSeen?> _mine = new();
        private readonly ConcurrentQueue<string> _statements = [];
        private readonly ActivityListener _listener;

        public StatementsSeen()
        {
            _mine.Value = this;
            _listener = new()
            {
                ShouldListenTo = s => s.Name == "Npgsql",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
                ActivityStarted = a =>
                {
                    if (_mine.Value == this)
                    {
                        _statements.Enqueue(a.DisplayName);
                    }
                },
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public IReadOnlyCollection<string> Statements => _statements;

        public void Dispose() => _listener.Dispose();
    }
}
