namespace FiberLink.Benchmarks.Log;

/// <summary>
/// The event store under load, on a private PostgreSQL with its durable defaults. Store and server share the machine; each figure is
/// printed beside pgbench's on the same server in the same run.
/// </summary>
internal static class LogBenchmark
{
    private static readonly IReadOnlyList<ISection> Sections =
    [
        new AppendSection(), new CycleSection(), new HotSection(), new RebuildSection(),
        new BusyRebuildSection(), new LagSection(), new StandstillSection(), new LoadSection(), new StartSection(),
    ];

    public static IEnumerable<string> SectionNames => Sections.Select(s => s.Name);

    public static async Task<int> RunAsync(LogOptions options, TextWriter output, CancellationToken ct)
    {
        await BenchServer.RunAsync(
            options,
            output,
            async bench =>
            {
                foreach (var section in Sections.Where(s => options.Sections.Contains(s.Name, StringComparer.Ordinal)))
                {
                    await section.RunAsync(bench, ct);
                }

                await output.WriteLineAsync($"\n{bench.Goals.Reached} of {bench.Goals.All} goals reached.");
            },
            ct);
        return 0;
    }
}
