using System.Diagnostics;
using FiberLink.EventStore.Projections;

namespace FiberLink.Benchmarks.Log;

/// <summary>Read models made anew from the whole log.</summary>
internal sealed class RebuildSection : ISection
{
    private const string ForgetAll =
        """
        truncate bench.totals, bench.streams;
        delete from event_store.mt_event_progression;
        delete from event_store.projection_state;
        """;

    private const string Rows = "select (select count(*) from bench.totals) + (select count(*) from bench.streams)";

    public string Name => "rebuild";

    public async Task RunAsync(LogBench bench, CancellationToken ct)
    {
        await bench.TitleAsync($"Rebuild from {bench.Options.RebuiltEvents:N0} events (a unit of work is an event)");
        await using var database = await bench.CreateDatabaseAsync(Name, ct);
        await LogFill.UpToAsync(database, bench.Options.RebuiltEvents, ct);
        await RowAsync(bench, database, "many streams, a row for each account", new TotalsProjection(), 95_583, ct);
        await RowAsync(bench, database, "a row for each stream", new StreamsProjection(), 69_935, ct);
    }

    private static async Task RowAsync(
        LogBench bench, BenchDatabase database, string work, IProjection projection, double marten, CancellationToken ct)
    {
        // Once to warm up; what pgbench fills the processors with is what a rebuild is compared with.
        const int Clients = 8;
        await OnceAsync(database, work, projection, ct);
        var row = await bench.CostingAsync(Clients, () => OnceAsync(database, work, projection, ct));
        var rows = await database.ReadAsync<long>(Rows, ct);
        await bench.AddAsync(row with { Goals = [new(Figure.Rate, marten, 2, Clients)], Note = $"{rows:N0} rows" });
    }

    private static async Task<Measured> OnceAsync(BenchDatabase database, string work, IProjection projection, CancellationToken ct)
    {
        await database.ExecuteAsync(ForgetAll, ct);
        var events = await database.Store.ReadHeadAsync(ct);
        var started = Stopwatch.GetTimestamp();
        await RebuildAsync(database, projection, ct);
        return new(work, (int)events, Stopwatch.GetElapsedTime(started), []);
    }

    private static Task RebuildAsync(BenchDatabase database, IProjection projection, CancellationToken ct) =>
        database.Daemon(projection).CatchUpAsync(ct);
}
