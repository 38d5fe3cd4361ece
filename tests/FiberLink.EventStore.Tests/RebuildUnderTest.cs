using FiberLink.EventStore.Projections;
using FiberLink.EventStore.Rebuilding;
using FiberLink.Postgres;
using FiberLink.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>A database with one read model in a schema of its own: every note, and how many notes a stream has.</summary>
public sealed class TalliedNotes : IAsyncLifetime
{
    private const string Script =
        """
        create schema if not exists shown;

        -- Every note, as it was said: 'shown.notes'.
        create table shown.notes (
            position bigint not null constraint pk_notes primary key,
            text     text   not null constraint shows_no_poison check (text <> 'poison'),
            seen     int    null
        );

        create index notes_by_text on shown.notes (md5(text));
        """;

    private const string Change =
        "create table shown.counts (stream text not null constraint pk_counts primary key, count bigint not null, last bigint not null)";

    private TestDatabase? _database;

    public static ReadModelTables Tables { get; } =
        new("shown", ["notes", "counts"], [new("9000_notes", Script), new("9001_counts", Change)])
        {
            NotFromEvents = [new("notes", "seen")],
        };

    public NpgsqlDataSource Database => _database!.DataSource;

    public string ConnectionString => _database!.ConnectionString;

    public async ValueTask InitializeAsync() =>
        _database = await TestDatabase.CreateAsync([.. EventStoreSchema.Migrations, .. Tables.Migrations]);

    public ValueTask DisposeAsync() => _database!.DisposeAsync();

    public Task ResetAsync() => Database.ExecuteAsync($"{EmptyLog.Sql} truncate shown.notes, shown.counts");
}

/// <summary>Keeps that read model. Twice shown is seen twice in it.</summary>
internal sealed class Tally : IProjection
{
    /// <summary>A statement before the rows'.</summary>
    public string? Before { get; set; }

    /// <summary>What the rows are written into.</summary>
    public string Notes { get; set; } = "shown.notes";

    public string Name => "Tally";

    public bool IsByStream { get; set; }

    public void Project(IReadOnlyList<RecordedEvent> events, NpgsqlBatch batch)
    {
        if (Before is { } sql)
        {
            batch.Add(sql);
        }

        batch.Add(
            $"insert into {Notes} (position, text) select * from unnest($1::bigint[], $2::text[])",
            new() { Value = events.Select(e => e.Position).ToArray() },
            new() { Value = events.Select(Sample.Text).ToArray() });
        batch.Add(
            """
            insert into shown.counts as c (stream, count, last)
            select s.stream, count(*), max(s.position) from unnest($1::text[], $2::bigint[]) as s (stream, position) group by s.stream
            on conflict on constraint pk_counts do update set count = c.count + excluded.count, last = excluded.last
            """,
            new() { Value = events.Select(e => e.Stream.Key).ToArray() },
            new() { Value = events.Select(e => e.Position).ToArray() });
    }
}

/// <summary>The read model as one test uses it: inline or async, with what appends, shows and rebuilds it.</summary>
internal sealed class TallyScene(NpgsqlDataSource database, ProjectionLifecycle lifecycle)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>So that a few thousand notes are several pages.</summary>
    public const int PageEvents = 2_000;

    public Tally Tally { get; } = new();

    public ReadModel Model => new(Tally, lifecycle, "test") { Tables = TalliedNotes.Tables };

    /// <summary>Another instance of the program: nothing is shared but the database.</summary>
    public PostgresEventStore Store(NpgsqlDataSource? from = null) =>
        new(from ?? database, Sample.Catalogue, lifecycle is ProjectionLifecycle.Inline ? [Tally] : [], []);

    public ProjectionRebuild Rebuild => new(database, Store(), TimeProvider.System);

    /// <summary>Into how many shards the daemon splits an async one.</summary>
    public int Shards { get; set; } = 1;

    public ProjectionDaemon Daemon => new(
        database,
        Store(),
        [Tally],
        "test",
        new ManualTime(),
        NullLogger<ProjectionDaemon>.Instance,
        RunningDaemon.Split("Tally", Shards));

    public Task<RebuildOutcome> RebuildAsync(int parallel = 1, IProgress<RebuildProgress>? progress = null, CancellationToken? ct = null) =>
        Rebuild.RunAsync(Model, new() { Parallel = parallel, PageEvents = PageEvents }, progress, ct ?? Ct);

    /// <summary>Appends so many notes to so many streams, and shows them.</summary>
    public async Task LiveAsync(int notes, int streams = 7)
    {
        foreach (var part in Enumerable.Range(1, notes).Chunk(Change.EventsMax))
        {
            var appends = part.GroupBy(i => i % streams).Select(s => new StreamAppend(
                new("demo", $"note-{s.Key}"), ExpectedVersion.Any, [.. s.Select(i => Sample.Note($"{i}"))]));
            Assert.IsType<AppendResult.Appended>(await Store().AppendAsync(new([.. appends], EventMetadata.None, Sample.Noon), Ct));
        }

        await ShowAsync();
    }

    public async Task AppendAsync(string stream, params string[] texts) =>
        Assert.IsType<AppendResult.Appended>(
            await Store().AppendAsync(Sample.Notes(new("demo", stream), ExpectedVersion.Any, texts), Ct));

    /// <summary>Brings an async one up to date.</summary>
    public Task ShowAsync() => lifecycle is ProjectionLifecycle.Async ? Daemon.CatchUpAsync(Ct) : Task.CompletedTask;

    public Task<IReadOnlyList<string>> RowsAsync() => database.TextsAsync(
        """
        select 'note ' || t::text from shown.notes as t union all select 'count ' || c::text from shown.counts as c order by 1
        """);

    /// <summary>What the log says, counted by hand.</summary>
    public Task<IReadOnlyList<string>> RecountAsync() => database.TextsAsync(
        """
        select 'note ' || row(e.seq_id, e.data ->> 'text', null)::text from event_store.mt_events as e
        union all
        select 'count ' || row(stream_id, count(*), max(seq_id))::text from event_store.mt_events group by stream_id
        order by 1
        """);

    public async Task AssertShowsTheLogOnceAsync() => Assert.Equal(await RecountAsync(), await RowsAsync());

    public Task<string> TableIdAsync() => database.TextAsync("select 'shown.notes'::regclass::oid");
}

/// <summary>Does something at each report, in the middle of the rebuild.</summary>
internal sealed class OnProgress(Action<RebuildProgress> act) : IProgress<RebuildProgress>
{
    public void Report(RebuildProgress value) => act(value);
}
