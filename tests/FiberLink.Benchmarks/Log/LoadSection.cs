using FiberLink.EventStore;
using FiberLink.EventStore.Snapshots;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Benchmarks.Log;

/// <summary>What a long stream has come to.</summary>
internal sealed class LoadSection : IGrowingSection
{
    private const int Events = 1_000;
    private const string Balance = "select units from bench.balances where account = $1";

    public string Name => "load";

    public async Task RunAsync(LogBench bench, CancellationToken ct)
    {
        await bench.TitleAsync($"Load a stream of {Events:N0} events");
        await using var database = await bench.CreateDatabaseAsync(Name, ct);
        await LogFill.UpToAsync(database, bench.Options.Events, ct);
        await MeasureAsync(bench, database, ct);
    }

    public async Task MeasureAsync(LogBench bench, BenchDatabase database, CancellationToken ct)
    {
        var name = Accounts.NewName();
        var deposits = Accounts.Change(
            Accounts.Stream(name), ExpectedVersion.NoStream, [.. Enumerable.Repeat<object>(new Deposited(name, 1), Events)]);
        await database.Store.AppendAsync(deposits, ct).MustAppendAsync();
        await LogFill.TidyAsync(database, ct);
        foreach (var (work, load, goal) in Ways(database, name))
        {
            var row = await bench.MeasureAsync(
                work,
                1,
                async (_, token) =>
                {
                    if (await load(token) is var units and not Events)
                    {
                        throw new InvalidOperationException($"{work}: there are {units} units in the account, not {Events}.");
                    }
                },
                ct);
            await bench.AddAsync(row with { Goals = [goal] });
        }
    }

    private static IEnumerable<(string Work, Func<CancellationToken, Task<long>> Load, Goal Goal)> Ways(BenchDatabase database, string name)
    {
        yield return ("all events, folded", ct => FoldedAsync(database, name, ct), new(Figure.Rate, 198, 3, 1));
        var snapshots = database.Snapshots();
        var account = new SnapshotOf<AccountState>(
            "account", AccountState.Empty, (state, e) => AccountState.Evolve(state, e.Body), AccountJson.Default.AccountState);
        yield return (
            "a snapshot, and the events after it",
            async ct => (await snapshots.LoadAsync(Accounts.Stream(name), account, ct)).State.Units,
            new(Figure.Rate, 4_787, 1, 1));
        yield return ("the row that is kept inline", ct => InlineAsync(database, name, ct), new(Figure.Rate, 4_787, 1, 1));
    }

    private static async Task<long> FoldedAsync(BenchDatabase database, string name, CancellationToken ct)
    {
        var read = await database.Store.ReadStreamAsync(Accounts.Stream(name), ct);
        return read.Events.Aggregate(AccountState.Empty, (state, e) => AccountState.Evolve(state, e.Body)).Units;
    }

    private static async Task<long> InlineAsync(BenchDatabase database, string name, CancellationToken ct)
    {
        await using var command = database.Source.Command(Balance, new NpgsqlParameter { Value = name });
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }
}
