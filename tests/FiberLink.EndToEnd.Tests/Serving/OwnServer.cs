using System.Diagnostics;
using System.Globalization;
using FiberLink.Postgres;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EndToEnd.Tests.Serving;

/// <summary>A PostgreSQL server of a test's own, which may be stopped and hurt. It loses nothing that was committed.</summary>
internal sealed class OwnServer : IAsyncDisposable
{
    private const string Name = "scene";

    private readonly string _folder;
    private PrivatePostgres _server;

    private OwnServer(string folder, PrivatePostgres server)
    {
        (_folder, _server) = (folder, server);

        // A connection that waits in a pool does not hear that its server has died.
        Database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false });
    }

    public string ConnectionString => _server.ConnectionString(Name);

    /// <summary>For a look from outside.</summary>
    public NpgsqlDataSource Database { get; }

    public string DataDirectory => _server.DataDirectory;

    /// <summary>False when it has stopped, by itself or by us.</summary>
    public bool IsRunning => _server.ProcessId is not null;

    public static async Task<OwnServer> StartAsync(CancellationToken ct)
    {
        // Named as the servers of tests are, so that one that is left behind is cleared away.
        var folder = Directory.CreateTempSubdirectory($"fiberlink-test-of-{Environment.ProcessId}-").FullName;
        var server = new OwnServer(folder, await StartAsync(folder));
        await server._server.CreateDatabaseAsync(Name, ct);
        return server;
    }

    /// <summary>A fast shutdown: sessions are cut off, and all is written down in order.</summary>
    public Task StopAsync() => _server.StopAsync();

    /// <summary>An immediate one: as if the power had failed.</summary>
    public async Task StopAtOnceAsync()
    {
        if (_server.ProcessId is { } process)
        {
            using var sender = Process.Start("/bin/sh", ["-c", $"kill -QUIT {process.ToString(CultureInfo.InvariantCulture)}"]);
            await sender.WaitForExitAsync();
            await Eventually.HoldsAsync("the server is gone", () => !IsRunning, CancellationToken.None);
        }
    }

    /// <summary>What a supervisor does with a server that has stopped.</summary>
    public async Task StartAgainAsync() => _server = await StartAsync(_folder);

    /// <summary>Ends all sessions but this one.</summary>
    public async Task CutAllAsync(CancellationToken ct)
    {
        await using var end = Database.Command(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()",
            new NpgsqlParameter { Value = Name });
        await end.ExecuteNonQueryAsync(ct);
    }

    public async Task ExecuteAsync(string sql, CancellationToken ct)
    {
        await using var command = Database.Command(sql);
        await command.ExecuteNonQueryAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        await PrivatePostgres.RemoveAsync(_folder, CancellationToken.None);
        Directory.Delete(_folder, recursive: true);
    }

    private static Task<PrivatePostgres> StartAsync(string folder) =>
        PrivatePostgres.StartAsync(
            new PrivatePostgresOptions { Directory = folder, Durability = Durability.Safe }, CancellationToken.None);
}
