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
    private static readonly TimeSpan GateMax = TimeSpan.FromMinutes(5);

    private readonly ServerAddress _address;

    private PrivatePostgres(ServerAddress address) => _address = address;

    /// <summary>The folder of the server's socket: what PostgreSQL's own programs take as host.</summary>
    public string SocketDirectory => _address.Folders.Sockets;

    /// <summary>The folder of the data.</summary>
    public string DataDirectory => _address.Folders.Data;

    /// <summary>The server's log.</summary>
    public string LogFile => _address.Folders.LogFile;

    /// <summary>The first process of the server, or null when it has stopped.</summary>
    public int? ProcessId => Postmaster.Living(DataDirectory)?.ProcessId;

    /// <summary>Starts the server, or takes over one that is still running on the same data.</summary>
    /// <exception cref="PostgresIsMissingException">There are no binaries, and they could not be installed.</exception>
    /// <exception cref="PrivatePostgresException">The server could not be prepared or did not come up.</exception>
    public static async Task<PrivatePostgres> StartAsync(PrivatePostgresOptions options, CancellationToken ct)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PrivatePostgresException("The private server needs Linux or macOS. On Windows, use WSL or a server of your own.");
        }

        var asked = Directory.CreateDirectory(options.Directory).FullName;
        await using var gate = await OneAtATimeAsync(asked, ct);
        if (options.Fresh)
        {
            await RemoveLockedAsync(asked, ct);
        }

        var start = await ServerStart.PlanAsync(options with { Directory = asked }, ct);
        return new PrivatePostgres(await start.RunAsync(ct));
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
    public string ConnectionString(string database) => _address.Of(database).ConnectionString;

    /// <summary>What psql and pg_dump take to reach a database as the superuser of this server.</summary>
    [SuppressMessage("Design", "CA1055", Justification = "An address without a host, as libpq takes it, is no System.Uri.")]
    public string Uri(string database) =>
        $"postgresql://{ServerAddress.Role}@/{database}?host={System.Uri.EscapeDataString(SocketDirectory)}&port={_address.Port}";

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

        await using var connection = await _address.OpenAsync(ct);
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
    public Task StopAsync() => Postmaster.StopAsync(DataDirectory);

    /// <inheritdoc cref="StopAsync()"/>
    public async ValueTask DisposeAsync() => await StopAsync();

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

    [GeneratedRegex("^[a-z_][a-z0-9_]{0,62}$")]
    private static partial Regex DatabaseName();
}
