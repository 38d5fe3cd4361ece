using System.Collections.Concurrent;
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

    public override string ToString() =>
        Latencies.Count == 0
            ? string.Create(CultureInfo.InvariantCulture, $"| {Row} | {Count / Took.TotalSeconds:F0} | | | | {Count} |")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"| {Row} | {Count / Took.TotalSeconds:F0} | {At(0.50):F1} | {At(0.99):F1} | {At(1):F1} | {Count} |");

    private double At(double share)
    {
        var sorted = Latencies.Order().ToArray();
        return sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))].TotalMilliseconds;
    }

    /// <summary>Has so many callers do the same thing over and over for a time.</summary>
    public static async Task<Measured> ForAsync(
        string row, int callers, TimeSpan time, Func<int, CancellationToken, Task> operation, CancellationToken ct)
    {
        var latencies = new ConcurrentBag<TimeSpan>();
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(async caller =>
        {
            while (Stopwatch.GetElapsedTime(started) < time)
            {
                var begun = Stopwatch.GetTimestamp();
                await operation(caller, ct);
                latencies.Add(Stopwatch.GetElapsedTime(begun));
            }
        }));
        return new(row, latencies.Count, Stopwatch.GetElapsedTime(started), [.. latencies]);
    }
}
