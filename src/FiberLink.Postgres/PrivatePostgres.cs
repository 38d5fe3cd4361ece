using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Npgsql;

namespace FiberLink.Postgres;

/// <summary>
/// A PostgreSQL server of our own, for <c>./run</c> and <c>./test</c>: it needs only the binaries, listens on a socket that
/// nobody else can reach, never runs as root, and leaves no process behind.
/// </summary>
/// <remarks>It outlives a killed program; the next start finds it running and takes it over.</remarks>
public sealed partial class PrivatePostgres : IAsyncDisposable
{
    private const string Role = "fiberlink";
    private const string MaintenanceDatabase = "postgres";
    private const int StartSecondsMax = 60;
    private const int LogLinesShown = 20;
    private const int ConnectionsMax = 200;

    private static readonly TimeSpan GateMax = TimeSpan.FromMinutes(5);

    private readonly PostgresBinaries _binaries;
    private readonly ServerAccount _account;
    private readonly ServerFolders _folders;
    private int _port;

    private PrivatePostgres(PostgresBinaries binaries, ServerAccount account, ServerFolders folders, int port)
    {
        _binaries = binaries;
        _account = account;
        _folders = folders;
        _port = port;
    }

    /// <summary>The folder of the server's socket: what PostgreSQL's own programs take as host.</summary>
    public string SocketDirectory => _folders.Sockets;

    /// <summary>The server's log.</summary>
    public string LogFile => _folders.LogFile;

    /// <summary>The first process of the server, or null when it has stopped.</summary>
    public int? ProcessId => Postmaster.Living(_folders.Data)?.ProcessId;

    /// <summary>Starts the server, or takes over one that is still running on the same data.</summary>
    /// <exception cref="PostgresIsMissingException">There are no binaries, and they could not be installed.</exception>
    /// <exception cref="PrivatePostgresException">The server could not be prepared or did not come up.</exception>
    public static async Task<PrivatePostgres> StartAsync(PrivatePostgresOptions options, CancellationToken ct)
    {
        var asked = Directory.CreateDirectory(options.Directory).FullName;
        await using var gate = await OneAtATimeAsync(asked, ct);

        if (options.Fresh)
        {
            await RemoveLockedAsync(asked, ct);
        }

        return await BroughtUpAsync(await FindAsync(options with { Directory = asked }, ct), options, ct);
    }

    /// <summary>Stops the server of a folder, if one is running, without having started it. The data stays.</summary>
    public static async Task StopAsync(string directory, CancellationToken ct)
    {
        var asked = Path.GetFullPath(directory);
        if (Directory.Exists(asked))
        {
            await using var gate = await OneAtATimeAsync(asked, ct);
            await Postmaster.StopAsync((await ServerFolders.InUseAsync(asked, ct)).Data);
        }
    }

    /// <summary>Stops the server of a folder, if one is running, and removes its data, wherever it is.</summary>
    public static async Task RemoveAsync(string directory, CancellationToken ct)
    {
        var asked = Path.GetFullPath(directory);
        if (Directory.Exists(asked))
        {
            await using var gate = await OneAtATimeAsync(asked, ct);
            await RemoveLockedAsync(asked, ct);
        }
    }

    /// <summary>What Npgsql takes to reach a database as the superuser of this server.</summary>
    public string ConnectionString(string database) => Address(database).ConnectionString;

    /// <summary>What psql and pg_dump take to reach a database as the superuser of this server.</summary>
    [SuppressMessage("Design", "CA1055", Justification = "An address without a host, as libpq takes it, is no System.Uri.")]
    public string Uri(string database) =>
        $"postgresql://{Role}@/{database}?host={System.Uri.EscapeDataString(SocketDirectory)}&port={_port}";

    /// <summary>Creates an empty database unless it exists.</summary>
    /// <param name="name">Lower-case letters, digits and underscores; at most 63.</param>
    /// <param name="ct">Cancels the wait.</param>
    /// <returns>Whether it was created by this call.</returns>
    public async Task<bool> CreateDatabaseAsync(string name, CancellationToken ct)
    {
        if (!DatabaseName().IsMatch(name))
        {
            throw new ArgumentException($"'{name}' cannot name a database here.", nameof(name));
        }

        await using var connection = await OpenAsync(ct);
        try
        {
            await using var create = connection.Command($"create database {name}");
            await create.ExecuteNonQueryAsync(ct);
            return true;
        }
        catch (PostgresException e) when (e.SqlState is SqlStates.DuplicateDatabase or SqlStates.UniqueViolation)
        {
            // The second code is what the loser of two calls at once gets.
            return false;
        }
    }

    /// <summary>Stops the server: clients are cut off, what was committed is kept, and no process is left.</summary>
    public Task StopAsync() => Postmaster.StopAsync(_folders.Data);

    /// <inheritdoc cref="StopAsync()"/>
    public async ValueTask DisposeAsync() => await StopAsync();

    private static async Task<PrivatePostgres> FindAsync(PrivatePostgresOptions options, CancellationToken ct)
    {
        var major = ServerFolders.DataMajor(options.Directory);
        var binaries = await PostgresBinaries.FindOrInstallAsync(major, options.Log, ct);
        var account = await ServerAccount.FindAsync(major is null ? null : Path.Combine(options.Directory, "postgres", "."), ct);
        var folders = await ServerFolders.ChooseAsync(options.Directory, options.Port, account, options.Log, ct);
        return new PrivatePostgres(binaries, account, folders, options.Port);
    }

    private static async Task RemoveLockedAsync(string asked, CancellationToken ct)
    {
        var folders = await ServerFolders.InUseAsync(asked, ct);
        await Postmaster.StopAsync(folders.Data);
        folders.Delete();
    }

    /// <summary>Two programs that start on one folder at the same time come one after the other.</summary>
    private static async Task<FileStream> OneAtATimeAsync(string directory, CancellationToken ct)
    {
        for (var waited = TimeSpan.Zero; ; waited += Patience.Pause)
        {
            try
            {
                return new FileStream(
                    Path.Combine(directory, "postgres.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (waited < GateMax)
            {
                await Task.Delay(Patience.Pause, TimeProvider.System, ct);
            }
        }
    }

    private static async Task<PrivatePostgres> BroughtUpAsync(
        PrivatePostgres server, PrivatePostgresOptions options, CancellationToken ct)
    {
        try
        {
            await server.BringUpAsync(options, ct);
            return server;
        }
        catch
        {
            await server.StopAsync();
            throw;
        }
    }

    private async Task BringUpAsync(PrivatePostgresOptions options, CancellationToken ct)
    {
        if (await IsTakenOverAsync(ct))
        {
            options.Log?.Report("PostgreSQL was still running and is taken over.");
            return;
        }

        await Postmaster.ClearAwayTheDeadAsync(_folders.Data, _folders.Sockets);
        if (!Directory.Exists(_folders.Data))
        {
            options.Log?.Report("Creating a private PostgreSQL.");
            await InitializeAsync(options.Durability, ct);
        }

        await _folders.PrepareAsync(_account, ct);

        // Not cancelled half way: a server that is just coming up would be left alone.
        var started = await _account.RunAsync(
            [
                _binaries.PgCtl, "start", "-D", _folders.Data, "-l", _folders.LogFile,
                "-w", "-t", $"{StartSecondsMax}", "-o", string.Join(' ', Settings(options.Durability).Select(s => $"-c {Shell.Quote(s)}")),
            ],
            CancellationToken.None);
        if (!started.Well)
        {
            throw new PrivatePostgresException(
                $"PostgreSQL did not start. The end of {_folders.LogFile}:\n"
                + string.Join('\n', (await File.ReadAllLinesAsync(_folders.LogFile, ct)).TakeLast(LogLinesShown)));
        }

        ct.ThrowIfCancellationRequested();
    }

    private async Task<bool> IsTakenOverAsync(CancellationToken ct)
    {
        // A server whose file says neither ready nor gone is coming up or going down; either ends.
        await Patience.UntilAsync(() => Postmaster.Living(_folders.Data) is null or { IsReady: true }, ct);
        if (Postmaster.Living(_folders.Data) is not { IsReady: true } running)
        {
            return false;
        }

        _port = running.Port;
        try
        {
            await using var connection = await OpenAsync(ct);
            return true;
        }
        catch (NpgsqlException)
        {
            // It lives but does not answer: put it down and start it again.
            await StopAsync();
            return false;
        }
    }

    private async Task InitializeAsync(Durability durability, CancellationToken ct)
    {
        if (Directory.Exists(_folders.Unfinished))
        {
            Directory.Delete(_folders.Unfinished, recursive: true);
        }

        await _account.OwnFolderAsync(_folders.Unfinished, ct);
        var made = await _account.RunAsync(
            [
                _binaries.Initdb, "-D", _folders.Unfinished, "-U", Role, "-E", "UTF8", "--locale=C",
                "--auth-local=trust", "--auth-host=reject", .. durability == Durability.Fast ? ["--no-sync"] : Array.Empty<string>(),
            ],
            ct);
        if (!made.Well)
        {
            throw new PrivatePostgresException($"initdb failed:\n{made.Output}");
        }

        Directory.Move(_folders.Unfinished, _folders.Data);
    }

    private IEnumerable<string> Settings(Durability durability)
    {
        string[] always =
        [
            "listen_addresses=", $"port={_port}", $"unix_socket_directories=\"{_folders.Sockets}\"", "unix_socket_permissions=0700",
            $"max_connections={ConnectionsMax}", "timezone=UTC", "log_timezone=UTC", "lc_messages=C",
        ];
        string[] fast = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];
        return durability == Durability.Fast ? always.Concat(fast) : always;
    }

    private NpgsqlConnectionStringBuilder Address(string database) =>
        new() { Host = SocketDirectory, Port = _port, Username = Role, Database = database };

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken ct)
    {
        var address = Address(MaintenanceDatabase);
        address.Pooling = false;
        var connection = new NpgsqlConnection(address.ConnectionString);
        try
        {
            await connection.OpenAsync(ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    [GeneratedRegex("^[a-z_][a-z0-9_]{0,62}$")]
    private static partial Regex DatabaseName();
}
