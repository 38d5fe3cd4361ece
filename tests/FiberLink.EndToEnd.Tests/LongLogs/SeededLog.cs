using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.EndToEnd.Tests.Processes;
using FiberLink.EndToEnd.Tests.Serving;
using FiberLink.Postgres;
using FiberLink.Testing;
using Npgsql;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.EndToEnd.Tests.LongLogs;

/// <summary>A log made by <c>bench seed</c> on a server of its own: 1,000,000 events with <c>--long</c>, some thousand otherwise.</summary>
internal sealed class SeededLog : IAsyncDisposable
{
    private const string Name = "seeded";

    private readonly OwnServer _server;

    private SeededLog(OwnServer server) => _server = server;

    public static long EventsWanted { get; } = LongRun.IsAskedFor ? 1_000_000 : 5_000;

    public string ConnectionString => At(Name);

    public static async Task<SeededLog> MakeAsync(CancellationToken ct)
    {
        var log = new SeededLog(await OwnServer.StartAsync(ct));
        try
        {
            var made = await JsonAsync(
                log._server.ConnectionString,
                ct,
                "bench", "seed", "--into", Name, "--events", EventsWanted.ToString(CultureInfo.InvariantCulture));
            Tell($"seed: {made["events"]} events in {(double)made["seconds"]!:0.0} s");
            return log;
        }
        catch
        {
            await log.DisposeAsync();
            throw;
        }
    }

    /// <summary>A copy of it, to be spoiled. Nobody may be connected to the original.</summary>
    public async Task<string> CopyAsync(string name, CancellationToken ct)
    {
        await _server.ExecuteAsync($"create database {name} template {Name}", ct);
        return At(name);
    }

    public Task DropAsync(string name, CancellationToken ct) => _server.ExecuteAsync($"drop database {name} with (force)", ct);

    /// <summary>Changes rows as somebody may who owns the database, whatever triggers there are.</summary>
    public static async Task TamperAsync(string database, string sql, CancellationToken ct)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { Pooling = false });
        await using var command = source.Command($"set session_replication_role = replica; {sql}");
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Starts a command on a database.</summary>
    public static RunningProcess Start(string database, params string[] arguments) =>
        FiberLinkProgram.Start(arguments, new Dictionary<string, string> { [Names.Database] = database });

    /// <summary>Makes a key in a folder, and signs with it what the log is now.</summary>
    public async Task SignAsync(string folder, CancellationToken ct)
    {
        var (key, words) = (Path.Combine(folder, "log.key"), Path.Combine(folder, "words"));
        await File.WriteAllTextAsync(words, "a passphrase of a test\n", ct);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(words, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        string[][] steps = [["audit", "key", "create", key, "--passphrase-file", words], ["audit", "checkpoint"]];
        foreach (var step in steps)
        {
            await using var running = FiberLinkProgram.Start(step, new Dictionary<string, string>
            {
                [Names.Database] = ConnectionString,
                [Names.AuditKey] = key,
                [$"{Names.AuditKeyPassphrase}_FILE"] = words,
            });
            Assert.True(await running.EndAsync(ct) == 0, running.Story);
        }
    }

    /// <summary>Runs a command to its end, however long it takes, and reads the JSON it prints.</summary>
    public static async Task<JsonNode> JsonAsync(string database, CancellationToken ct, params string[] arguments)
    {
        await using var running = Start(database, [.. arguments, "--json"]);
        var code = await running.EndAsync(ct);
        Assert.True(code == 0, $"{string.Join(' ', arguments)} ended with {code}.\n{running.Story}");
        return JsonNode.Parse(running.Output)!;
    }

    /// <summary>Asks until the answer is yes, however long a long log takes.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, CancellationToken ct)
    {
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, ct);
        }
    }

    /// <summary>A figure, for whoever reads the test's output.</summary>
    public static void Tell(FormattableString figure) =>
        TestContext.Current.TestOutputHelper!.WriteLine(figure.ToString(CultureInfo.InvariantCulture));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private string At(string name) => new NpgsqlConnectionStringBuilder(_server.ConnectionString) { Database = name }.ConnectionString;
}
