namespace FiberLink.Benchmarks.Log;

/// <summary>What an operation costs.</summary>
/// <param name="ClientMicroseconds">Processor time of this process.</param>
/// <param name="ServerMicroseconds">Processor time of PostgreSQL, its background work included.</param>
/// <param name="Bytes">Allocated by this process.</param>
internal sealed record Cost(double ClientMicroseconds, double ServerMicroseconds, double Bytes);

/// <summary>What was spent up to a moment, by this process and by the server.</summary>
internal readonly record struct Spent(TimeSpan Client, TimeSpan Server, long Bytes)
{
    public static Spent SoFar(int postmaster) =>
        new(Environment.CpuUsage.TotalTime, ServerProcesses.CpuTime(postmaster), GC.GetTotalAllocatedBytes(precise: true));

    /// <summary>What each of so many operations cost since then.</summary>
    public Cost Since(Spent before, int operations) => new(
        (Client - before.Client).TotalMicroseconds / operations,
        (Server - before.Server).TotalMicroseconds / operations,
        (double)(Bytes - before.Bytes) / operations);
}
