using System.Diagnostics;
using FiberLink.EventStore.Projections;
using FiberLink.EventStore.Rebuilding;

namespace FiberLink.Benchmarks.Log;

/// <summary>Read models made anew from the whole log, up to the moment in which the new tables are the live ones.</summary>
internal sealed class RebuildSection : ISection
{
    // What pgbench fills the processors with is what a rebuild is compared with.
    private const int Clients = 8;

    private const string TotalsSeen = "select coalesce(sum(moves), 0)::bigint from bench.totals";
    private const string StreamsSeen = "select coalesce(sum(version), 0)::bigint from bench.streams";

    public string Name => "rebuild";

    public async Task RunAsync(LogBench bench, CancellationToken ct)
    {
        await bench.TitleAsync($"Rebuild from {bench.Options.RebuiltEvents:N0} events (per s: events)");
        await using var database = await bench.CreateDatabaseAsync(Name, ct);
        await LogFill.UpToAsync(database, bench.Options.RebuiltEvents, ct);
        var totals = Model(new TotalsProjection(), "totals");
        var streams = Model(new StreamsProjection(), "streams");
        await RowAsync(bench, database, totals, new("many streams, a row for each of 1,000 accounts", 1, TotalsSeen, 95_583), ct);
        await RowAsync(bench, database, streams, new("a row for each stream of 10 events", 1, StreamsSeen, 69_935), ct);
        await RowAsync(bench, database, streams, new("the same, in 2 parts", 2, StreamsSeen, 69_935), ct);
    }

    private static ReadModel Model(IProjection projection, string table) =>
        new(projection, ProjectionLifecycle.Async, "To be rebuilt.")
        {
            Tables = new("bench", [table], [BenchDatabase.Table($"bench_{table}")]),
        };

    private static async Task RowAsync(LogBench bench, BenchDatabase database, ReadModel model, Rebuild rebuild, CancellationToken ct)
    {
        // Once to warm up.
        await OnceAsync(database, model, rebuild, ct);
        var row = await bench.CostingAsync(Clients, () => OnceAsync(database, model, rebuild, ct));
        await bench.AddAsync(row with { Goals = [new(Figure.Rate, rebuild.Marten, 2, Clients)] });
    }

    private static async Task<Measured> OnceAsync(BenchDatabase database, ReadModel model, Rebuild rebuild, CancellationToken ct)
    {
        var events = await database.Store.ReadHeadAsync(ct);
        var started = Stopwatch.GetTimestamp();
        await RebuildAsync(database, model, rebuild.Parallel, ct);
        var took = Stopwatch.GetElapsedTime(started);
        var seen = await database.ReadAsync<long>(rebuild.EventsSeen, ct);
        return seen == events
            ? new(rebuild.Work, (int)events, took, [])
            : throw new InvalidOperationException($"{rebuild.Work}: {seen} of {events} events are in it; the figure does not count.");
    }

    private static async Task RebuildAsync(BenchDatabase database, ReadModel model, int parallel, CancellationToken ct)
    {
        var rebuild = new ProjectionRebuild(database.Source, database.Store, TimeProvider.System);
        var outcome = await rebuild.RunAsync(model, new RebuildOptions { Parallel = parallel }, progress: null, ct);
        if (outcome is not RebuildOutcome.TookOver)
        {
            throw new InvalidOperationException($"A rebuild ended in {outcome}.");
        }
    }

    /// <param name="Work">What it is called.</param>
    /// <param name="Parallel">Into how many parts the streams are split.</param>
    /// <param name="EventsSeen">Tells how many events are in the rebuilt rows.</param>
    /// <param name="Marten">Marten's events a second.</param>
    private sealed record Rebuild(string Work, int Parallel, string EventsSeen, double Marten);
}
