using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using FiberLink.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>A database with two read models that show notes: each keeps every note, and counts the notes of a stream.</summary>
public sealed class ShownNotes : IAsyncLifetime
{
    private const string Tables =
        """
        create table {0}_notes (position bigint not null, text text not null, constraint {0}_shows_no_poison check (text <> 'poison'));
        create table {0}_counts (stream text primary key, count bigint not null);
        """;

    private TestDatabase? _database;

    public NpgsqlDataSource Database => _database!.DataSource;

    public async ValueTask InitializeAsync() =>
        _database = await TestDatabase.CreateAsync(
        [
            .. EventStoreSchema.Migrations,
            new("9000_first", Tables.Replace("{0}", "first", StringComparison.Ordinal)),
            new("9001_second", Tables.Replace("{0}", "second", StringComparison.Ordinal)),
        ]);

    public ValueTask DisposeAsync() => _database!.DisposeAsync();

    public Task ResetAsync() =>
        Database.ExecuteAsync($"{EmptyLog.Sql} truncate first_notes, first_counts, second_notes, second_counts");
}

/// <summary>Keeps one of the read models. Twice shown is seen twice in it.</summary>
internal sealed class NotesProjection(string name) : IProjection
{
    /// <summary>A note with this text makes the projection itself stumble, before the database sees it.</summary>
    public const string Stumble = "stumble";

    public string Name => name;

    public bool IsByStream => true;

    /// <summary>Whether <see cref="Stumble"/> has its effect.</summary>
    public bool Stumbles { get; set; } = true;

    /// <summary>A statement that runs between progress and rows.</summary>
    public string? Between { get; set; }

    public void Project(IReadOnlyList<RecordedEvent> events, NpgsqlBatch batch)
    {
        if (Stumbles && events.Any(e => Sample.Text(e) == Stumble))
        {
            throw new InvalidOperationException("The projection stumbled.");
        }

        if (Between is { } sql)
        {
            batch.Add(sql);
        }

        batch.Add(
            $"insert into {name}_notes (position, text) select * from unnest($1::bigint[], $2::text[])",
            new() { Value = events.Select(e => e.Position).ToArray() },
            new() { Value = events.Select(Sample.Text).ToArray() });
        batch.Add(
            $"""
            insert into {name}_counts as c (stream, count)
            select s, count(*) from unnest($1::text[]) as s group by s
            on conflict (stream) do update set count = c.count + excluded.count
            """,
            new NpgsqlParameter { Value = events.Select(e => e.Stream.Key).ToArray() });
    }
}

/// <summary>A daemon that runs until it is disposed, under a clock that stands unless the test moves it.</summary>
internal sealed class RunningDaemon : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;
    private bool _isStopped;

    public RunningDaemon(NpgsqlDataSource database, string owner, ManualTime time, params IReadOnlyList<IProjection> projections)
        : this(Make(database, owner, time, projections))
    {
    }

    public RunningDaemon(ProjectionDaemon daemon)
    {
        Daemon = daemon;
        _run = Task.Run(() => Daemon.RunAsync(_stop.Token));
    }

    public ProjectionDaemon Daemon { get; }

    public static ProjectionDaemon Make(
        NpgsqlDataSource database, string owner, ManualTime time, params IReadOnlyList<IProjection> projections) =>
        Make(database, new PostgresEventStore(database, Sample.Catalogue, [], []), owner, time, null, projections);

    public static ProjectionDaemon Make(
        NpgsqlDataSource database,
        IEventStore store,
        string owner,
        ManualTime time,
        ProjectionDaemonOptions? options,
        params IReadOnlyList<IProjection> projections) =>
        new(database, store, projections, owner, time, NullLogger<ProjectionDaemon>.Instance, options);

    /// <summary>Options by which a projection is split.</summary>
    public static ProjectionDaemonOptions Split(string projection, int shards) =>
        new() { Shards = new Dictionary<string, int> { [projection] = shards } };

    /// <summary>Stops it; once more does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isStopped)
        {
            return;
        }

        _isStopped = true;
        await _stop.CancelAsync();
        await _run.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        Xunit.Assert.False(_run.IsFaulted, $"The daemon fell: {_run.Exception}");
        _stop.Dispose();
    }
}
