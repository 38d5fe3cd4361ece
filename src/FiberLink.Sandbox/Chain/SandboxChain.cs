using FiberLink.Sandbox.Control;
using FiberLink.Sandbox.State;
using Microsoft.AspNetCore.Builder;

namespace FiberLink.Sandbox.Chain;

/// <summary>
/// A node of CKB for development and tests: it speaks the JSON-RPC of real ones, keeps the same rules for the scripts that it knows, and
/// uses the same codes and words, but there is no network behind it. Blocks come when the control interface or a clock says so.
/// </summary>
public sealed class SandboxChain : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stop = new();
    private readonly ChainJournal? _journal;
    private readonly Task _mining;

    private SandboxChain(SandboxChainOptions options, TimeProvider time)
    {
        _app = LoopbackHost.Build(options.Listen);
        _journal = options.StateFile is { } file ? new ChainJournal(file) : null;
        var book = new ChainBook(options, _journal, time);
        var (ways, faults) = (new Faults(time, seed: null), new ChainFaults());
        var dispatch = new ChainDispatch(new(book, faults, options), faults);
        var control = new ChainControl(book, faults, dispatch, ways, options);
        var endpoint = new SandboxEndpoint(dispatch, control, changes: null, ways, time, _stop.Token);
        _app.Run(endpoint.HandleAsync);
        _mining = options.BlockInterval is { } interval ? MineAsync(book, interval, time) : Task.CompletedTask;
    }

    /// <summary>Where it listens, with the port that was found when 0 was asked for.</summary>
    public Uri Endpoint { get; private set; } = null!;

    /// <summary>Answers as soon as the node does.</summary>
    /// <exception cref="SandboxInProductionException">An environment variable says that this is production.</exception>
    /// <exception cref="ArgumentException">The address is not a loopback one.</exception>
    /// <exception cref="IOException">The port is taken, or the state file is.</exception>
    public static async Task<SandboxChain> StartAsync(SandboxChainOptions options, TimeProvider time, CancellationToken ct)
    {
        ProductionGuard.Check(Environment.GetEnvironmentVariable);
        var node = new SandboxChain(options, time);
        try
        {
            await node._app.StartAsync(ct);
            node.Endpoint = LoopbackHost.AddressOf(node._app);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _mining;
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _journal?.Dispose();
        _stop.Dispose();
    }

    private async Task MineAsync(ChainBook book, TimeSpan interval, TimeProvider time)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                book.MineBlocks(1);
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }
}
