using System.Diagnostics;
using FiberLink.EventStore.Projections;
using FiberLink.EventStore.Rebuilding;

namespace FiberLink.Benchmarks.Log;

/// <summary>An inline read model is made anew from the whole log while commands keep coming and their results are read.</summary>
/// <remarks>A command that fails, or a balance that is not what the commands so far have made of it, ends the benchmark.</remarks>
internal sealed class BusyRebuildSection : ISection
{
    private const int CommandsPerSecond = 500;

    // With as many, an account's turn comes every two seconds.
    private const int AccountCount = 1_000;

    public string Name => "busy-rebuild";

    public async Task RunAsync(LogBench bench, CancellationToken ct)
    {
        await bench.TitleAsync(
            $"Inline balances rebuilt from {bench.Options.RebuiltEvents:N0} events beside {CommandsPerSecond} commands a second");
        await using var database = await bench.CreateDatabaseAsync("busy_rebuild", ct);
        await LogFill.UpToAsync(database, bench.Options.RebuiltEvents, ct);
        var accounts = await ReadBackAccounts.OpenAsync(database, AccountCount, ct);

        // Nothing that was filled in is in the balances yet; this puts it there, and warms up what rebuilds.
        await RebuildAsync(database, ct);
        await LogFill.TidyAsync(database, ct);
        await CommandsAsync("warm up", accounts, passed => passed < bench.Options.Time, ct);
        var alone = await CommandsAsync("commands, nothing else", accounts, passed => passed < bench.Options.Time, ct);
        await bench.AddAsync(new LogRow(1, alone));

        var rebuild = Task.Run(() => RebuildAsync(database, ct), ct);
        var beside = await CommandsAsync("commands, while it is rebuilt", accounts, _ => !rebuild.IsCompleted, ct);
        var took = await rebuild;
        await bench.AddAsync(new LogRow(1, beside)
        {
            Goals = [new(Figure.P99, alone.At(0.99), 2, 1) { IsAbsolute = true }],
            Note = $"rebuilt in {took.Took.TotalSeconds:F1} s, {took.Events / took.Took.TotalSeconds:N0} events/s",
        });
        var after = await CommandsAsync("commands, on the new tables", accounts, passed => passed < bench.Options.Time, ct);
        await bench.AddAsync(new LogRow(1, after) { Note = $"{accounts.Checked:N0} balances read in all, each as it should be" });
        await LogCheck.SoundAsync(database, ["bench", "filler"], ct);
    }

    private static Task<Measured> CommandsAsync(
        string row, ReadBackAccounts accounts, Predicate<TimeSpan> goesOn, CancellationToken ct) =>
        Paced.AtAsync(row, CommandsPerSecond, goesOn, turn => accounts.MoveAsync(turn, ct), ct);

    private static async Task<RebuildOutcome.TookOver> RebuildAsync(BenchDatabase database, CancellationToken ct)
    {
        var model = new ReadModel(new BalancesProjection(), ProjectionLifecycle.Inline, "To be rebuilt.")
        {
            Tables = new("bench", ["balances"], [BenchDatabase.Table("bench_balances")]),
        };
        var outcome = await new ProjectionRebuild(database.Source, database.Store, TimeProvider.System)
            .RunAsync(model, new RebuildOptions(), progress: null, ct);
        return outcome as RebuildOutcome.TookOver ?? throw new InvalidOperationException($"The rebuild ended in {outcome}.");
    }

    /// <summary>Accounts that remember what must be in them, and look after each command.</summary>
    private sealed class ReadBackAccounts(BenchDatabase database, IReadOnlyList<string> names)
    {
        private const long OpenedWith = 4_000;
        private const long Step = 700;
        private const string Units = "select units from bench.balances where account = $1";

        private readonly KeptCycle _cycle = new(database.Store);
        private readonly long[] _units = [.. names.Select(_ => OpenedWith)];
        private readonly SemaphoreSlim[] _turns = [.. names.Select(_ => new SemaphoreSlim(1, 1))];
        private int _checked;

        public int Checked => _checked;

        public static async Task<ReadBackAccounts> OpenAsync(BenchDatabase database, int count, CancellationToken ct) =>
            new(database, await Accounts.OpenAsync(database.Store, count, ct));

        /// <returns>How long the command took; the look afterwards is not in it, the wait for the one before is.</returns>
        public async Task<TimeSpan> MoveAsync(int turn, CancellationToken ct)
        {
            var begun = Stopwatch.GetTimestamp();
            var account = turn % names.Count;
            await _turns[account].WaitAsync(ct);
            try
            {
                await _cycle.MoveAsync(Accounts.Stream(names[account]), names[account], Step, ct);
                var took = Stopwatch.GetElapsedTime(begun);
                _units[account] += _units[account] >= Step ? -Step : Step;
                var shown = await database.ReadAsync<long>(Units, ct, names[account]);
                if (shown != _units[account])
                {
                    throw new InvalidOperationException($"{names[account]} shows {shown} and not {_units[account]}.");
                }

                Interlocked.Increment(ref _checked);
                return took;
            }
            finally
            {
                _turns[account].Release();
            }
        }
    }
}
