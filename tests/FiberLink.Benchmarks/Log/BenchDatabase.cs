using FiberLink.EventStore;
using FiberLink.EventStore.Projections;
using FiberLink.EventStore.Snapshots;
using FiberLink.Postgres;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace FiberLink.Benchmarks.Log;

/// <summary>A database with a log of its own, gone when disposed.</summary>
internal sealed class BenchDatabase : IAsyncDisposable
{
    private readonly PrivatePostgres _server;
    private readonly string _name;
    private readonly ILoggerFactory _loggers;

    private BenchDatabase(PrivatePostgres server, string name)
    {
        (_server, _name) = (server, name);
        ConnectionString = server.ConnectionString(name);
        Source = DataSource(ConnectionString);
        Store = StoreOn(Source, new BalancesProjection());
        Plain = StoreOn(Source);

        // A daemon that fails is to be seen on the spot, and not as a figure that is hard to believe.
        _loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Error).AddSimpleConsole());
    }

    public string ConnectionString { get; }

    public NpgsqlDataSource Source { get; }

    /// <summary>Keeps the balances inline.</summary>
    public PostgresEventStore Store { get; }

    /// <summary>Keeps nothing but the log.</summary>
    public PostgresEventStore Plain { get; }

    public static IReadOnlyList<Migration> Migrations { get; } =
    [
        .. EventStoreSchema.Migrations, Of("bench_balances"), Of("bench_pgbench"), Of("bench_streams"), Of("bench_totals"),
    ];

    /// <param name="server">Where.</param>
    /// <param name="name">Lower-case letters and underscores; unused.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<BenchDatabase> CreateAsync(PrivatePostgres server, string name, CancellationToken ct)
    {
        await server.CreateDatabaseAsync(name, ct);
        var made = new BenchDatabase(server, name);
        await Postgres.Migrations.ApplyAsync(made.Source, Migrations, ct);
        return made;
    }

    /// <summary>Connections as the service makes them.</summary>
    public static NpgsqlDataSource DataSource(string connection) =>
        new NpgsqlDataSourceBuilder(new NpgsqlConnectionStringBuilder(connection)
        {
            ApplicationName = "fiberlink",
            MaxAutoPrepare = 200,
            AutoPrepareMinUsages = 2,
            NoResetOnClose = true,
            MaxPoolSize = 40,
        }.ConnectionString).Build();

    /// <summary>The store as the service makes it.</summary>
    public static PostgresEventStore StoreOn(NpgsqlDataSource database, params IReadOnlyList<IProjection> inline) =>
        new(database, Accounts.Catalogue(), inline, [], null, TimeProvider.System);

    /// <summary>What makes one of the tables.</summary>
    public static Migration Table(string id) => Migrations.Single(m => m.Id == id);

    /// <summary>A daemon for these projections.</summary>
    public ProjectionDaemon Daemon(params IReadOnlyList<IProjection> projections) =>
        new(Source, Store, projections, "benchmark", TimeProvider.System, _loggers.CreateLogger<ProjectionDaemon>());

    /// <summary>Appends three events to a new stream, with nothing kept inline.</summary>
    public Task<AppendResult.Appended> AppendThreeAsync(CancellationToken ct) =>
        Plain.AppendAsync(Accounts.ThreeEvents(Accounts.PlainStream(Accounts.NewName())), ct).MustAppendAsync();

    /// <summary>Loads streams by their snapshots.</summary>
    public StreamSnapshots Snapshots() =>
        new(new PostgresSnapshotStore(Source, Accounts.Catalogue()), TimeProvider.System, _loggers.CreateLogger<StreamSnapshots>());

    /// <summary>Runs something that is not measured, however long it takes.</summary>
    public async Task ExecuteAsync(string sql, CancellationToken ct)
    {
        await using var command = Source.Command(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Reads one value, however long it takes.</summary>
    public async Task<T> ReadAsync<T>(string sql, CancellationToken ct, params IReadOnlyList<object> values)
    {
        await using var command = Source.Command(sql, [.. values.Select(v => new NpgsqlParameter { Value = v })]);
        command.CommandTimeout = 0;
        return (T)(await command.ExecuteScalarAsync(ct))!;
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await Plain.DisposeAsync();
        await Source.DisposeAsync();
        _loggers.Dispose();
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(_server.ConnectionString("postgres")) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var drop = connection.Command($"drop database {_name} with (force)");
        drop.CommandTimeout = 0;
        await drop.ExecuteNonQueryAsync();
    }

    private static Migration Of(string id) => new(id, SqlScript.Read(typeof(BenchDatabase).Assembly, $"{id}.sql"));
}
