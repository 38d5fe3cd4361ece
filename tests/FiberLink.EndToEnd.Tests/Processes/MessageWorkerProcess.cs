using System.Globalization;
using FiberLink.Testing;

namespace FiberLink.EndToEnd.Tests.Processes;

/// <summary>A process that commits messages and handles them.</summary>
internal sealed class MessageWorkerProcess : IAsyncDisposable
{
    private static readonly DirectoryInfo Tests = new(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
    private static readonly string Program =
        Path.Combine(Tests.Parent!.Parent!.FullName, "FiberLink.MessageWorker", Tests.Name, "FiberLink.MessageWorker.dll");

    private MessageWorkerProcess(string name, RunningProcess process) => (Name, Process) = (name, process);

    public string Name { get; }

    public RunningProcess Process { get; }

    /// <summary>Starts one.</summary>
    /// <param name="connectionString">Of a database with the letters' tables.</param>
    /// <param name="name">Of its sessions, and in its effects.</param>
    /// <param name="seed">Of what it asks for and how that fares.</param>
    /// <param name="producers">How many callers commit messages.</param>
    /// <param name="holds">Whether it keeps what it has taken until it is told to go on.</param>
    public static MessageWorkerProcess Start(string connectionString, string name, int seed, int producers, bool holds = false) =>
        new(
            name,
            RunningProcess.Start(
                "dotnet",
                [
                    Program, connectionString, name, seed.ToString(CultureInfo.InvariantCulture),
                    producers.ToString(CultureInfo.InvariantCulture), holds ? "hold" : "pass",
                ],
                takesOrders: true));

    /// <summary>What it has said of letters: holding, committed or refused.</summary>
    public IReadOnlyList<string> Said(string what) => [.. Process.Lines.Where(l => l.StartsWith($"{what} ", StringComparison.Ordinal))];

    /// <summary>Waits until it has said that of so many letters.</summary>
    public async Task SaysAsync(string what, int times, CancellationToken ct)
    {
        await Eventually.HoldsAsync(
            $"{Name} says '{what}' {times} times", () => Said(what).Count >= times || Process.HasExited, ct);
        Assert.True(Said(what).Count >= times, Process.Story);
    }

    /// <summary>Has it commit no more.</summary>
    public Task QuietAsync(CancellationToken ct) => Process.TellAsync("quiet", ct);

    /// <summary>Has it let go of what it holds.</summary>
    public Task GoOnAsync(CancellationToken ct) => Process.TellAsync("go", ct);

    /// <summary>Has it finish what it has begun, and end.</summary>
    public async Task StopAsync(CancellationToken ct)
    {
        Process.EndOrders();
        Assert.True(await Process.ExitCodeAsync(ct) == 0, Process.Story);
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
