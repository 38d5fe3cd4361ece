namespace FiberLink.Benchmarks.Log;

/// <summary>Everybody wants the same stream, or credits the same account.</summary>
internal sealed class HotSection : ISection
{
    private const int Streams = 2_000;
    private const string HotAccount = "hot";

    // By row lock; what Marten does best with.
    private const double Marten = 587;
    private const double Factor = 10;

    public string Name => "hot";

    public async Task RunAsync(LogBench bench, CancellationToken ct)
    {
        await bench.TitleAsync("One hot stream, and one hot account; load, decide, append, balance inline");
        await using var database = await bench.CreateDatabaseAsync(Name, ct);
        await LogFill.UpToAsync(database, bench.Options.Events, ct);
        var cycle = new KeptCycle(database.Store);
        var one = await Accounts.OpenAsync(database.Store, 1, ct);
        await RowAsync(bench, "one hot stream", 8, cycle, _ => one[0], null, ct);

        var streams = await Accounts.OpenAsync(database.Store, Streams, ct);
        foreach (var writers in (int[])[8, 32])
        {
            await RowAsync(
                bench, "many streams, one hot account", writers, cycle, turn => streams[Accounts.Pick(turn, Streams)], HotAccount, ct);
        }

        await LogCheck.SoundAsync(database, ct);
    }

    private static async Task RowAsync(
        LogBench bench, string work, int writers, KeptCycle cycle, Func<int, string> stream, string? credited, CancellationToken ct)
    {
        var turn = 0;
        var before = cycle.Conflicts;
        var row = await bench.MeasureAsync(
            work,
            writers,
            (_, token) =>
            {
                var name = stream(Interlocked.Increment(ref turn));
                return cycle.MoveAsync(Accounts.Stream(name), credited ?? name, 700, token);
            },
            ct);
        await bench.AddAsync(row with
        {
            Goals = [new(Figure.Rate, Marten, Factor, writers)],
            Note = $"{cycle.Conflicts - before} conflicts",
        });
    }
}
