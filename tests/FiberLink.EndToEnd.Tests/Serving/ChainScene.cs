using System.Runtime.Versioning;
using FiberLink.Chain;
using FiberLink.Chain.Addresses;
using FiberLink.Chain.Node;
using FiberLink.Chain.Transactions;
using FiberLink.Crypto;
using FiberLink.EndToEnd.Tests.Processes;
using FiberLink.Sandbox.Chain;
using FiberLink.Testing;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.EndToEnd.Tests.Serving;

/// <summary>A chain, a wallet on it with coins and a signer for it, which outlive any service; and somebody to be paid.</summary>
[SupportedOSPlatform("linux")]
internal sealed class ChainScene : IAsyncDisposable
{
    private readonly HttpClient _http;
    private readonly SandboxChain _chain;
    private readonly SandboxSigner _signer;
    private readonly string _folder;
    private readonly Script _recipient;

    private ChainScene(HttpClient http, SandboxChain chain, SandboxSigner signer, string folder)
    {
        (_http, _chain, _signer, _folder) = (http, chain, signer, folder);
        using var key = SigningKey.Generate();
        _recipient = ChainParameters.Testnet.LockOf(key.PublicKey);
        Control = new(http, chain.Endpoint, ChainParameters.Testnet);
    }

    public SandboxChainControl Control { get; }

    public Uri Endpoint => _chain.Endpoint;

    public string Address => AddressCodec.Write(_recipient, ChainParameters.Testnet);

    public (string Name, string Value)[] Settings =>
    [
        (Names.CkbUrl, _chain.Endpoint.ToString()),
        (Names.SignerSocket, _signer.SocketPath),
        (Names.SignerPubkey, _signer.Signer.PublicKey.ToString()),
    ];

    public static async Task<ChainScene> StartAsync(CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("fiberlink-chain").FullName;
        var chain = await SandboxChain.StartAsync(
            new() { Listen = new("http://127.0.0.1:0"), BlocksToCommit = 1 }, TimeProvider.System, ct);
        var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        var signer = await SandboxSigner.StartAsync(
            new() { Folder = folder, Chain = ChainParameters.Testnet },
            new JsonRpcCkbNode(http, new() { Endpoint = chain.Endpoint }, TimeProvider.System),
            TimeProvider.System,
            ct);
        var scene = new ChainScene(http, chain, signer, folder);
        await scene.Control.FundAsync(signer.Lock, 1_000 * CellOutput.ShannonPerByte, 2, ct);
        return scene;
    }

    /// <summary>Puts cells of 1,000 CKB into the wallet.</summary>
    public Task FundAsync(int cells, CancellationToken ct) =>
        Control.FundAsync(_signer.Lock, 1_000 * CellOutput.ShannonPerByte, cells, ct);

    /// <summary>Blocks come until a service has killed itself.</summary>
    public async Task DiesAsync(RunningService doomed, CancellationToken ct)
    {
        var exit = doomed.Process.ExitCodeAsync(ct);
        await MinedUntilAsync("it has died", () => Task.FromResult(exit.IsCompleted), ct);
        Assert.Equal(RunningProcess.KilledExitCode, await exit);
    }

    /// <summary>Blocks come, some at a time, until something holds.</summary>
    public Task MinedUntilAsync(string what, Func<Task<bool>> condition, CancellationToken ct, int blocks = 1) => Eventually.HoldsAsync(
        what,
        async () =>
        {
            await Control.MineAsync(blocks, ct);
            return await condition();
        },
        ct);

    /// <summary>What the recipient has, in shannon.</summary>
    public Task<UInt128> PaidAsync(CancellationToken ct) => HeldByAsync(_recipient, ct);

    /// <summary>What the wallet has, in shannon.</summary>
    public Task<UInt128> HeldAsync(CancellationToken ct) => HeldByAsync(_signer.Lock, ct);

    public async ValueTask DisposeAsync()
    {
        await _signer.DisposeAsync();
        await _chain.DisposeAsync();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<UInt128> HeldByAsync(Script owner, CancellationToken ct) =>
        await WalletCells.ReadAsync(
            new JsonRpcCkbNode(_http, new() { Endpoint = _chain.Endpoint }, TimeProvider.System), owner, 1_000, ct)
            is ChainAnswer<IReadOnlyList<Cell>>.Ok { Value: var cells }
            ? cells.Aggregate(UInt128.Zero, (sum, c) => sum + c.Output.Capacity)
            : throw new InvalidOperationException("The sandbox chain does not answer.");
}
