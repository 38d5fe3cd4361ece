namespace FiberLink.Benchmarks.Log;

/// <summary>New streams of three events.</summary>
internal sealed class AppendSection : IGrowingSection
{
    public string Name => "append";

    public async Task RunAsync(LogBench bench, CancellationToken ct)
    {
        await bench.TitleAsync("New stream and 3 events");
        await using var database = await bench.CreateDatabaseAsync(Name, ct);
        await LogFill.UpToAsync(database, bench.Options.Events, ct);
        await MeasureAsync(bench, database, ct);
        await LogCheck.SoundAsync(database, ct);
    }

    public async Task MeasureAsync(LogBench bench, BenchDatabase database, CancellationToken ct)
    {
        foreach (var writers in bench.Options.Writers)
        {
            var row = await bench.MeasureAsync(
                "new stream, 3 events",
                writers,
                (_, token) => database.AppendThreeAsync(token),
                ct);
            await bench.AddAsync(row with { Goals = Goals(writers) });
        }
    }

    private static IReadOnlyList<Goal> Goals(int writers) => writers switch
    {
        1 => [new(Figure.Rate, 1_879, 1, 1)],
        8 => [new(Figure.Rate, 4_021, 1.5, 8), new(Figure.P99, 5.1, 1, 8)],
        32 => [new(Figure.Rate, 4_300, 3, 32)],
        _ => [],
    };
}
