using System.Diagnostics;

namespace FiberLink.Benchmarks.Log;

/// <summary>Operations that begin at a steady pace, whether or not the ones before are done.</summary>
internal static class Paced
{
    /// <param name="row">What is measured.</param>
    /// <param name="perSecond">How many begin in a second.</param>
    /// <param name="goesOn">Asked before each, with the time that has passed.</param>
    /// <param name="operation">Given the turn, answers how long what is measured of it took.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<Measured> AtAsync(
        string row, int perSecond, Predicate<TimeSpan> goesOn, Func<int, Task<TimeSpan>> operation, CancellationToken ct)
    {
        var interval = TimeSpan.FromSeconds(1) / perSecond;
        var latencies = new List<Task<TimeSpan>>();
        var started = Stopwatch.GetTimestamp();
        while (goesOn(Stopwatch.GetElapsedTime(started)))
        {
            var early = (interval * latencies.Count) - Stopwatch.GetElapsedTime(started);
            if (early > TimeSpan.Zero)
            {
                await Task.Delay(early, ct);
            }

            latencies.Add(operation(latencies.Count));
        }

        return new(row, latencies.Count, Stopwatch.GetElapsedTime(started), await Task.WhenAll(latencies));
    }
}
