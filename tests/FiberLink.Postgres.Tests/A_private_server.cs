using System.Diagnostics;
using System.Runtime.Versioning;
using Npgsql;

namespace FiberLink.Postgres.Tests;

/// <summary>Each test has a server of its own, in a folder of its own.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class A_private_server : IAsyncLifetime
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private readonly string _root = Directory.CreateTempSubdirectory("fiberlink-test-").FullName;
    private readonly List<string> _said = [];

    private string Folder => Path.Combine(_root, "data folder");

    public ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Folder);
        Open(_root);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var folder in Directory.GetDirectories(_root))
        {
            await PrivatePostgres.RemoveAsync(folder, CancellationToken.None);
        }

        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task Starts_keeps_its_data_and_leaves_no_process()
    {
        var server = await StartAsync();
        Assert.True(await server.CreateDatabaseAsync("kept", Ct));
        Assert.False(await server.CreateDatabaseAsync("kept", Ct));
        var processes = Processes(server);
        Assert.NotEmpty(processes);
        await server.StopAsync();
        Assert.DoesNotContain(processes, IsAlive);
        Assert.Null(server.ProcessId);

        await using var again = await StartAsync();
        Assert.False(await again.CreateDatabaseAsync("kept", Ct));
        Assert.Equal("UTF8 C", await AskAsync(again, "kept", "select current_setting('server_encoding') || ' ' || datcollate "
            + "from pg_database where datname = current_database()"));
    }

    [Fact]
    public async Task Never_runs_as_root_and_lets_nobody_else_in()
    {
        await using var server = await StartAsync();

        var who = await OutputAsync("ps", "-o", "uid=", "-p", $"{server.ProcessId}");
        Assert.NotEqual("0", who);
        Assert.All([server.DataDirectory, server.SocketDirectory], f => Assert.Equal("700", Mode(f)));
        Assert.Equal("", await AskAsync(server, "postgres", "show listen_addresses"));
    }

    [Fact]
    public async Task Psql_takes_its_address()
    {
        await using var server = await StartAsync();
        Assert.Equal("fiberlink", await OutputAsync(Psql(), server.Uri("postgres"), "-Atc", "select current_user"));
    }

    [Fact]
    public async Task A_server_left_running_by_a_killed_program_is_taken_over()
    {
        var first = await StartAsync();
        await using var second = await StartAsync(port: 1234);

        Assert.Equal(first.ProcessId, second.ProcessId);
        Assert.Equal("54329", await AskAsync(second, "postgres", "show port"));
    }

    [Fact]
    public async Task Recovers_after_its_first_process_was_killed()
    {
        var first = await StartAsync();
        await first.CreateDatabaseAsync("kept", Ct);
        using (var postmaster = Process.GetProcessById(first.ProcessId!.Value))
        {
            postmaster.Kill();
        }

        await using var second = await StartAsync();
        Assert.False(await second.CreateDatabaseAsync("kept", Ct));
    }

    [Fact]
    public async Task A_stale_file_that_names_a_stranger_does_not_keep_it_from_starting()
    {
        var first = await StartAsync();
        var file = Path.Combine(first.DataDirectory, "postmaster.pid");
        var lines = await File.ReadAllLinesAsync(file, Ct);
        await first.StopAsync();

        // A process of the same user, or PostgreSQL itself would see that it cannot be its own.
        await using var stranger = await StartAsync(Path.Combine(_root, "stranger"));
        lines[0] = $"{stranger.ProcessId}";
        await File.WriteAllLinesAsync(file, lines, Ct);

        await using var second = await StartAsync();
        Assert.NotNull(second.ProcessId);
        Assert.NotEqual(stranger.ProcessId, second.ProcessId);
        Assert.NotNull(stranger.ProcessId);
    }

    [Fact]
    public async Task An_interrupted_creation_is_done_again()
    {
        var unfinished = Directory.CreateDirectory(Path.Combine(Folder, "postgres.unfinished")).FullName;
        await File.WriteAllTextAsync(Path.Combine(unfinished, "PG_VERSION"), "15", Ct);

        await using var server = await StartAsync();
        Assert.NotNull(server.ProcessId);
        Assert.False(Directory.Exists(unfinished));
    }

    [Fact]
    public async Task Fresh_forgets_the_data_even_of_a_running_server()
    {
        var first = await StartAsync();
        await first.CreateDatabaseAsync("kept", Ct);

        await using var second = await StartAsync(fresh: true);
        Assert.True(await second.CreateDatabaseAsync("kept", Ct));
    }

    [Theory]
    [InlineData("a name far too long for the address of a socket, which the kernel cuts off at about one hundred bytes in all")]
    [InlineData("comma,separated")]
    public async Task A_path_that_cannot_hold_a_socket_gets_its_data_elsewhere(string name)
    {
        var folder = Path.Combine(_root, name);
        await using (var server = await StartAsync(folder))
        {
            Assert.True(await server.CreateDatabaseAsync("kept", Ct));
            Assert.Contains(_said, s => s.Contains(Path.GetDirectoryName(server.DataDirectory)!, StringComparison.Ordinal));
            Assert.Equal(server.DataDirectory, new DirectoryInfo(Path.Combine(folder, "postgres")).LinkTarget);
        }

        await using var again = await StartAsync(folder);
        Assert.False(await again.CreateDatabaseAsync("kept", Ct));
        await PrivatePostgres.RemoveAsync(folder, Ct);
        Assert.False(Directory.Exists(Path.GetDirectoryName(again.DataDirectory)));
        Assert.False(Path.Exists(Path.Combine(folder, "postgres")));
    }

    [Fact]
    public async Task Data_elsewhere_that_was_cleared_away_is_made_again()
    {
        Close(_root);
        var first = await StartAsync();
        await first.StopAsync();
        Directory.Delete(Path.GetDirectoryName(first.DataDirectory)!, recursive: true);

        await using var second = await StartAsync();
        Assert.True(await second.CreateDatabaseAsync("kept", Ct));
    }

    [Fact]
    public async Task A_closed_folder_works_too()
    {
        Close(_root);

        await using var server = await StartAsync();
        Assert.Equal("1", await AskAsync(server, "postgres", "select 1::text"));
        await PrivatePostgres.StopAsync(Folder, Ct);
        Assert.Null(server.ProcessId);
    }

    [Fact]
    public async Task Two_that_start_at_once_share_one_server()
    {
        var both = await Task.WhenAll(StartAsync(), StartAsync());

        Assert.Equal(both[0].ProcessId, both[1].ProcessId);
    }

    [Fact]
    public async Task A_cancelled_start_leaves_nothing_behind()
    {
        using var cancel = new CancellationTokenSource();
        var starting = StartAsync(log: new Listener(_ => cancel.Cancel()), ct: cancel.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting);
        Assert.Empty(await OutputAsync("sh", "-c", $"ls -l /proc/[0-9]*/cwd 2>/dev/null | grep '{Folder}' || true"));
    }

    private static string Psql() => Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin", "psql")).Last(File.Exists)
        : "psql";

    private static List<int> Processes(PrivatePostgres server) =>
        [.. Directory.GetDirectories("/proc")
            .Select(d => int.TryParse(Path.GetFileName(d), out var id) ? id : 0)
            .Where(id => id > 0 && WorkingDirectory(id) == server.DataDirectory)];

    private static bool IsAlive(int id) => WorkingDirectory(id) is not null;

    private static string? WorkingDirectory(int id)
    {
        try
        {
            return new DirectoryInfo($"/proc/{id}/cwd").LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Mode(string path) => Convert.ToString((int)File.GetUnixFileMode(path), 8);

    private static void Open(string path) => File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);

    private static void Close(string path) => File.SetUnixFileMode(path, (UnixFileMode)0b111_000_000);

    private static async Task<string> OutputAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var said = await process.StandardOutput.ReadToEndAsync(Ct);
        await process.WaitForExitAsync(Ct);
        Assert.Equal(0, process.ExitCode);
        return said.Trim();
    }

    private static async Task<string> AskAsync(PrivatePostgres server, string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(server.ConnectionString(database));
        await using var command = source.Command(sql);
        return (string)(await command.ExecuteScalarAsync(Ct))!;
    }

    private Task<PrivatePostgres> StartAsync(
        string? folder = null, int port = PrivatePostgresOptions.DefaultPort, bool fresh = false,
        IProgress<string>? log = null, CancellationToken? ct = null) =>
        PrivatePostgres.StartAsync(
            new PrivatePostgresOptions
            {
                Directory = folder ?? Folder,
                Port = port,
                Fresh = fresh,
                Durability = Durability.Fast,
                Log = log ?? new Listener(_said.Add),
            },
            ct ?? Ct);

    private sealed class Listener(Action<string> hear) : IProgress<string>
    {
        public void Report(string value) => hear(value);
    }
}
