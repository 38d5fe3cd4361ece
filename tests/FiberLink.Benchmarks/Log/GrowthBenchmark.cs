namespace FiberLink.Benchmarks.Log;

/// <summary>The same rows on a log that grows: they should not change.</summary>
internal static class GrowthBenchmark
{
    private static readonly IReadOnlyList<IGrowingSection> Sections = [new AppendSection(), new CycleSection(), new LoadSection()];

    /// <param name="sizes">How many events the log is filled up to.</param>
    /// <param name="options">How each row is measured.</param>
    /// <param name="output">Gets the tables.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<int> RunAsync(IReadOnlyList<int> sizes, LogOptions options, TextWriter output, CancellationToken ct)
    {
        await BenchServer.RunAsync(
            options,
            output,
            async bench =>
            {
                await using var database = await bench.CreateDatabaseAsync("growth", ct);
                var columns = new List<(int Size, IReadOnlyList<LogRow> Rows)>();
                foreach (var size in sizes.Order())
                {
                    await LogFill.UpToAsync(database, size, ct);
                    await bench.TitleAsync($"{await database.Store.ReadHeadAsync(ct):N0} events in the log");
                    var before = bench.Rows.Count;
                    foreach (var section in Sections)
                    {
                        await section.MeasureAsync(bench, database, ct);
                    }

                    columns.Add((size, [.. bench.Rows.Skip(before)]));
                }

                await LogCheck.SoundAsync(database, ct);
                await SumUpAsync(columns, output);
            },
            ct);
        return 0;
    }

    private static async Task SumUpAsync(List<(int Size, IReadOnlyList<LogRow> Rows)> columns, TextWriter output)
    {
        await output.WriteLineAsync("\n### Each row, per s (p50 / p99 ms), by the number of events\n");
        await output.WriteLineAsync($"| work | at once | {string.Join(" | ", columns.Select(c => $"{c.Size:N0}"))} | last / first |");
        await output.WriteLineAsync($"|---|--:|{string.Concat(columns.Select(_ => "--:|"))}--:|");
        for (var row = 0; row < columns[0].Rows.Count; row++)
        {
            var measured = columns.Select(c => c.Rows[row].Measured).ToArray();
            var (work, clients) = (measured[0].Row, columns[0].Rows[row].Clients);
            var cells = measured.Select(m => $"{m.Rate:N0} ({m.At(0.5):F2} / {m.At(0.99):F2})");
            await output.WriteLineAsync(
                $"| {work} | {clients} | {string.Join(" | ", cells)} | {measured[^1].Rate / measured[0].Rate:F2} |");
        }
    }
}
