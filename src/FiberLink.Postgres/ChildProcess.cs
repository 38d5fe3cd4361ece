using System.ComponentModel;
using System.Diagnostics;

namespace FiberLink.Postgres;

/// <summary>How a program ended, and what it said on both of its outputs.</summary>
internal sealed record Finished(int ExitCode, string Output)
{
    public bool Well => ExitCode == 0;
}

internal static class ChildProcess
{
    private const int NotFound = 127; // As a shell says it.

    /// <summary>Runs a program to its end, with nothing of our own environment but the search path: it may hold secrets.</summary>
    public static Task<Finished> RunAsync(IReadOnlyList<string> commandLine, CancellationToken ct) =>
        RunAsync(commandLine, new Dictionary<string, string> { ["LC_ALL"] = "C", ["TZ"] = "UTC", ["HOME"] = "/" }, inherit: false, ct);

    /// <inheritdoc cref="RunAsync(IReadOnlyList{string}, CancellationToken)"/>
    public static async Task<Finished> RunAsync(
        IReadOnlyList<string> commandLine, IReadOnlyDictionary<string, string> environment, bool inherit, CancellationToken ct)
    {
        // Not left to Process, which looks into the current folder first: a folder of ours has a program named test.
        if ((Path.IsPathRooted(commandLine[0]) ? commandLine[0] : Find(commandLine[0])) is not { } program)
        {
            return new Finished(NotFound, $"{commandLine[0]} is not on the search path.");
        }

        var start = new ProcessStartInfo(program, commandLine.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/", // Ours may be closed to the account that runs the server.
        };
        var path = start.Environment["PATH"];
        if (!inherit)
        {
            start.Environment.Clear();
            start.Environment["PATH"] = path;
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Start(start);
        if (process is null)
        {
            return new Finished(NotFound, $"{commandLine[0]} cannot be started.");
        }

        process.StandardInput.Close();
        var said = process.StandardOutput.ReadToEndAsync(ct);
        var complained = process.StandardError.ReadToEndAsync(ct);
        try
        {
            await process.WaitForExitAsync(ct);
            return new Finished(process.ExitCode, (await said + await complained).Trim());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>The full path of a program on the search path, or null.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Concat(["/usr/sbin", "/sbin"])
            .Where(Path.IsPathRooted)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);

    private static Process? Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start);
        }
        catch (Win32Exception)
        {
            // A link to nowhere, a script without its interpreter, a program for another machine.
            return null;
        }
    }
}
