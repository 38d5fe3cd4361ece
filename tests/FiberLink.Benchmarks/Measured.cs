using System.Diagnostics;
using System.Globalization;

namespace FiberLink.Benchmarks;

/// <summary>What a row of a benchmark came to.</summary>
/// <param name="Row">What was measured.</param>
/// <param name="Count">How many operations were done.</param>
/// <param name="Took">In how much time.</param>
/// <param name="Latencies">How long each took.</param>
internal sealed record Measured(string Row, int Count, TimeSpan Took, IReadOnlyList<TimeSpan> Latencies)
{
    public const string Head = "| row | op/s | p50 ms | p99 ms | max ms | n |\n|---|--:|--:|--:|--:|--:|";

    private readonly TimeSpan[] _sorted = [.. Latencies.Order()];

    /// <summary>Operations a second.</summary>
    public double Rate => Count / Took.TotalSeconds;

    public override string ToString() =>
        Latencies.Count == 0
            ? string.Create(CultureInfo.InvariantCulture, $"| {Row} | {Rate:F0} | | | | {Count} |")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"| {Row} | {Rate:F0} | {At(0.50):F1} | {At(0.99):F1} | {At(1):F1} | {Count} |");

    /// <summary>The milliseconds that this share of the operations did not exceed; 1 is the slowest.</summary>
    public double At(double share) => _sorted[Math.Min(_sorted.Length - 1, (int)(share * _sorted.Length))].TotalMilliseconds;

    /// <summary>Has so many callers do the same thing over and over for a time.</summary>
    public static async Task<Measured> ForAsync(
        string row, int callers, TimeSpan time, Func<int, CancellationToken, Task> operation, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        var latencies = await Task.WhenAll(Enumerable.Range(0, callers).Select(async caller =>
        {
            // A list for each: callers who share one wait for each other.
            var own = new List<TimeSpan>();
            while (Stopwatch.GetElapsedTime(started) < time)
            {
                var begun = Stopwatch.GetTimestamp();
                await operation(caller, ct);
                own.Add(Stopwatch.GetElapsedTime(begun));
            }

            return own;
        }));
        var took = Stopwatch.GetElapsedTime(started);
        return new(row, latencies.Sum(l => l.Count), took, [.. latencies.SelectMany(l => l)]);
    }
}
