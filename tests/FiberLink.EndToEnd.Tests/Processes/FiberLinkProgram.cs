namespace FiberLink.EndToEnd.Tests.Processes;

/// <summary>What a command has come to.</summary>
internal sealed record Finished(int ExitCode, string Output, string Errors);

/// <summary>The program as its users run it: <c>fiberlink</c>, built with the tests.</summary>
internal static class FiberLinkProgram
{
    // artifacts/bin/<this project>/<configuration>/, and the program's folder is this one's neighbour.
    private static readonly DirectoryInfo Tests = new(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));

    /// <summary>What <c>dotnet</c> runs.</summary>
    public static string Assembly { get; } =
        Path.Combine(Tests.Parent!.Parent!.FullName, "FiberLink.Cli", Tests.Name, "fiberlink.dll");

    public static RunningProcess Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? settings = null) =>
        RunningProcess.Start("dotnet", [Assembly, .. arguments], settings);

    /// <summary>Runs a command to its end.</summary>
    public static async Task<Finished> RunAsync(
        IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? settings, CancellationToken ct)
    {
        await using var running = Start(arguments, settings);
        return new(await running.ExitCodeAsync(ct), running.Output, running.Errors);
    }
}
