namespace FiberLink.Benchmarks.Log;

/// <summary>
/// What pgbench does on this server, beside what it did on the machine where Marten was measured: absolute figures move with the
/// machine, their ratio to pgbench does not.
/// </summary>
internal sealed class Reference
{
    private const string FourTripsScript = "pgbench_four_round_trips.sql";
    private const string OneCallScript = "pgbench_one_call.sql";

    // The server takes 200 connections.
    private const int ClientsMax = 128;

    // Transactions a second where Marten was measured: clients, four round trips, one call.
    private static readonly IReadOnlyList<(int Clients, double FourTrips, double OneCall)> There =
        [(1, 1_239, 2_296), (8, 4_249, 6_856), (32, 4_395, 7_234)];

    private readonly IReadOnlyList<PgBenchResult> _fourTrips;
    private readonly IReadOnlyList<PgBenchResult> _oneCall;

    private Reference(IReadOnlyList<PgBenchResult> fourTrips, IReadOnlyList<PgBenchResult> oneCall) =>
        (_fourTrips, _oneCall) = (fourTrips, oneCall);

    public static async Task<Reference> MeasureAsync(PgBench pgbench, LogOptions options, CancellationToken ct)
    {
        int[] clients = [.. There.Select(t => t.Clients).Union(options.Writers.Where(w => w <= ClientsMax)).Order()];
        var (fourTrips, oneCall) = (new List<PgBenchResult>(), new List<PgBenchResult>());
        foreach (var count in clients)
        {
            fourTrips.Add(await pgbench.RunAsync(FourTripsScript, count, options.Time, ct));
            oneCall.Add(await pgbench.RunAsync(OneCallScript, count, options.Time, ct));
        }

        return new(fourTrips, oneCall);
    }

    /// <summary>Four round trips a second, by the most clients that were measured and are not more than these.</summary>
    public double FourTrips(int clients) => _fourTrips.Last(r => r.Clients <= clients).Rate;

    /// <summary>How many times faster this machine is than the one where Marten was measured, with so many clients.</summary>
    public double Scale(int clients)
    {
        var there = There.Last(t => t.Clients <= clients);
        return _fourTrips.Single(r => r.Clients == there.Clients).Rate / there.FourTrips;
    }

    public IEnumerable<string> Lines() =>
    [
        "| work | clients | tx/s | average ms | server µs | there | here / there |",
        "|---|--:|--:|--:|--:|--:|--:|",
        .. _fourTrips.Select(r => Line("four round trips", r, There.FirstOrDefault(t => t.Clients == r.Clients).FourTrips)),
        .. _oneCall.Select(r => Line("one function call", r, There.FirstOrDefault(t => t.Clients == r.Clients).OneCall)),
    ];

    private static string Line(string work, PgBenchResult here, double there) =>
        $"| {work} | {here.Clients} | {here.Rate:N0} | {here.Milliseconds:F2} | {here.ServerMicroseconds:N0} | "
        + (there > 0 ? $"{there:N0} | {here.Rate / there:F2} |" : "| |");
}
