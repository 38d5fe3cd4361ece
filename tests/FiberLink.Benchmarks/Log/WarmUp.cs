namespace FiberLink.Benchmarks.Log;

/// <summary>
/// Runs everything for a while before anything is measured, so that the first rows are not those of a program that is still being
/// compiled. Each row has a short warm-up of its own besides.
/// </summary>
internal static class WarmUp
{
    private const int Writers = 8;
    private const int Streams = 500;

    private static readonly TimeSpan Time = TimeSpan.FromSeconds(4);

    public static async Task RunAsync(LogBench bench, CancellationToken ct)
    {
        await using var database = await bench.CreateDatabaseAsync("warm_up", ct);
        var streams = await Accounts.OpenAsync(database.Store, Streams, ct);
        await Measured.ForAsync(
            "appends",
            Writers,
            Time,
            (_, token) => database.AppendThreeAsync(token),
            ct);
        foreach (var cycle in (IAccountCycle[])[new ReadingCycle(database.Store), new KeptCycle(database.Store)])
        {
            var turn = 0;
            await Measured.ForAsync(
                "cycles",
                Writers,
                Time,
                (_, token) =>
                {
                    var name = streams[Accounts.Pick(Interlocked.Increment(ref turn), Streams)];
                    return cycle.MoveAsync(Accounts.Stream(name), name, 700, token);
                },
                ct);
        }
    }
}
