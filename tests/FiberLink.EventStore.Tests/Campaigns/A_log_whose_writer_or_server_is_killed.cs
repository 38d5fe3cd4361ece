using System.Diagnostics;
using System.Globalization;
using FiberLink.LogWriter;
using FiberLink.Postgres;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EventStore.Tests.Campaigns;

/// <summary>kill -9 under load, at moments that nobody chose: of the writer, of the server, of a session.</summary>
#pragma warning disable CA5394 // Chance by a seed, so that a run can be repeated.
public sealed class A_log_whose_writer_or_server_is_killed : IAsyncLifetime
{
    private const string WritersSessions = $"select pid from pg_stat_activity where application_name = '{WriterLog.SessionName}'";
    private const string EndWriters = $"select count(pg_terminate_backend(pid)) from ({WritersSessions}) as w";
    private const int KillAfterMillisecondsMax = 400;

    private static readonly int Rounds = LongRun.IsAskedFor ? 200 : 10;

    // Named as the servers of tests are, so that one that is left behind is cleared away.
    private readonly string _folder = Directory.CreateTempSubdirectory($"fiberlink-test-of-{Environment.ProcessId}-").FullName;
    private PrivatePostgres _server = null!;
    private NpgsqlDataSource _database = null!;

    private enum Harm
    {
        KillWriter = 0,
        KillServer = 1,
        KillSession = 2,
        EndSessions = 3,
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await StartServerAsync();
        await _server.CreateDatabaseAsync("campaign", Ct);

        // A connection that waits in a pool does not hear that its server has died.
        _database = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(_server.ConnectionString("campaign")) { Pooling = false, IncludeErrorDetail = true });
        await Migrations.ApplyAsync(_database, WriterLog.Migrations, Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await _server.DisposeAsync();
        await PrivatePostgres.RemoveAsync(_folder, CancellationToken.None);
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Has_all_that_was_acknowledged_and_has_it_once()
    {
        var seed = Environment.TickCount;
        Say($"Seed: {seed}, rounds: {Rounds}");
        var random = new Random(seed);
        var (ledger, audit) = (new Ledger(), new LogAudit(_database));
        for (var round = 0; round < Rounds; round++)
        {
            var harm = (Harm)random.Next(4);
            await RoundAsync(round, seed + round, harm, random, ledger);
            await Eventually.HoldsAsync("no session is left", async () => (await _database.TextsAsync(WritersSessions)).Count == 0, Ct);
            await audit.CheckAsync(ledger, Ct);
            Say($"{round}: {harm}, {audit.Log.Count} events");
        }

        Say(ledger.Answers);
    }

    private async Task RoundAsync(int round, int seed, Harm harm, Random random, Ledger ledger)
    {
        var prefix = string.Create(CultureInfo.InvariantCulture, $"round{round}");
        var pooled = _database.ConnectionString.Replace("Pooling=False", "", StringComparison.Ordinal);
        await using var writer = WriterProcess.Start(pooled, seed, random.Next(8, 17), int.MaxValue, prefix, ledger);
        await writer.AppendsAsync(20, Ct);

        // Not a wait: the moment of death is what chance is asked for.
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(KillAfterMillisecondsMax)), TimeProvider.System, Ct);
        switch (harm)
        {
            case Harm.KillWriter:
                await writer.KillAsync();
                return;
            case Harm.KillServer:
                Kill(_server.ProcessId!.Value);
                await StartServerAsync();
                break;
            case Harm.KillSession:
                var sessions = await _database.TextsAsync(WritersSessions);
                Kill(int.Parse(sessions[random.Next(sessions.Count)], CultureInfo.InvariantCulture));
                break;
            default:
                await _database.ExecuteAsync(EndWriters);
                break;
        }

        await writer.AppendsAsync(20, Ct);
        await writer.StopAsync(Ct);
    }

    private async Task StartServerAsync() =>
        _server = await PrivatePostgres.StartAsync(
            new PrivatePostgresOptions { Directory = _folder, Durability = Durability.Safe }, CancellationToken.None);

    private static void Kill(int process)
    {
        using var doomed = Process.GetProcessById(process);
        doomed.Kill();
    }

    private static void Say(string text) => TestContext.Current.TestOutputHelper!.WriteLine(text);
}
#pragma warning restore CA5394
