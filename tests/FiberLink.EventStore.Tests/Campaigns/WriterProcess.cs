using System.Diagnostics;
using System.Globalization;
using FiberLink.LogWriter;
using FiberLink.Testing;

namespace FiberLink.EventStore.Tests.Campaigns;

/// <summary>A writer as a process of its own. What it has said is in the ledger, whatever becomes of it.</summary>
internal sealed class WriterProcess : IAsyncDisposable
{
    // artifacts/bin/<this project>/<configuration>/, and the program's folder is this one's neighbour.
    private static readonly DirectoryInfo Tests = new(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
    private static readonly string Program =
        Path.Combine(Tests.Parent!.Parent!.FullName, "FiberLink.LogWriter", Tests.Name, "FiberLink.LogWriter.dll");

    private readonly Process _process;
    private readonly Task<string> _errors;
    private readonly Task _said;
    private int _appended;

    private WriterProcess(Process process, Ledger ledger)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
        _said = ListenAsync(ledger);
    }

    /// <summary>How many changes it was told are in the log.</summary>
    public int Appended => Volatile.Read(ref _appended);

    public static WriterProcess Start(string connectionString, int seed, int callers, int changesEach, string prefix, Ledger ledger)
    {
        string[] arguments = [Program, connectionString, Text(seed), Text(callers), Text(changesEach), prefix];
        return new(
            Process.Start(new ProcessStartInfo("dotnet", arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!,
            ledger);
    }

    /// <summary>Waits until so many more of its changes are in the log.</summary>
    public async Task AppendsAsync(int more, CancellationToken ct)
    {
        var before = Appended;
        await Eventually.HoldsAsync(
            $"{more} more changes are appended", () => Appended >= before + more || _process.HasExited, ct);
        Assert.False(_process.HasExited && Appended < before + more, _process.HasExited ? $"The writer ended. {await _errors}" : "");
    }

    /// <summary>Waits until it has written everything.</summary>
    public async Task EndAsync(CancellationToken ct)
    {
        await _process.WaitForExitAsync(ct);
        await _said;
        Assert.True(_process.ExitCode == 0, await _errors);
    }

    /// <summary>Has it finish what it has begun, and end.</summary>
    public async Task StopAsync(CancellationToken ct)
    {
        _process.StandardInput.Close();
        await EndAsync(ct);
    }

    /// <summary>SIGKILL; comes back when everything is heard that it said before.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        await _said;
    }

    /// <summary>SIGSTOP, or SIGCONT.</summary>
    public async Task SignalAsync(string signal, CancellationToken ct)
    {
        using var sender = Process.Start("/bin/sh", ["-c", $"kill -{signal} {Text(_process.Id)}"]);
        await sender.WaitForExitAsync(ct);
        Assert.Equal(0, sender.ExitCode);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private async Task ListenAsync(Ledger ledger)
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            var report = Report.Parse(line);
            ledger.Take(report);
            if (report.Kind == ReportKind.Appended)
            {
                Interlocked.Increment(ref _appended);
            }
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
