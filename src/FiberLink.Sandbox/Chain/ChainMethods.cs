using System.Text.Json.Nodes;
using FiberLink.Chain.Node;
using FiberLink.Chain.Transactions;
using FiberLink.Sandbox.Wire;

namespace FiberLink.Sandbox.Chain;

/// <summary>The node's methods. A <see cref="FormatException"/> is of the caller's making.</summary>
internal sealed class ChainMethods(ChainBook book, ChainFaults faults, SandboxChainOptions options)
{
    private const string WholeTransaction = "0x2";
    private const string StateOnly = "0x1";

    /// <summary>Null for a method that there is not.</summary>
    public Func<CallParameters, RpcReply>? Find(string method) => method switch
    {
        "get_blockchain_info" => _ => new RpcReply.Result(Info()),
        "get_tip_block_number" => _ => Plain(HexQuantity.Format(book.Read(s => s.Tip.Number))),
        "get_tip_header" => _ => new RpcReply.Result(Header(book.Read(s => s.Tip))),
        "get_header" => p => HeaderOf(p.Hash(0)),
        "get_header_by_number" => p => new RpcReply.Plain(BlockAt(p.Number(0)) is { } block ? Header(block) : null),
        "get_block_hash" => p => Plain(BlockAt(p.Number(0))?.Hash.ToHex()),
        "get_indexer_tip" => _ => new RpcReply.Result(IndexerTip()),
        "get_cells" => p => Cells(new(p)),
        "get_live_cell" => LiveCell,
        "get_transaction" => GetTransaction,
        "send_transaction" => Send,
        "estimate_fee_rate" => _ => Plain(HexQuantity.Format(FeeRate)),
        "get_fee_rate_statistics" => _ => new RpcReply.Result(
            new() { ["mean"] = HexQuantity.Format(FeeRate), ["median"] = HexQuantity.Format(FeeRate) }),
        _ => null,
    };

    private ulong FeeRate => faults.FeeRate ?? options.MinFeeRate;

    private static RpcReply.Plain Plain(string? text) => new(JsonValue.Create(text));

    private JsonObject Info() => new()
    {
        ["alerts"] = new JsonArray(),
        ["chain"] = options.Chain.NodeName,
        ["difficulty"] = "0x1",
        ["epoch"] = "0x0",
        ["is_initial_block_download"] = false,
        ["median_time"] = HexQuantity.Format(book.Read(s => s.Tip.Timestamp)),
    };

    private RpcReply.Plain HeaderOf(Bytes32 hash) =>
        new(book.Read(s => s.Blocks.FirstOrDefault(b => b.Hash == hash)) is { } block ? Header(block) : null);

    private SandboxBlock? BlockAt(ulong number) =>
        book.Read(s => number < (ulong)s.Blocks.Count ? s.Blocks[(int)number] : null);

    private static JsonObject Header(SandboxBlock block)
    {
        var zeros = default(Bytes32).ToHex();
        return new()
        {
            ["compact_target"] = "0x1",
            ["dao"] = zeros,
            ["epoch"] = "0x0",
            ["extra_hash"] = zeros,
            ["hash"] = block.Hash.ToHex(),
            ["nonce"] = "0x0",
            ["number"] = HexQuantity.Format(block.Number),
            ["parent_hash"] = block.ParentHash.ToHex(),
            ["proposals_hash"] = zeros,
            ["timestamp"] = HexQuantity.Format(block.Timestamp),
            ["transactions_root"] = zeros,
            ["version"] = "0x0",
        };
    }

    private SandboxBlock Indexed(ChainState state) => state.Blocks[(int)(state.Tip.Number - Math.Min(faults.Lag, state.Tip.Number))];

    private JsonObject IndexerTip()
    {
        var block = book.Read(Indexed);
        return new() { ["block_hash"] = block.Hash.ToHex(), ["block_number"] = HexQuantity.Format(block.Number) };
    }

    private RpcReply.Result Cells(CellSearch search) => new(book.Read(s => search.Page(s.Cells, Indexed(s).Number)));

    private RpcReply.Result LiveCell(CallParameters parameters)
    {
        var outPoint = CkbJson.ReadOutPoint(parameters.At(0));
        var (withData, withPool) = (parameters.Flag(1) ?? throw new FormatException("invalid length 1."), parameters.Flag(2) ?? false);
        return book.Read(s =>
        {
            var isTaken = withPool && s.Pool.Any(e => ChainState.SpentBy(e.Transaction).Contains(outPoint));
            var cell = s.FindCell(outPoint) is { SpentIn: null } live ? live.Cell : withPool ? s.FindPooledCell(outPoint) : null;

            // A node keeps live cells only; of one that a block has spent it knows no more than of one that never was.
            return new RpcReply.Result(new()
            {
                ["cell"] = cell is null || isTaken ? null : Write(cell, withData),
                ["status"] = isTaken ? "dead" : cell is null ? "unknown" : "live",
            });
        });
    }

    private static JsonObject Write(Cell cell, bool withData) => new()
    {
        ["data"] = !withData ? null : new JsonObject
        {
            ["content"] = cell.Data.ToString(),
            ["hash"] = cell.Data.Length == 0 ? default(Bytes32).ToHex() : Bytes32.From(CkbHash.Compute(cell.Data.Span)).ToHex(),
        },
        ["output"] = CkbJson.Of(cell.Output),
    };

    private RpcReply.Result GetTransaction(CallParameters parameters)
    {
        var (hash, verbosity) = (parameters.Hash(0), parameters.Text(1) ?? WholeTransaction);
        if (verbosity is not (StateOnly or WholeTransaction))
        {
            throw new FormatException("unsupported verbosity");
        }

        var onlyCommitted = parameters.Flag(2) ?? false;
        return new(book.Read(s => Status(s, hash, verbosity == WholeTransaction, onlyCommitted)));
    }

    private static JsonObject Status(ChainState state, Bytes32 hash, bool isWhole, bool onlyCommitted)
    {
        var committed = state.FindCommitted(hash);
        var pooled = committed is null && !onlyCommitted ? state.FindPooled(hash) : null;
        var reason = committed is null && pooled is null && !onlyCommitted ? state.RejectionOf(hash) : null;
        var transaction = isWhole && (committed is not null || pooled is not null) ? CkbJson.Of(state.FindKnown(hash)!) : null;
        if (transaction is not null)
        {
            transaction["hash"] = hash.ToHex();
        }

        return new()
        {
            ["cycles"] = null,
            ["fee"] = isWhole && pooled is not null ? HexQuantity.Format(pooled.Fee) : null,
            ["min_replace_fee"] = null,
            ["time_added_to_pool"] = pooled is null ? null : HexQuantity.Format(pooled.EnteredAt),
            ["transaction"] = transaction,
            ["tx_status"] = new JsonObject
            {
                ["block_hash"] = committed?.Block.Hash.ToHex(),
                ["block_number"] = committed is { Block: var block } ? HexQuantity.Format(block.Number) : null,
                ["reason"] = reason,
                ["status"] = committed is not null ? "committed"
                    : pooled is not null ? (state.Tip.Number > pooled.TipAtEntry ? "proposed" : "pending")
                    : reason is not null ? "rejected"
                    : "unknown",
                ["tx_index"] = committed is { Index: var index } ? HexQuantity.Format(index) : null,
            },
        };
    }

    private RpcReply Send(CallParameters parameters)
    {
        var transaction = TransactionJson.Read(parameters.At(0));
        var usualOnly = parameters.Text(1) switch
        {
            null or "well_known_scripts_only" => true,
            "passthrough" => false,
            var other => throw new FormatException($"unknown variant `{other}`, expected `passthrough` or `well_known_scripts_only`"),
        };
        var reject = usualOnly && !transaction.Outputs.All(IsUsual) ? PoolReject.Outputs() : book.Send(transaction);
        return reject is null
            ? Plain(transaction.Hash().ToHex())
            : new RpcReply.Error(reject.Code, reject.Message, JsonValue.Create($"{reject.Type}({reject.Description})"));
    }

    private bool IsUsual(CellOutput output) =>
        (options.Chain.Sighash.IsCodeOf(output.Lock)
            || options.Chain.Multisig.IsCodeOf(output.Lock)
            || options.Chain.AnyoneCanPay.IsCodeOf(output.Lock))
        && (output.Type is not { } type || options.Chain.TokenCodes.Any(t => t.IsCodeOf(type)));
}
