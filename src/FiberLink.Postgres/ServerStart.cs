using Npgsql;

namespace FiberLink.Postgres;

/// <summary>The way from a folder, in whatever state the last program left it, to a server that answers.</summary>
internal sealed class ServerStart(
    PostgresBinaries binaries, ServerAccount account, ServerFolders folders, PrivatePostgresOptions options)
{
    private const int StartSecondsMax = 60;
    private const int LogLinesShown = 20;
    private const int ConnectionsMax = 200;

    /// <summary>Finds out what to run, as whom, and where.</summary>
    public static async Task<ServerStart> PlanAsync(PrivatePostgresOptions options, CancellationToken ct)
    {
        var major = ServerFolders.DataMajor(options.Directory);
        var binaries = await PostgresBinaries.FindOrInstallAsync(major, options.Log, ct);
        var account = await ServerAccount.FindAsync(major is null ? null : Path.Combine(options.Directory, "postgres", "."), ct);
        var folders = await ServerFolders.ChooseAsync(options.Directory, options.Port, account, options.Log, ct);
        return new ServerStart(binaries, account, folders, options);
    }

    /// <returns>The address of the running server's maintenance database.</returns>
    /// <exception cref="PrivatePostgresException">The server could not be prepared or did not come up. None is left running.</exception>
    public async Task<ServerAddress> RunAsync(CancellationToken ct)
    {
        try
        {
            if (await RunningAsync(ct) is { } running)
            {
                options.Log?.Report("PostgreSQL was still running and is taken over.");
                return running;
            }

            await Postmaster.ClearAwayTheDeadAsync(folders.Data, folders.Sockets);
            if (!Directory.Exists(folders.Data))
            {
                options.Log?.Report("Creating a private PostgreSQL.");
                await InitializeAsync(ct);
            }

            await LaunchAsync();
            ct.ThrowIfCancellationRequested();
            return new ServerAddress(folders, options.Port);
        }
        catch
        {
            await Postmaster.StopAsync(folders.Data);
            throw;
        }
    }

    private async Task<ServerAddress?> RunningAsync(CancellationToken ct)
    {
        // A server whose file says neither ready nor gone is coming up or going down; either ends.
        await Patience.UntilAsync(() => Postmaster.Living(folders.Data) is null or { IsReady: true }, ct);
        if (Postmaster.Living(folders.Data) is { IsReady: true } server)
        {
            var address = new ServerAddress(folders, server.Port);
            try
            {
                await using var connection = await address.OpenAsync(ct);
                return address;
            }
            catch (NpgsqlException)
            {
                // It lives but does not answer: put it down and start it again.
                await Postmaster.StopAsync(folders.Data);
            }
        }

        return null;
    }

    private async Task InitializeAsync(CancellationToken ct)
    {
        if (Directory.Exists(folders.Unfinished))
        {
            Directory.Delete(folders.Unfinished, recursive: true);
        }

        await account.OwnFolderAsync(folders.Unfinished, ct);
        string[] flushing = options.Durability == Durability.Fast ? ["--no-sync"] : [];
        var made = await account.RunAsync(
            [
                binaries.Initdb, "-D", folders.Unfinished, "-U", ServerAddress.Role, "-E", "UTF8", "--locale=C",
                "--auth-local=trust", "--auth-host=reject", .. flushing,
            ],
            ct);
        if (!made.Well)
        {
            throw new PrivatePostgresException($"initdb failed:\n{made.Output}");
        }

        Directory.Move(folders.Unfinished, folders.Data);
    }

    private async Task LaunchAsync()
    {
        // Not cancelled half way: a server that is just coming up would be left alone.
        await folders.PrepareAsync(account, CancellationToken.None);
        var started = await account.RunAsync(
            [
                binaries.PgCtl, "start", "-D", folders.Data, "-l", folders.LogFile, "-w", "-t", $"{StartSecondsMax}",
                "-o", string.Join(' ', Settings().Select(s => $"-c {Shell.Quote(s)}")),
            ],
            CancellationToken.None);
        if (!started.Well)
        {
            var log = await File.ReadAllLinesAsync(folders.LogFile, CancellationToken.None);
            throw new PrivatePostgresException(
                $"PostgreSQL did not start. The end of {folders.LogFile}:\n{string.Join('\n', log.TakeLast(LogLinesShown))}");
        }
    }

    private string[] Settings()
    {
        string[] lossy = options.Durability == Durability.Fast ? ["fsync=off", "synchronous_commit=off", "full_page_writes=off"] : [];
        return
        [
            "listen_addresses=", $"port={options.Port}", $"unix_socket_directories=\"{folders.Sockets}\"", "unix_socket_permissions=0700",
            $"max_connections={ConnectionsMax}", "timezone=UTC", "log_timezone=UTC", "lc_messages=C", .. lossy,
        ];
    }
}
