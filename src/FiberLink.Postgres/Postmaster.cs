using System.Diagnostics;
using System.Globalization;

namespace FiberLink.Postgres;

/// <summary>What the server wrote about itself into its data, and which of its processes live.</summary>
/// <param name="ProcessId">The first process of the server.</param>
/// <param name="Port">The port in the name of its socket.</param>
/// <param name="IsReady">Whether it takes connections.</param>
internal sealed record Postmaster(int ProcessId, int Port, bool IsReady)
{
    private const string StatusReady = "ready";

    private static string PidFile(string data) => Path.Combine(data, "postmaster.pid");

    /// <summary>The server that owns the data and lives, or null: nobody, or a file left behind by one that was killed.</summary>
    public static Postmaster? Living(string data) =>
        Read(data) is { } said && Processes(data) is var alive && (alive is null || alive.Contains(said.ProcessId)) ? said : null;

    /// <summary>Every process that works inside the data; null where the system does not tell (no /proc).</summary>
    public static IReadOnlyList<int>? Processes(string data)
    {
        if (!Directory.Exists("/proc/self"))
        {
            return null;
        }

        var found = new List<int>();
        foreach (var process in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(process), CultureInfo.InvariantCulture, out var id) && WorkingDirectory(process) == data)
            {
                found.Add(id);
            }
        }

        return found;
    }

    /// <summary>Asks the server to stop, then insists, then kills; returns when none of its processes is left.</summary>
    public static async Task StopAsync(string data)
    {
        // Not cancellable: this is what runs when everything else has been cancelled. Interrupt is a fast shutdown, quit an immediate one.
        foreach (var signal in (string[])["INT", "QUIT"])
        {
            if (Living(data) is { } server)
            {
                await ChildProcess.RunAsync(
                    ["/bin/sh", "-c", "kill -s \"$1\" \"$2\"", "sh", signal, $"{server.ProcessId}"], CancellationToken.None);
                await Patience.UntilAsync(() => Living(data) is null, CancellationToken.None);
            }
        }

        await EndProcessesAsync(data);
    }

    /// <summary>Removes what a killed server left: processes that have not noticed yet, and files that say it still lives.</summary>
    public static async Task ClearAwayTheDeadAsync(string data, string sockets)
    {
        await EndProcessesAsync(data);

        // With nobody in the data, a file that names a process names one that is dead, or a stranger that got its number since.
        if (Directory.Exists(data) && Processes(data) is { Count: 0 })
        {
            File.Delete(PidFile(data));
            foreach (var left in Directory.Exists(sockets) ? Directory.GetFiles(sockets) : [])
            {
                File.Delete(left);
            }
        }
    }

    /// <summary>After the first process is gone, the others see it and end; the ones that don't are killed.</summary>
    private static async Task EndProcessesAsync(string data)
    {
        if (await Patience.UntilAsync(() => Processes(data) is null or { Count: 0 }, CancellationToken.None))
        {
            return;
        }

        foreach (var id in Processes(data) ?? [])
        {
            try
            {
                using var process = Process.GetProcessById(id);
                process.Kill();
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                // It ended between the two lines.
            }
        }

        await Patience.UntilAsync(() => Processes(data) is null or { Count: 0 }, CancellationToken.None);
    }

    private static Postmaster? Read(string data)
    {
        try
        {
            // Process id, data, start time, port, socket folder, address, shared memory, status; written line by line.
            var lines = File.ReadAllLines(PidFile(data));
            return lines.Length >= 4
                ? new Postmaster(
                    int.Parse(lines[0], CultureInfo.InvariantCulture),
                    int.Parse(lines[3], CultureInfo.InvariantCulture),
                    lines.Length >= 8 && lines[7].StartsWith(StatusReady, StringComparison.Ordinal))
                : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or FormatException)
        {
            return null;
        }
    }

    private static string? WorkingDirectory(string process)
    {
        try
        {
            return new DirectoryInfo(Path.Combine(process, "cwd")).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
