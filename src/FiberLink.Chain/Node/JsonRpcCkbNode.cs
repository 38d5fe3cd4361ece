using System.Text.Json;
using System.Text.Json.Nodes;
using FiberLink.Chain.Transactions;

namespace FiberLink.Chain.Node;

/// <summary>A node over JSON-RPC.</summary>
/// <param name="http">Connections; the caller's to keep. Its own timeout should be infinite, as each call has a deadline.</param>
/// <param name="options">Where and how patiently.</param>
/// <param name="time">What deadlines go by.</param>
public sealed class JsonRpcCkbNode(HttpClient http, CkbNodeOptions options, TimeProvider time) : ICkbNode
{
    /// <summary>The lowest fee rate that nodes take when nothing else is set up, in shannon for a thousand bytes.</summary>
    public const ulong LowestFeeRate = 1000;

    // Says only where the transaction stands, and leaves the transaction out.
    private const string StateOnly = "0x1";
    private const string WithTransaction = "0x2";

    private readonly CkbRpc _rpc = new(http, options, time);

    public Task<ChainAnswer<string>> GetChainNameAsync(CancellationToken ct) => AskAsync(
        "get_blockchain_info", [], r => r.Member("chain").GetString() ?? throw new FormatException("The chain has no name."), ct);

    public Task<ChainAnswer<ulong>> GetTipNumberAsync(CancellationToken ct) =>
        AskAsync("get_tip_block_number", [], r => CkbJson.ReadQuantity(r), ct);

    public Task<ChainAnswer<BlockHeader>> GetTipHeaderAsync(CancellationToken ct) =>
        AskAsync("get_tip_header", [], CkbJson.ReadHeader, ct);

    public Task<ChainAnswer<Bytes32?>> GetBlockHashAsync(ulong number, CancellationToken ct) => AskAsync(
        "get_block_hash",
        [HexQuantity.Format(number)],
        r => r.ValueKind == JsonValueKind.Null ? (Bytes32?)null : CkbJson.ReadHash(r),
        ct);

    public Task<ChainAnswer<ulong>> GetIndexerTipNumberAsync(CancellationToken ct) =>
        AskAsync("get_indexer_tip", [], r => CkbJson.ReadQuantity(r.Member("block_number")), ct);

    public Task<ChainAnswer<CellPage>> GetCellsAsync(Script owner, int limit, string? after, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var search = new JsonObject
        {
            ["script"] = CkbJson.Of(owner),
            ["script_type"] = "lock",

            // Without this, cells of longer arguments that begin alike come too.
            ["script_search_mode"] = "exact",
            ["with_data"] = true,
        };
        return AskAsync("get_cells", [search, "asc", HexQuantity.Format((ulong)limit), after], CkbJson.ReadPage, ct);
    }

    public Task<ChainAnswer<CellState>> GetCellStateAsync(OutPoint outPoint, CancellationToken ct) =>
        AskAsync("get_live_cell", [CkbJson.Of(outPoint), false], CkbJson.ReadCellState, ct);

    public Task<ChainAnswer<Cell?>> GetLiveCellAsync(OutPoint outPoint, CancellationToken ct) => AskAsync(
        "get_live_cell",
        [CkbJson.Of(outPoint), true],
        r => CkbJson.ReadCellState(r) == CellState.Live ? CkbJson.ReadLiveCell(outPoint, r.Member("cell")) : null,
        ct);

    public Task<ChainAnswer<TransactionState>> GetTransactionStateAsync(Bytes32 hash, CancellationToken ct) =>
        AskAsync("get_transaction", [hash.ToHex(), StateOnly], CkbJson.ReadState, ct);

    public Task<ChainAnswer<Transaction?>> GetTransactionAsync(Bytes32 hash, CancellationToken ct) => AskAsync(
        "get_transaction",
        [hash.ToHex(), WithTransaction],
        r => r.ValueKind != JsonValueKind.Null && r.Optional("transaction") is { } found ? Own(TransactionJson.Read(found), hash) : null,
        ct);

    public async Task<ChainAnswer<FeeRate>> EstimateFeeRateAsync(CancellationToken ct)
    {
        var estimate = await AskAsync("estimate_fee_rate", [], r => (ulong?)CkbJson.ReadQuantity(r), ct);
        if (estimate is ChainAnswer<ulong?>.Failed { Failure: ChainFailure.NotOffered or ChainFailure.Rejected })
        {
            // Nodes without the method, or with too few blocks to go by, may still know what was paid lately.
            estimate = await AskAsync(
                "get_fee_rate_statistics",
                [],
                r => r.ValueKind == JsonValueKind.Null ? null : (ulong?)CkbJson.ReadQuantity(r.Member("median")),
                ct);
        }

        return estimate switch
        {
            ChainAnswer<ulong?>.Ok { Value: { } rate } => Rate(Math.Max(rate, LowestFeeRate), isEstimate: true),
            ChainAnswer<ulong?>.Failed { Failure: ChainFailure.Unreachable or ChainFailure.NoAnswer } failed =>
                new ChainAnswer<FeeRate>.Failed(failed.Failure, failed.Detail),
            _ => Rate(LowestFeeRate, isEstimate: false),
        };

        static ChainAnswer<FeeRate> Rate(ulong rate, bool isEstimate) => new ChainAnswer<FeeRate>.Ok(new(rate, isEstimate));
    }

    public async Task<SendOutcome> SendTransactionAsync(Transaction transaction, CancellationToken ct)
    {
        // The node's own check of outputs knows only the usual locks, and would refuse to pay others.
        var result = await _rpc.CallAsync("send_transaction", [CkbJson.Of(transaction), "passthrough"], ct);
        return result switch
        {
            RpcResult.Answered { Result: { ValueKind: JsonValueKind.String } hash } when hash.ValueEquals(transaction.Hash().ToHex()) =>
                new SendOutcome.InPool(WasThere: false),
            RpcResult.Answered => new SendOutcome.NotKnown("The node's answer is not the transaction's hash."),
            RpcResult.Error error => PoolRefusals.OfTransaction(error.Code, error.Message),
            RpcResult.None { MayHaveBeenSent: true } none => new SendOutcome.NotKnown(none.Detail),
            RpcResult.None none => new SendOutcome.NotSent(none.Detail),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static Transaction Own(Transaction found, Bytes32 hash) =>
        found.Hash() == hash ? found : throw new FormatException("The node answers with another transaction.");

    private async Task<ChainAnswer<T>> AskAsync<T>(string method, JsonArray parameters, Func<JsonElement, T> read, CancellationToken ct)
    {
        try
        {
            return await _rpc.CallAsync(method, parameters, ct) switch
            {
                RpcResult.Answered answered => new ChainAnswer<T>.Ok(read(answered.Result)),
                RpcResult.Error error => new ChainAnswer<T>.Failed(
                    PoolRefusals.OfQuestion(error.Code), $"{error.Code}: {error.Message}"),
                RpcResult.None none => new ChainAnswer<T>.Failed(
                    none.MayHaveBeenSent ? ChainFailure.NoAnswer : ChainFailure.Unreachable, none.Detail),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            return new ChainAnswer<T>.Failed(ChainFailure.NoAnswer, e.Message);
        }
    }
}
