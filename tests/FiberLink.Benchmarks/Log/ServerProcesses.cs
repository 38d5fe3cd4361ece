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

    /// <summary>The processor time of the server's first process, of its children, and of those of them that have ended.</summary>
    public static TimeSpan CpuTime(int postmaster)
    {
        long ticks = 0;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) || Read(folder) is not { } fields)
            {
                continue;
            }

            if (id == postmaster)
            {
                ticks += fields[UserTime] + fields[SystemTime] + fields[EndedUserTime] + fields[EndedSystemTime];
            }
            else if (fields[Parent] == postmaster)
            {
                ticks += fields[UserTime] + fields[SystemTime];
            }
        }

        return TimeSpan.FromSeconds((double)ticks / TicksPerSecond);
    }

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
