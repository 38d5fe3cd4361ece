using System.Net.Http.Json;
using System.Text.Json.Nodes;
using FiberLink.Chain.Node;
using FiberLink.Chain.Signing;
using FiberLink.Chain.Transactions;
using FiberLink.Chain.Transfers;
using FiberLink.Sandbox.Chain;

namespace FiberLink.Chain.Tests.Sandbox;

/// <summary>A sandbox chain, a wallet on it, and a client as the hub has one.</summary>
internal sealed class ChainScene : IAsyncDisposable
{
    public const ulong Coin = CellOutput.ShannonPerByte;

    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly SigningKey _key = SigningKey.Generate();
    private readonly SandboxChain _chain;

    private ChainScene(SandboxChain chain)
    {
        _chain = chain;
        Control = new(_http, chain.Endpoint, Chain);
        Client = new(_http, new() { Endpoint = chain.Endpoint }, TimeProvider.System);
        Wallet = Chain.LockOf(_key.PublicKey);
    }

    public static ChainParameters Chain { get; } = ChainParameters.Testnet;

    public static Script Member { get; } = new RandomChain(2).Sighash(Chain);

    public static Script Token { get; } = Chain.TokenCodes[0].With(new RandomChain(3).Bytes(32));

    public static FeePolicy Fee { get; } = new(1000, Coin / 100);

    public SandboxChainControl Control { get; }

    public JsonRpcCkbNode Client { get; }

    public Script Wallet { get; }

    public SigningKey Key => _key;

    public static async Task<ChainScene> StartAsync(
        CancellationToken ct,
        string? stateFile = null,
        ulong? replacingRate = 1500,
        TimeSpan? interval = null,
        TimeProvider? time = null) =>
        new(await SandboxChain.StartAsync(
            new()
            {
                Listen = new("http://127.0.0.1:0"),
                StateFile = stateFile,
                MinReplacingRate = replacingRate,
                BlockInterval = interval,
            },
            time ?? TimeProvider.System,
            ct));

    /// <summary>Pays a member out of these cells, or of all that the wallet has.</summary>
    public async Task<Transaction> PayAsync(
        ulong coins, CancellationToken ct, IEnumerable<Cell>? cells = null, FeePolicy? fee = null, Script? token = null)
    {
        cells ??= Value(await WalletCells.ReadAsync(Client, Wallet, 1000, ct));
        var order = new TransferOrder(Wallet, [new(Member, token, token is null ? coins * Coin : coins)], fee ?? Fee);
        var planned = Assert.IsType<TransferPlan.Planned>(
            TransferPlanner.Plan(order, cells, new HashSet<OutPoint>(), Chain)).Transfer;
        var signed = await TransferSigning.SignAsync(planned, new KeySigner(_key, Chain), Chain, ct);
        return Assert.IsType<SignedTransfer.Ready>(signed).Transaction;
    }

    public async Task SendAsync(Transaction transaction, CancellationToken ct) =>
        Assert.Equal(new SendOutcome.InPool(WasThere: false), await Client.SendTransactionAsync(transaction, ct));

    public async Task<TransactionState> StateAsync(Transaction transaction, CancellationToken ct) =>
        Value(await Client.GetTransactionStateAsync(transaction.Hash(), ct));

    public async Task<SendOutcome.Refused> RefusedAsync(Transaction transaction, CancellationToken ct) =>
        Assert.IsType<SendOutcome.Refused>(await Client.SendTransactionAsync(transaction, ct));

    /// <summary>A call in so many words, and all of the answer.</summary>
    public async Task<JsonNode> CallAsync(string method, JsonArray parameters, CancellationToken ct)
    {
        var call = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1, ["method"] = method, ["params"] = parameters };
        using var response = await _http.PostAsJsonAsync(_chain.Endpoint, call, ct);
        return (await response.Content.ReadFromJsonAsync<JsonNode>(ct))!;
    }

    public async ValueTask DisposeAsync()
    {
        await _chain.DisposeAsync();
        _http.Dispose();
        _key.Dispose();
    }

    public static T Value<T>(ChainAnswer<T> answer) => Assert.IsType<ChainAnswer<T>.Ok>(answer).Value;
}
