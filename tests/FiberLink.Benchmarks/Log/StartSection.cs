using System.Diagnostics;
using System.Globalization;

namespace FiberLink.Benchmarks.Log;

/// <summary>From the start of a process until its first change has committed.</summary>
internal sealed class StartSection : ISection
{
    private const int Runs = 10;

    public string Name => "start";

    public async Task RunAsync(LogBench bench, CancellationToken ct)
    {
        await bench.TitleAsync("Start of a process until its first commit");
        await using var database = await bench.CreateDatabaseAsync(Name, ct);
        await OnceAsync(database, ct);
        var latencies = new List<TimeSpan>();
        var peak = 0L;
        var started = Stopwatch.GetTimestamp();
        for (var run = 0; run < Runs; run++)
        {
            var (took, kilobytes) = await OnceAsync(database, ct);
            latencies.Add(took);
            peak = Math.Max(peak, kilobytes);
        }

        await bench.AddAsync(new LogRow(1, new Measured("start to first commit", Runs, Stopwatch.GetElapsedTime(started), latencies))
        {
            HasRate = false,
            Goals = [new(Figure.P50, 400, 1, 1)],
            Note = $"peak of {peak / 1024.0:F0} MB",
        });
    }

    private static async Task<(TimeSpan Took, long PeakKilobytes)> OnceAsync(BenchDatabase database, CancellationToken ct)
    {
        // Run as a program of its own, or by dotnet.
        var path = Environment.ProcessPath!;
        string[] program = Path.GetFileNameWithoutExtension(path) == "dotnet" ? [typeof(FirstAppend).Assembly.Location] : [];
        var started = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(path, [.. program, FirstAppend.Word, database.ConnectionString])
        {
            RedirectStandardOutput = true,
        })!;
        var said = await process.StandardOutput.ReadLineAsync(ct);
        var took = Stopwatch.GetElapsedTime(started);
        await process.WaitForExitAsync(ct);
        return said is not null && said.StartsWith(FirstAppend.Committed, StringComparison.Ordinal)
            ? (took, long.Parse(said[FirstAppend.Committed.Length..], CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"The process that was started ended with {process.ExitCode}, and said '{said}'.");
    }
}
