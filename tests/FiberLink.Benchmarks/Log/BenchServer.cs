using FiberLink.Postgres;

namespace FiberLink.Benchmarks.Log;

/// <summary>A private PostgreSQL with its durable defaults, and pgbench's figures on it.</summary>
internal static class BenchServer
{
    /// <summary>Starts it, measures the reference, runs something, and leaves nothing behind.</summary>
    public static async Task RunAsync(LogOptions options, TextWriter output, Func<LogBench, Task> measure, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("fiberlink-bench").FullName;
        try
        {
            await using var server = await PrivatePostgres.StartAsync(new PrivatePostgresOptions { Directory = folder }, ct);
            var reference = await ReferenceAsync(server, folder, options, ct);
            await WriteAsync(output, "pgbench, one stream and three events in each transaction", reference);
            var bench = new LogBench(server, options, reference, output);
            await WarmUp.RunAsync(bench, ct);
            await measure(bench);

            // A machine that is not at rest is found out: both tables should be about the same.
            await WriteAsync(output, "pgbench again, at the end", await ReferenceAsync(server, folder, options, ct));
        }
        finally
        {
            await PrivatePostgres.RemoveAsync(folder, CancellationToken.None);
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task WriteAsync(TextWriter output, string title, Reference reference)
    {
        await output.WriteLineAsync($"\n### {title}\n");
        foreach (var line in reference.Lines())
        {
            await output.WriteLineAsync(line);
        }

        await output.FlushAsync();
    }

    private static async Task<Reference> ReferenceAsync(PrivatePostgres server, string folder, LogOptions options, CancellationToken ct)
    {
        const string Name = "bench_reference";
        await using var database = await BenchDatabase.CreateAsync(server, Name, ct);
        return await Reference.MeasureAsync(new PgBench(server, Name, folder), options, ct);
    }
}
