namespace FiberLink.Benchmarks.Log;

/// <summary>Load, decide, append with the version that was expected, the balance inline; on many streams.</summary>
internal sealed class CycleSection : IGrowingSection
{
    private const int Streams = 2_000;

    public string Name => "cycle";

    public async Task RunAsync(LogBench bench, CancellationToken ct)
    {
        await bench.TitleAsync($"Load, decide, append with expected version, balance inline; {Streams:N0} streams");
        await using var database = await bench.CreateDatabaseAsync(Name, ct);
        await LogFill.UpToAsync(database, bench.Options.Events, ct);
        await MeasureAsync(bench, database, ct);
        await LogCheck.SoundAsync(database, ct);
    }

    public async Task MeasureAsync(LogBench bench, BenchDatabase database, CancellationToken ct)
    {
        foreach (var cycle in (IAccountCycle[])[new ReadingCycle(database.Store), new KeptCycle(database.Store)])
        {
            // New ones for each way, so that none begins with longer streams than the other.
            var streams = await Accounts.OpenAsync(database.Store, Streams, ct);
            await LogFill.TidyAsync(database, ct);
            foreach (var writers in bench.Options.Writers)
            {
                var turn = 0;
                var before = cycle.Conflicts;
                var row = await bench.MeasureAsync(
                    $"load, decide, append, {cycle.Name}",
                    writers,
                    (_, token) =>
                    {
                        var name = streams[Accounts.Pick(Interlocked.Increment(ref turn), Streams)];
                        return cycle.MoveAsync(Accounts.Stream(name), name, 700, token);
                    },
                    ct);
                await bench.AddAsync(row with { Goals = Goals(writers), Note = $"{cycle.Conflicts - before} conflicts" });
            }
        }
    }

    private static IReadOnlyList<Goal> Goals(int writers) => writers switch
    {
        1 => [new(Figure.Rate, 1_095, 1, 1)],
        8 => [new(Figure.Rate, 2_336, 1.5, 8), new(Figure.P99, 7.4, 1, 8)],
        32 => [new(Figure.Rate, 2_255, 3, 32)],
        _ => [],
    };
}
