using FiberLink.Postgres;

namespace FiberLink.Benchmarks.Log;

/// <summary>What the sections share: the server, pgbench's figures on it, and the table.</summary>
/// <param name="server">Where.</param>
/// <param name="options">How.</param>
/// <param name="reference">What pgbench does there.</param>
/// <param name="output">Gets the table.</param>
internal sealed class LogBench(PrivatePostgres server, LogOptions options, Reference reference, TextWriter output)
{
    private static readonly TimeSpan WarmUpMax = TimeSpan.FromSeconds(2);

    private readonly List<LogRow> _rows = [];

    public LogOptions Options => options;

    /// <summary>All rows so far.</summary>
    public IReadOnlyList<LogRow> Rows => _rows;

    /// <summary>How many goals were reached, and of how many.</summary>
    public (int Reached, int All) Goals => (
        _rows.Sum(r => r.Goals.Count(g => g.IsReached(r.Measured, reference))),
        _rows.Sum(r => r.Goals.Count));

    public Task<BenchDatabase> CreateDatabaseAsync(string name, CancellationToken ct) =>
        BenchDatabase.CreateAsync(server, $"bench_{name}", ct);

    /// <summary>Begins a table.</summary>
    public async Task TitleAsync(string title)
    {
        await output.WriteLineAsync($"\n### {title}\n");
        foreach (var line in LogRow.Head)
        {
            await output.WriteLineAsync(line);
        }

        await output.FlushAsync();
    }

    public async Task AddAsync(LogRow row)
    {
        _rows.Add(row);
        await output.WriteLineAsync(row.Line(reference));
        await output.FlushAsync();
    }

    /// <summary>Warms up, then has so many do the same thing over and over, and says what each of it cost.</summary>
    /// <param name="row">What is measured.</param>
    /// <param name="clients">How many at once.</param>
    /// <param name="operation">What they do.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<LogRow> MeasureAsync(
        string row, int clients, Func<int, CancellationToken, Task> operation, CancellationToken ct)
    {
        await Measured.ForAsync(row, clients, options.Time < WarmUpMax ? options.Time : WarmUpMax, operation, ct);
        return await CostingAsync(clients, () => Measured.ForAsync(row, clients, options.Time, operation, ct));
    }

    /// <summary>Measures something of its own shape, and says what each operation cost.</summary>
    public async Task<LogRow> CostingAsync(int clients, Func<Task<Measured>> measure)
    {
        var postmaster = server.ProcessId!.Value;
        var before = Spent.SoFar(postmaster);
        var measured = await measure();
        return new LogRow(clients, measured) { Cost = Spent.SoFar(postmaster).Since(before, Math.Max(1, measured.Count)) };
    }
}
