using System.Diagnostics;
using System.Globalization;
using FiberLink.Postgres;

namespace FiberLink.Testing;

/// <summary>
/// The server that all tests of this process share: the one that ./test has started, or else one of our own, which ends
/// with the process.
/// </summary>
public static class PostgresServer
{
    /// <summary>The setting by which ./test names its server: an Npgsql connection string to any of its databases.</summary>
    public const string Variable = "FIBERLINK_TEST_DATABASE";

    // Followed by the id of the process it belongs to.
    private const string FolderPrefix = "fiberlink-test-of-";

    private static readonly Lazy<Task<string>> Shared = new(FindAsync);

    /// <summary>An Npgsql connection string to the maintenance database, as superuser.</summary>
    public static Task<string> ConnectionStringAsync() => Shared.Value;

    private static async Task<string> FindAsync()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given)
        {
            return given;
        }

        await RemoveOrphansAsync();
        var directory = Directory.CreateTempSubdirectory($"{FolderPrefix}{Environment.ProcessId}-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => RemoveAsync(directory).GetAwaiter().GetResult();
        var server = await PrivatePostgres.StartAsync(
            new PrivatePostgresOptions { Directory = directory, Durability = Durability.Fast }, CancellationToken.None);
        return server.ConnectionString("postgres");
    }

    /// <summary>A test process that was killed could not stop its server, so the next one does.</summary>
    private static async Task RemoveOrphansAsync()
    {
        foreach (var directory in Directory.GetDirectories(Path.GetTempPath(), FolderPrefix + "*"))
        {
            var owner = Path.GetFileName(directory)[FolderPrefix.Length..].Split('-')[0];
            if (int.TryParse(owner, CultureInfo.InvariantCulture, out var id) && !IsAlive(id))
            {
                await RemoveAsync(directory);
            }
        }
    }

    private static async Task RemoveAsync(string directory)
    {
        try
        {
            await PrivatePostgres.RemoveAsync(directory, CancellationToken.None);
            Directory.Delete(directory, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PrivatePostgresException)
        {
            // Somebody else's, or gone in this moment because two processes clear up.
        }
    }

    private static bool IsAlive(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
