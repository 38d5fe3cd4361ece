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

    private static readonly Lazy<Task<string>> Shared = new(FindAsync);

    /// <summary>An Npgsql connection string to the maintenance database, as superuser.</summary>
    public static Task<string> ConnectionStringAsync() => Shared.Value;

    private static async Task<string> FindAsync()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given)
        {
            return given;
        }

        var directory = Directory.CreateTempSubdirectory("fiberlink-test-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            PrivatePostgres.RemoveAsync(directory, CancellationToken.None).GetAwaiter().GetResult();
            Directory.Delete(directory, recursive: true);
        };
        var server = await PrivatePostgres.StartAsync(
            new PrivatePostgresOptions { Directory = directory, Durability = Durability.Fast }, CancellationToken.None);
        return server.ConnectionString("postgres");
    }
}
