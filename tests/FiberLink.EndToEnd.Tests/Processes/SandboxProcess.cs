using System.Globalization;
using FiberLink.Sandbox.Control;

namespace FiberLink.EndToEnd.Tests.Processes;

/// <summary>A sandbox node as a process, which can be killed and started again where it was, with what it knew.</summary>
internal sealed class SandboxProcess : IAsyncDisposable
{
    private const string Says = "The sandbox node listens on ";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fiberlink-sandbox");
    private readonly HttpClient _http = new();
    private RunningProcess? _process;

    public Uri Endpoint { get; private set; } = new("http://127.0.0.1:0");

    /// <summary>The hand that makes things happen there.</summary>
    public SandboxControl Control => new(_http, Endpoint);

    public static async Task<SandboxProcess> StartAsync(CancellationToken ct)
    {
        var node = new SandboxProcess();
        await node.StartAgainAsync(ct);
        return node;
    }

    public async Task StartAgainAsync(CancellationToken ct)
    {
        _process = FiberLinkProgram.Start(
        [
            "sandbox", "run", "--state", Path.Combine(_folder.FullName, "state.jsonl"),
            "--port", Endpoint.Port.ToString(CultureInfo.InvariantCulture),
        ]);
        var line = await _process.LineAsync(l => l.StartsWith(Says, StringComparison.Ordinal), ct);
        Endpoint = new Uri(line[Says.Length..]);
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        await _process!.KillAsync();
        await _process.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _process!.DisposeAsync();
        _http.Dispose();
        _folder.Delete(recursive: true);
    }
}
