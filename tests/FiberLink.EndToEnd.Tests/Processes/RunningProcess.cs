using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using FiberLink.Testing;

namespace FiberLink.EndToEnd.Tests.Processes;

/// <summary>A program that runs beside the test, with all it has said so far. Disposing kills it and whatever it has started.</summary>
internal sealed class RunningProcess : IAsyncDisposable
{
    /// <summary>What a shell calls the end by SIGKILL.</summary>
    public const int KilledExitCode = 128 + 9;

    // What is set around the tests must not decide what the program does.
    private static readonly string[] ForeignSettings = ["FIBERLINK_", "OTEL_", "ASPNETCORE_", "DOTNET_URLS"];

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _out = [];
    private readonly ConcurrentQueue<string> _errors = [];

    private RunningProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>The standard output's lines so far.</summary>
    public IReadOnlyCollection<string> Lines => _out;

    public string Output => string.Join('\n', _out);

    public string Errors => string.Join('\n', _errors);

    /// <summary>Everything, for the message of a test that fails.</summary>
    public string Story => $"--- out ---\n{Output}\n--- errors ---\n{Errors}";

    /// <summary>Starts a program.</summary>
    /// <param name="program">What to run.</param>
    /// <param name="arguments">What it is given.</param>
    /// <param name="settings">Its environment, besides what is usual.</param>
    /// <param name="takesOrders">False when its standard input ends at once.</param>
    public static RunningProcess Start(
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? settings = null,
        bool takesOrders = false)
    {
        // A shell that starts the tests in the background lets them ignore Ctrl-C, and what is ignored is inherited.
        var start = OperatingSystem.IsLinux()
            ? new ProcessStartInfo("/usr/bin/env", ["--default-signal=INT", program, .. arguments])
            : new ProcessStartInfo(program, arguments);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.RedirectStandardInput = true;
        var foreign = start.Environment.Keys.Where(k => ForeignSettings.Any(f => k.StartsWith(f, StringComparison.Ordinal)));
        foreach (var name in foreign.ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var running = new RunningProcess(new Process { StartInfo = start });
        running._process.OutputDataReceived += (_, said) => Keep(running._out, said.Data);
        running._process.ErrorDataReceived += (_, said) => Keep(running._errors, said.Data);
        running._process.Start();
        if (!takesOrders)
        {
            running._process.StandardInput.Close();
        }

        running._process.BeginOutputReadLine();
        running._process.BeginErrorReadLine();
        return running;
    }

    /// <summary>Waits for a line of the output; a program that ends without saying it fails the test with its story.</summary>
    public async Task<string> LineAsync(Func<string, bool> wanted, CancellationToken ct)
    {
        string? line = null;
        await WaitAsync("a line that the program says", () => (line = _out.FirstOrDefault(wanted)) is not null || HasExited, ct);
        if (line is null)
        {
            await _process.WaitForExitAsync(ct);
            line = _out.FirstOrDefault(wanted);
        }

        Assert.True(line is not null, $"The program ended with {(HasExited ? _process.ExitCode : 0)} and never said it.\n{Story}");
        return line!;
    }

    /// <summary>Waits for the end.</summary>
    public async Task<int> ExitCodeAsync(CancellationToken ct)
    {
        await WaitAsync("the end of the program", () => HasExited, ct);
        await _process.WaitForExitAsync(ct);
        return _process.ExitCode;
    }

    /// <summary>Waits for the end, however long that takes.</summary>
    public async Task<int> EndAsync(CancellationToken ct)
    {
        await _process.WaitForExitAsync(ct);
        return _process.ExitCode;
    }

    /// <summary>Writes a line to its standard input.</summary>
    public async Task TellAsync(string order, CancellationToken ct)
    {
        await _process.StandardInput.WriteLineAsync(order.AsMemory(), ct);
        await _process.StandardInput.FlushAsync(ct);
    }

    /// <summary>Has its standard input end.</summary>
    public void EndOrders() => _process.StandardInput.Close();

    /// <summary>SIGKILL: no clean-up, no last word.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGINT, as Ctrl-C sends it.</summary>
    public Task InterruptAsync(CancellationToken ct) => SignalAsync("INT", ct);

    /// <summary>SIGTERM, as whoever runs services sends it.</summary>
    public Task TerminateAsync(CancellationToken ct) => SignalAsync("TERM", ct);

    /// <summary>SIGSTOP: it stands still, and keeps all it has.</summary>
    public Task PauseAsync(CancellationToken ct) => SignalAsync("STOP", ct);

    /// <summary>SIGCONT.</summary>
    public Task ResumeAsync(CancellationToken ct) => SignalAsync("CONT", ct);

    public async ValueTask DisposeAsync()
    {
        if (!HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static void Keep(ConcurrentQueue<string> lines, string? said)
    {
        if (said is not null)
        {
            lines.Enqueue(said);
        }
    }

    private async Task SignalAsync(string signal, CancellationToken ct)
    {
        using var sender = Process.Start("/bin/sh", ["-c", $"kill -{signal} {Id.ToString(CultureInfo.InvariantCulture)}"]);
        await sender.WaitForExitAsync(ct);
        Assert.Equal(0, sender.ExitCode);
    }

    private async Task WaitAsync(string what, Func<bool> condition, CancellationToken ct)
    {
        try
        {
            await Eventually.HoldsAsync(what, condition, ct);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}\n{Story}", late);
        }
    }
}
