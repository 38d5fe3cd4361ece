using System.Globalization;

namespace FiberLink.Benchmarks.Log;

/// <summary>What the processes of a PostgreSQL server have used so far, as Linux counts it.</summary>
internal static class ServerProcesses
{
    // USER_HZ: what /proc counts in, on every Linux that .NET runs on.
    private const int TicksPerSecond = 100;

    // After the name in brackets, which may hold anything.
    private const int Parent = 1;
    private const int UserTime = 11;
    private const int SystemTime = 12;
    private const int EndedUserTime = 13;
    private const int EndedSystemTime = 14;

    private const int AttemptsMax = 100;

    /// <summary>The processor time of the server's first process, of its children, and of those of them that have ended.</summary>
    public static TimeSpan CpuTime(int postmaster)
    {
        for (var attempt = 1; ; attempt++)
        {
            // A child that ends meanwhile is counted twice or not at all: then look again.
            var before = Ended(postmaster);
            var ticks = Living(postmaster);
            if (Ended(postmaster) == before || attempt == AttemptsMax)
            {
                return TimeSpan.FromSeconds((double)(before + ticks) / TicksPerSecond);
            }
        }
    }

    private static long Ended(int postmaster) =>
        Read($"/proc/{postmaster}") is { } fields ? fields[EndedUserTime] + fields[EndedSystemTime] : 0;

    private static long Living(int postmaster) => Directory.EnumerateDirectories("/proc")
        .Where(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out _))
        .Select(folder => (IsFirst: Path.GetFileName(folder) == $"{postmaster}", Fields: Read(folder)))
        .Sum(p => p.Fields is { } fields && (p.IsFirst || fields[Parent] == postmaster) ? fields[UserTime] + fields[SystemTime] : 0);

    private static long[]? Read(string folder)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(folder, "stat"));
            return [.. text[(text.LastIndexOf(')') + 2)..].Split(' ').Take(EndedSystemTime + 1)
                .Select(f => long.TryParse(f, CultureInfo.InvariantCulture, out var number) ? number : 0)];
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            // It ended since the folder was listed.
            return null;
        }
    }
}
