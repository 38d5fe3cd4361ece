using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Testing;

/// <summary>A database of one's own, gone when disposed: <c>await using var db = await TestDatabase.CreateAsync(migrations);</c></summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private const int PoolSizeMax = 20;

    // One template per list of migrations: applying them once and copying is many times faster than applying them each time.
    private static readonly ConcurrentDictionary<string, Lazy<Task>> Templates = new(StringComparer.Ordinal);

    private readonly string _server;
    private readonly string _name;

    private TestDatabase(string server, string name)
    {
        _server = server;
        _name = name;
        ConnectionString = new NpgsqlConnectionStringBuilder(server)
        {
            Database = name,
            MaxPoolSize = PoolSizeMax,
            IncludeErrorDetail = true,
        }.ConnectionString;
        DataSource = NpgsqlDataSource.Create(ConnectionString);
    }

    public string ConnectionString { get; }

    public NpgsqlDataSource DataSource { get; }

    /// <summary>An empty database.</summary>
    public static Task<TestDatabase> CreateAsync() => CreateAsync([]);

    /// <summary>A database with the migrations applied.</summary>
    public static async Task<TestDatabase> CreateAsync(IReadOnlyList<Migration> migrations)
    {
        var server = await PostgresServer.ConnectionStringAsync();
        var name = $"test_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        var template = "template1";
        if (migrations.Count > 0)
        {
            template = TemplateName(migrations);
            await Templates.GetOrAdd(template, t => new Lazy<Task>(() => MakeTemplateAsync(server, t, migrations))).Value;
        }

        await ExecuteAsync(server, $"create database {name} template {template}");
        return new TestDatabase(server, name);
    }

    public async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        await ExecuteAsync(_server, $"drop database if exists {_name} with (force)");
    }

    private static string TemplateName(IReadOnlyList<Migration> migrations)
    {
        var text = string.Join('\n', migrations.Select(m => $"{m.Id} {m.Checksum}"));
        return $"template_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..24]}";
    }

    private static async Task MakeTemplateAsync(string server, string template, IReadOnlyList<Migration> migrations)
    {
        // Another test process may be making the same one.
        await using var connection = await OpenAsync(server);
        await using (var wait = connection.Command(
            "select pg_advisory_lock($1)", new NpgsqlParameter { Value = AdvisoryKey.Of(template) }))
        {
            wait.CommandTimeout = 0;
            await wait.ExecuteNonQueryAsync();
        }

        await using (var find = connection.Command(
            "select 1 from pg_database where datname = $1", new NpgsqlParameter { Value = template }))
        {
            if (await find.ExecuteScalarAsync() is not null)
            {
                return;
            }
        }

        // It gets its name only when it is complete.
        var unfinished = $"{template}_unfinished";
        await ExecuteAsync(server, $"drop database if exists {unfinished} with (force)");
        await ExecuteAsync(server, $"create database {unfinished}");
        var address = new NpgsqlConnectionStringBuilder(server) { Database = unfinished, Pooling = false };
        await using (var database = NpgsqlDataSource.Create(address))
        {
            await Migrations.ApplyAsync(database, migrations, CancellationToken.None);
        }

        await ExecuteAsync(server, $"alter database {unfinished} rename to {template}");
    }

    private static async Task ExecuteAsync(string server, string sql)
    {
        await using var connection = await OpenAsync(server);
        await using var command = connection.Command(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<NpgsqlConnection> OpenAsync(string server)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }
}
