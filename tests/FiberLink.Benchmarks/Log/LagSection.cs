using System.Diagnostics;

namespace FiberLink.Benchmarks.Log;

/// <summary>From the commit of an event until an async projection shows it; and what that costs those who append.</summary>
internal sealed class LagSection : ISection
{
    private const int AppendsPerSecond = 200;
    private const int Writers = 8;

    public string Name => "lag";

    public async Task RunAsync(LogBench bench, CancellationToken ct)
    {
        await bench.TitleAsync($"Async projection, at {AppendsPerSecond} appends a second, and the appends beside it");
        await using var database = await bench.CreateDatabaseAsync(Name, ct);
        await LogFill.UpToAsync(database, bench.Options.Events, ct);
        var alone = await ClosedAsync(bench, database, "appends, no daemon", ct);
        await bench.AddAsync(alone);
        await bench.AddAsync(new LogRow(1, await PacedAsync(bench, database, "paced append, no daemon", null, null, ct)));

        await using var shown = await ShownPositions.ListenAsync(database.Source, ct);
        await using var running = await RunningDaemon.StartAsync(database, shown, ct);
        await PacedAsync(bench, database, "warm up", shown, null, ct);
        await ShownAsync(bench, database, "commit until shown, daemon woken by notice", shown, null, ct);
        await ShownAsync(bench, database, "commit until shown, daemon woken in the process", shown, running.Daemon.Wake, ct);
        await bench.AddAsync(new LogRow(1, await PacedAsync(bench, database, "paced append, with the daemon", null, null, ct)));

        var beside = await ClosedAsync(bench, database, "appends, with the daemon", ct);
        await bench.AddAsync(beside with
        {
            Goals = [new(Figure.Rate, alone.Measured.Rate, 0.95, Writers) { IsAbsolute = true }],
            Note = $"{beside.Measured.Rate / alone.Measured.Rate:P0} of the rate without",
        });
        await LogCheck.SoundAsync(database, ct);
    }

    private static Task<LogRow> ClosedAsync(LogBench bench, BenchDatabase database, string work, CancellationToken ct) =>
        bench.MeasureAsync(
            work,
            Writers,
            (_, token) => database.AppendThreeAsync(token),
            ct);

    private static async Task ShownAsync(
        LogBench bench, BenchDatabase database, string work, ShownPositions shown, Action? wake, CancellationToken ct)
    {
        var measured = await PacedAsync(bench, database, work, shown, wake, ct);
        await bench.AddAsync(new LogRow(1, measured) { HasRate = false, Goals = [new(Figure.P99, 10, 1, 1)] });
    }

    /// <summary>Appends at a steady pace, whether or not the one before is done.</summary>
    /// <returns>How long appends took; or from their answers until they were shown, when that is watched.</returns>
    private static Task<Measured> PacedAsync(
        LogBench bench, BenchDatabase database, string work, ShownPositions? shown, Action? wake, CancellationToken ct)
    {
        return Paced.AtAsync(work, AppendsPerSecond, passed => passed < bench.Options.Time, _ => OneAsync(), ct);

        async Task<TimeSpan> OneAsync()
        {
            var begun = Stopwatch.GetTimestamp();
            var appended = await database.AppendThreeAsync(ct);
            var committed = Stopwatch.GetTimestamp();
            wake?.Invoke();
            if (shown is null)
            {
                return Stopwatch.GetElapsedTime(begun, committed);
            }

            // The daemon may be faster than the answer.
            var seen = await shown.WaitForAsync(appended.Events[^1].Position, ct);
            return seen > committed ? Stopwatch.GetElapsedTime(committed, seen) : TimeSpan.Zero;
        }
    }
}
