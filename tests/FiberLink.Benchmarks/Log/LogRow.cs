namespace FiberLink.Benchmarks.Log;

/// <summary>One line of the table.</summary>
/// <param name="Clients">How many at once; the row of pgbench that it is compared with.</param>
/// <param name="Measured">What it came to.</param>
internal sealed record LogRow(int Clients, Measured Measured)
{
    /// <summary>False where only the times mean something.</summary>
    public bool HasRate { get; init; } = true;

    /// <summary>Null where it was not measured.</summary>
    public Cost? Cost { get; init; }

    /// <summary>What it has to come to.</summary>
    public IReadOnlyList<Goal> Goals { get; init; } = [];

    /// <summary>What else there is to say, in a few words.</summary>
    public string? Note { get; init; }

    public static IReadOnlyList<string> Head { get; } =
    [
        "| work | at once | per s | p50 ms | p99 ms | max ms | × pgbench | needed | so | client µs | server µs | bytes | n |",
        "|---|--:|--:|--:|--:|--:|--:|---|---|--:|--:|--:|--:|",
    ];

    public string Line(Reference reference)
    {
        string[] cells =
        [
            Note is null ? Measured.Row : $"{Measured.Row} ({Note})",
            $"{Clients}",
            HasRate ? $"{Measured.Rate:N0}" : "",
            Time(0.5),
            Time(0.99),
            Time(1),
            HasRate ? $"{Measured.Rate / reference.FourTrips(Clients):F2}" : "",
            string.Join("; ", Goals.Select(g => g.Said(reference))),
            string.Join("; ", Goals.Select(g => g.IsReached(Measured, reference) ? "reached" : "**missed**")),
            Cost is null ? "" : $"{Cost.ClientMicroseconds:N0}",
            Cost is null ? "" : $"{Cost.ServerMicroseconds:N0}",
            Cost is null ? "" : $"{Cost.Bytes:N0}",
            $"{Measured.Count:N0}",
        ];
        return $"| {string.Join(" | ", cells)} |";
    }

    private string Time(double share) => Measured.Latencies.Count == 0 ? "" : $"{Measured.At(share):F2}";
}
