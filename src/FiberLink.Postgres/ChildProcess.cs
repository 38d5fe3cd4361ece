using System.Diagnostics;

namespace FiberLink.Postgres;

/// <summary>How a program ended, and what it said on both of its outputs.</summary>
internal sealed record Finished(int ExitCode, string Output)
{
    public bool Well => ExitCode == 0;
}

internal static class ChildProcess
{
    /// <summary>Runs a program to its end, with nothing of our own environment but the search path: it may hold secrets.</summary>
    public static Task<Finished> RunAsync(IReadOnlyList<string> commandLine, CancellationToken ct) =>
        RunAsync(commandLine, new Dictionary<string, string> { ["LC_ALL"] = "C", ["TZ"] = "UTC", ["HOME"] = "/" }, inherit: false, ct);

    /// <inheritdoc cref="RunAsync(IReadOnlyList{string}, CancellationToken)"/>
    public static async Task<Finished> RunAsync(
        IReadOnlyList<string> commandLine, IReadOnlyDictionary<string, string> environment, bool inherit, CancellationToken ct)
    {
        var start = new ProcessStartInfo(commandLine[0], commandLine.Skip(1))
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

        using var process = Process.Start(start)!;
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
}
