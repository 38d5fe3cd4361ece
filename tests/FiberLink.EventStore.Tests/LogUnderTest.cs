using FiberLink.EventStore.InMemory;
using FiberLink.EventStore.Snapshots;
using FiberLink.Postgres;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>A log that the contract is held against, with a place for rows that commit with events.</summary>
public interface ILogUnderTest
{
    /// <summary>Empties everything.</summary>
    Task ResetAsync();

    /// <summary>Opens the one log with a catalogue.</summary>
    IEventStore Open(EventCatalogue catalogue);

    /// <summary>The snapshots beside the log that was opened last.</summary>
    ISnapshotStore Snapshots(EventCatalogue catalogue);

    /// <summary>The keys of the rows that were committed, in order.</summary>
    Task<IReadOnlyList<string>> RowsAsync();
}

/// <summary>On PostgreSQL, in one database for each test class.</summary>
public sealed class LogOnPostgres : ILogUnderTest, IAsyncLifetime
{
    private const string SampleTable =
        """
        create table sample_rows (
            key text not null constraint one_sample_per_key unique, constraint sample_key_is_short check (length(key) < 10))
        """;

    private TestDatabase? _database;

    public static IReadOnlyList<Migration> Migrations { get; } =
    [
        .. EventStoreSchema.Migrations,
        new("9000_sample_rows", SampleTable),
    ];

    public NpgsqlDataSource Database => _database!.DataSource;

    public string ConnectionString => _database!.ConnectionString;

    /// <summary>Connections whose statements never time out: one that nobody ends is under way for ever.</summary>
    public NpgsqlDataSource OpenWithoutTimeout() =>
        NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_database!.ConnectionString) { CommandTimeout = 0 });

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(Migrations);

    public Task ResetAsync() => Database.ExecuteAsync($"{EmptyLog.Sql} truncate sample_rows");

    public IEventStore Open(EventCatalogue catalogue) => new PostgresEventStore(Database, catalogue, [], [new SampleRowWriter()]);

    public ISnapshotStore Snapshots(EventCatalogue catalogue) => new PostgresSnapshotStore(Database, catalogue);

    public Task<IReadOnlyList<string>> RowsAsync() => Database.TextsAsync("select key from sample_rows order by key");

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>In memory.</summary>
public sealed class LogInMemory : ILogUnderTest, ICommitSink
{
    private readonly SortedSet<string> _rows = new(StringComparer.Ordinal);
    private InMemoryEventStore? _store;
    private InMemorySnapshotStore? _snapshots;

    public Task ResetAsync()
    {
        _rows.Clear();
        _store = null;
        _snapshots = null;
        return Task.CompletedTask;
    }

    public IEventStore Open(EventCatalogue catalogue) => _store = _store?.Reopen(catalogue) ?? new InMemoryEventStore(catalogue, this);

    public ISnapshotStore Snapshots(EventCatalogue catalogue) =>
        _snapshots = _snapshots?.Beside(Open(catalogue)) ?? new InMemorySnapshotStore(Open(catalogue));

    public Task<IReadOnlyList<string>> RowsAsync() => Task.FromResult<IReadOnlyList<string>>([.. _rows]);

    public string? Take(IReadOnlyList<RecordedEvent> events, IReadOnlyList<CommitRow> rows)
    {
        if (rows.FirstOrDefault(r => r is not SampleRow) is { } stray)
        {
            throw new ArgumentException($"No writer is registered for rows of type {stray.GetType().Name}.", nameof(rows));
        }

        var keys = rows.Select(r => ((SampleRow)r).Key).ToArray();
        if (keys.Distinct(StringComparer.Ordinal).Count() != keys.Length || _rows.Overlaps(keys))
        {
            return SampleRow.Unique;
        }

        _rows.UnionWith(keys);
        return null;
    }
}

internal sealed class SampleRowWriter : ICommitRowWriter
{
    public Type RowType => typeof(SampleRow);

    public void Write(IReadOnlyList<CommitRow> rows, NpgsqlBatch batch) =>
        batch.Add(
            "insert into sample_rows (key) select * from unnest($1::text[])",
            new NpgsqlParameter { Value = rows.Select(r => ((SampleRow)r).Key).ToArray() });
}
