using FiberLink.Chain;
using FiberLink.Chain.Addresses;
using FiberLink.Chain.Node;
using FiberLink.Chain.Signing;
using FiberLink.Chain.Transactions;
using FiberLink.Crypto;
using FiberLink.Sandbox.Chain;
using FiberLink.Service.Wallet;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Service.Tests.Scene;

/// <summary>A sandbox chain with a wallet on it that pays withdrawals. Blocks come when the test says so.</summary>
public sealed class PaidChain : IAsyncDisposable
{
    public const ulong Ckb = 100_000_000;

    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly SigningKey _key = SigningKey.Generate();
    private readonly SandboxChain _chain;
    private readonly TimeProvider _time;

    private PaidChain(SandboxChain chain, TimeProvider time)
    {
        (_chain, _time) = (chain, time);
        Control = new(_http, chain.Endpoint, ChainParameters.Testnet);
        Node = new JsonRpcCkbNode(_http, new() { Endpoint = chain.Endpoint }, time);
    }

    /// <summary>Makes things happen on the chain.</summary>
    public SandboxChainControl Control { get; }

    /// <summary>Where it is.</summary>
    public Uri Endpoint => _chain.Endpoint;

    /// <summary>For tests to look with.</summary>
    public ICkbNode Node { get; }

    /// <summary>The wallet's lock.</summary>
    public Script Wallet => ChainParameters.Testnet.LockOf(_key.PublicKey);

    /// <summary>Signs for the wallet in this process.</summary>
    public ISigner Signer => new KeySigner(_key, ChainParameters.Testnet);

    public static async Task<PaidChain> StartAsync(TimeProvider time) =>
        new(
            await SandboxChain.StartAsync(
                new() { Listen = new("http://127.0.0.1:0"), BlocksToCommit = 1 }, TimeProvider.System, CancellationToken.None),
            time);

    /// <summary>An address that nobody else has, and its lock.</summary>
    public static (string Address, Script Lock) NewRecipient()
    {
        using var key = SigningKey.Generate();
        var owner = ChainParameters.Testnet.LockOf(key.PublicKey);
        return (AddressCodec.Write(owner, ChainParameters.Testnet), owner);
    }

    public void GiveTo(IServiceCollection services) =>
        services.AddSingleton(new ChainAccess(new JsonRpcCkbNode(_http, new() { Endpoint = _chain.Endpoint }, _time), Signer));

    /// <summary>Puts coins into the wallet.</summary>
    public Task FundAsync(ulong ckb, int cells, CancellationToken ct) => Control.FundAsync(Wallet, ckb * Ckb, cells, ct);

    /// <summary>What is in the live cells of a lock, in shannon; the room of tokens' cells is among it.</summary>
    public async Task<UInt128> HeldByAsync(Script owner, CancellationToken ct) =>
        (await CellsOfAsync(owner, ct)).Aggregate(UInt128.Zero, (sum, c) => sum + c.Output.Capacity);

    /// <summary>How much of a token is in the live cells of a lock, in smallest units.</summary>
    public async Task<UInt128> TokensOfAsync(Script owner, Script token, CancellationToken ct) =>
        (await CellsOfAsync(owner, ct)).Where(c => c.Output.Type == token)
            .Aggregate(UInt128.Zero, (sum, c) => sum + c.UdtAmount!.Value);

    public async Task<IReadOnlyList<Cell>> CellsOfAsync(Script owner, CancellationToken ct) =>
        await WalletCells.ReadAsync(Node, owner, 10_000, ct) is ChainAnswer<IReadOnlyList<Cell>>.Ok { Value: var cells }
            ? cells
            : throw new InvalidOperationException("The sandbox chain does not answer.");

    public async ValueTask DisposeAsync()
    {
        await _chain.DisposeAsync();
        _http.Dispose();
        _key.Dispose();
    }
}
