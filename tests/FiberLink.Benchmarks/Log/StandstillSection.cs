using System.Diagnostics;
using FiberLink.EventStore;
using FiberLink.Postgres;

namespace FiberLink.Benchmarks.Log;

/// <summary>How long async projections stand still when an append fails, or when somebody else leaves a transaction open.</summary>
internal sealed class StandstillSection : ISection
{
    private const int Aborts = 30;
    private const string TouchSomethingElse = "insert into bench.unrelated default values";

    private static readonly TimeSpan OpenFor = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    // Nothing is to stand still; what is left is the time of the commit and the page that shows it, on a machine that does other things.
    private static readonly Goal NoWaiting = new(Figure.Max, 100, 1, 1) { IsAbsolute = true };

    public string Name => "still";

    public async Task RunAsync(LogBench bench, CancellationToken ct)
    {
        await bench.TitleAsync("From the commit of the next event until an async projection shows it");
        await using var database = await bench.CreateDatabaseAsync(Name, ct);
        await using var shown = await ShownPositions.ListenAsync(database.Source, ct);
        await using var running = await RunningDaemon.StartAsync(database, shown, ct);
        await AbortedAsync(database, shown, "warm up", ct);
        await AddAsync(bench, await AbortedAsync(database, shown, "after an append that a constraint refused", ct));
        await AddAsync(bench, await OpenAsync(database, shown, ct));
        await LogCheck.SoundAsync(database, ct);
    }

    private static Task AddAsync(LogBench bench, Measured measured) =>
        bench.AddAsync(new LogRow(1, measured) { HasRate = false, Goals = [NoWaiting] });

    private static async Task<Measured> AbortedAsync(BenchDatabase database, ShownPositions shown, string work, CancellationToken ct)
    {
        var latencies = new List<TimeSpan>();
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < Aborts; i++)
        {
            var stream = Accounts.Stream(Accounts.NewName());
            var tooMuch = Accounts.Change(stream, ExpectedVersion.NoStream, new Withdrawn(stream.Key, BalancesProjection.TooMuch));
            if (await database.Store.AppendAsync(tooMuch, ct) is not AppendResult.ConstraintBroken)
            {
                throw new InvalidOperationException("The floor of a balance does not hold.");
            }

            latencies.Add(await UntilShownAsync(database, shown, ct));
        }

        return new(work, Aborts, Stopwatch.GetElapsedTime(started), latencies);
    }

    private static async Task<Measured> OpenAsync(BenchDatabase database, ShownPositions shown, CancellationToken ct)
    {
        await using var connection = await database.Source.OpenConnectionAsync(ct);
        await using var open = await connection.BeginTransactionAsync(ct);
        await using (var insert = connection.Command(TouchSomethingElse))
        {
            await insert.ExecuteNonQueryAsync(ct);
        }

        var latencies = new List<TimeSpan>();
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < OpenFor)
        {
            latencies.Add(await UntilShownAsync(database, shown, ct));
            await Task.Delay(Pause, ct);
        }

        var took = Stopwatch.GetElapsedTime(started);
        await open.RollbackAsync(ct);
        return new("while somebody else's transaction is open for 10 s", latencies.Count, took, latencies);
    }

    private static async Task<TimeSpan> UntilShownAsync(BenchDatabase database, ShownPositions shown, CancellationToken ct)
    {
        var appended = await database.Store.AppendAsync(Accounts.ThreeEvents(Accounts.Stream(Accounts.NewName())), ct).MustAppendAsync();
        var committed = Stopwatch.GetTimestamp();
        var seen = await shown.WaitForAsync(appended.Events[^1].Position, ct);
        return seen > committed ? Stopwatch.GetElapsedTime(committed, seen) : TimeSpan.Zero;
    }
}
