using FiberLink.Benchmarks.Log;

namespace FiberLink.Benchmarks.Messages;

/// <summary>Messages from a commit to their effect, on a private PostgreSQL with its durable defaults, in one process.</summary>
internal static class MessagesBenchmark
{
    public static IReadOnlyList<string> SectionNames { get; } = [.. Sections([]).Select(s => s.Name)];

    public static async Task<int> RunAsync(LogOptions options, IReadOnlyList<int> backlogs, TextWriter output, CancellationToken ct)
    {
        await BenchServer.RunAsync(
            options,
            output,
            async bench =>
            {
                foreach (var section in Sections(backlogs).Where(s => options.Sections.Contains(s.Name, StringComparer.Ordinal)))
                {
                    await section.RunAsync(bench, ct);
                }

                await output.WriteLineAsync($"\n{bench.Goals.Reached} of {bench.Goals.All} goals reached.");
            },
            ct);
        return 0;
    }

    private static IReadOnlyList<ISection> Sections(IReadOnlyList<int> backlogs) =>
        [new FlowSection(), new PoisonSection(), new BacklogSection(backlogs)];
}
