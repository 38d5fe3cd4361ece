using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace FiberLink.Testing.RealNodes;

/// <summary>What the program says about itself once both nodes are up and the channel is open.</summary>
internal sealed record RealNodeEndpoints(Uri A, Uri B, Uri Control, string PubkeyOfA, string PubkeyOfB);

/// <summary>
/// The program that runs both nodes, as a child process. It also ends by itself when this process does, however this one
/// ends: its standard input closes.
/// </summary>
internal sealed class RealNodeProcess : IAsyncDisposable
{
    private const string Ready = "READY ";
    private const int LogLinesMax = 200;
    private const int SigTerm = 15;

    // The program gives up by itself first, and says why.
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(180);
    private static readonly TimeSpan StartGrace = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopMax = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _log = new();
    private readonly TaskCompletionSource<RealNodeEndpoints> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RealNodeProcess(RealNodeProgram program)
    {
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(program.Node, ["two-nodes.mjs"])
            {
                WorkingDirectory = program.Folder,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment =
                {
                    ["CHROMIUM"] = program.Chromium,
                    ["START_DEADLINE_SECONDS"] = StartMax.TotalSeconds.ToString(CultureInfo.InvariantCulture),
                },
            },
        };
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
    }

    /// <summary>The last lines of both outputs.</summary>
    public string Log => string.Join('\n', _log);

    /// <summary>Starts the program; the caller disposes it whether or not it gets ready.</summary>
    /// <exception cref="RealNodeException">It cannot be started.</exception>
    public static RealNodeProcess Start(RealNodeProgram program)
    {
        var started = new RealNodeProcess(program);
        try
        {
            started._process.Start();
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            started._process.Dispose();
            throw new RealNodeException($"{program.Node} cannot be started: {e.Message}", e);
        }

        started._process.BeginOutputReadLine();
        started._process.BeginErrorReadLine();
        return started;
    }

    /// <summary>Waits until both nodes are up and the channel is open.</summary>
    /// <exception cref="RealNodeException">The program ended first, or took too long; the message has its last words.</exception>
    public async Task<RealNodeEndpoints> ReadyAsync(CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(StartMax + StartGrace);
        var ended = _process.WaitForExitAsync(patience.Token); // And both outputs are read to their end.
        await Task.WhenAny(_ready.Task, ended);
        ct.ThrowIfCancellationRequested();
        if (_ready.Task.IsCompleted)
        {
            await patience.CancelAsync();
            return await _ready.Task;
        }

        var what = ended.IsCompletedSuccessfully ? "ended before it was ready" : "did not get ready in time";
        throw new RealNodeException($"The nodes' program {what}.\n{Log}");
    }

    /// <summary>Asks the program to stop; one that does not is killed with all it has started.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _ = Kill(_process.Id, SigTerm); // It fails only if the process has just ended.
            using var patience = new CancellationTokenSource(StopMax, TimeProvider.System);
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync(CancellationToken.None);
            }
        }

        _process.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is null)
        {
            return;
        }

        _log.Enqueue(line);
        while (_log.Count > LogLinesMax && _log.TryDequeue(out _))
        {
            // The last lines are kept.
        }

        if (!line.StartsWith(Ready, StringComparison.Ordinal))
        {
            return;
        }

        try
        {
            _ready.TrySetResult(JsonSerializer.Deserialize<RealNodeEndpoints>(line[Ready.Length..], JsonSerializerOptions.Web)!);
        }
        catch (JsonException e)
        {
            _ready.TrySetException(new RealNodeException($"The nodes' program said something unreadable: {line}", e));
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int processId, int signal);
}
