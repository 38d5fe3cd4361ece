using System.Runtime.Versioning;
using FiberLink.Chain;
using FiberLink.Chain.Node;
using FiberLink.Chain.Transactions;
using FiberLink.Sandbox.Chain;

namespace FiberLink.Cli;

/// <summary>The sandbox chain that <c>dev</c> runs, with a wallet that has coins and a signer for it.</summary>
[SupportedOSPlatform("linux")]
internal sealed class DevChain : IAsyncDisposable
{
    private const ulong FirstCoins = 1_000_000;
    private const int FirstCells = 10;

    private static readonly TimeSpan BlockInterval = TimeSpan.FromSeconds(2);

    private readonly HttpClient _http;
    private readonly SandboxChain _chain;
    private readonly SandboxSigner _signer;

    private DevChain(HttpClient http, SandboxChain chain, SandboxSigner signer) => (_http, _chain, _signer) = (http, chain, signer);

    public DevChainPlace Place =>
        new(_chain.Endpoint.ToString().TrimEnd('/'), _signer.SocketPath, _signer.Signer.PublicKey.ToString());

    public static async Task<DevChain> StartAsync(DevHome home, int port, CancellationToken ct)
    {
        var chain = await SandboxChain.StartAsync(
            new() { Listen = new($"http://127.0.0.1:{port}"), StateFile = home.ChainState, BlockInterval = BlockInterval },
            TimeProvider.System,
            ct);
#pragma warning disable CA2000 // What is made here owns it.
        var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
#pragma warning restore CA2000
        try
        {
            var node = new JsonRpcCkbNode(http, new() { Endpoint = chain.Endpoint }, TimeProvider.System);
            var signer = await SandboxSigner.StartAsync(
                new() { Folder = home.Folder, Chain = ChainParameters.Testnet }, node, TimeProvider.System, ct);
            if (await WalletCells.ReadAsync(node, signer.Lock, FirstCells, ct) is ChainAnswer<IReadOnlyList<Cell>>.Ok { Value: [] })
            {
                await new SandboxChainControl(http, chain.Endpoint, ChainParameters.Testnet)
                    .FundAsync(signer.Lock, FirstCoins / FirstCells * CellOutput.ShannonPerByte, FirstCells, ct);
            }

            return new(http, chain, signer);
        }
        catch
        {
            await chain.DisposeAsync();
            http.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _signer.DisposeAsync();
        await _chain.DisposeAsync();
        _http.Dispose();
    }
}

/// <summary>Where the chain and its wallet are.</summary>
/// <param name="Url">The chain node's JSON-RPC.</param>
/// <param name="SignerSocket">Where the signer listens.</param>
/// <param name="SignerPubkey">The wallet's public key.</param>
internal sealed record DevChainPlace(string Url, string SignerSocket, string SignerPubkey);
