using System.Text.Json.Nodes;
using FiberLink.Chain.Node;
using FiberLink.Chain.Transactions;

namespace FiberLink.Chain.Tests.Node;

public sealed class Asking_a_node : IDisposable
{
    private const string HashText = "0x71a7ba8fc96349fea0ed3a5c47992e3b4084b031a42264a018e0072e8172e46c";

    private static readonly Bytes32 Hash = Bytes32.Parse(HashText);

    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task What_it_is_asked_is_what_nodes_understand()
    {
        await using var node = new RawCkbNode("result", "null");
        var client = node.Client(_http);
        var owner = Transfers.Scene.Wallet;

        await client.GetChainNameAsync(Ct);
        await client.GetTipNumberAsync(Ct);
        await client.GetTipHeaderAsync(Ct);
        await client.GetBlockHashAsync(26, Ct);
        await client.GetIndexerTipNumberAsync(Ct);
        await client.GetCellsAsync(owner, 100, "0x12", Ct);
        await client.GetCellStateAsync(new(Hash, 3), Ct);
        await client.GetLiveCellAsync(new(Hash, 3), Ct);
        await client.GetTransactionStateAsync(Hash, Ct);

        var script = $$"""{"code_hash":"{{owner.CodeHash}}","hash_type":"type","args":"{{owner.Args}}"}""";
        Assert.Equal(
            [
                "get_blockchain_info []",
                "get_tip_block_number []",
                "get_tip_header []",
                "get_block_hash [\"0x1a\"]",
                "get_indexer_tip []",
                $"get_cells [{{\"script\":{script},\"script_type\":\"lock\",\"script_search_mode\":\"exact\",\"with_data\":true}},"
                    + "\"asc\",\"0x64\",\"0x12\"]",
                $"get_live_cell [{{\"tx_hash\":\"{HashText}\",\"index\":\"0x3\"}},false]",
                $"get_live_cell [{{\"tx_hash\":\"{HashText}\",\"index\":\"0x3\"}},true]",
                $"get_transaction [\"{HashText}\",\"0x1\"]",
            ],
            node.Calls.Select(c => $"{c["method"]} {c["params"]!.ToJsonString()}"));
        Assert.Equal(node.Calls.Count, node.Calls.Select(c => (long)c["id"]!).Distinct().Count());
    }

    [Fact]
    public async Task Headers_and_numbers_are_read()
    {
        await using var node = new RawCkbNode(call => RawCkbNode.Answer(call, "result", (string?)call["method"] switch
        {
            "get_tip_header" =>
                $$"""{"number":"0x400","hash":"{{HashText}}","parent_hash":"{{HashText}}","timestamp":"0x5cd2b117","epoch":"0x1"}""",
            "get_blockchain_info" => """{"chain":"ckb_testnet","alerts":[]}""",
            "get_indexer_tip" => $$"""{"block_hash":"{{HashText}}","block_number":"0x3ff"}""",
            "get_block_hash" => (string?)call["params"]![0] == "0x1" ? $"\"{HashText}\"" : "null",
            _ => "\"0x400\"",
        }));
        var client = node.Client(_http);

        Assert.Equal(
            new BlockHeader(1024, Hash, Hash, DateTimeOffset.FromUnixTimeMilliseconds(0x5cd2b117)),
            Value(await client.GetTipHeaderAsync(Ct)));
        Assert.Equal("ckb_testnet", Value(await client.GetChainNameAsync(Ct)));
        Assert.Equal((1024UL, 1023UL), (Value(await client.GetTipNumberAsync(Ct)), Value(await client.GetIndexerTipNumberAsync(Ct))));
        Assert.Equal((Hash, null), (Value(await client.GetBlockHashAsync(1, Ct)), Value(await client.GetBlockHashAsync(2, Ct))));
    }

    [Theory]
    [InlineData("""{"transaction":null,"tx_status":{"status":"pending","block_hash":null}}""", "Pending { }")]
    [InlineData("""{"transaction":null,"tx_status":{"status":"proposed"}}""", "Proposed { }")]
    [InlineData("""{"transaction":null,"tx_status":{"status":"unknown","block_hash":null,"reason":null}}""", "Unknown { }")]
    [InlineData("null", "Unknown { }")]
    [InlineData("""{"tx_status":{"status":"rejected","reason":"Expiry"}}""", "Rejected { Reason = Expiry }")]
    [InlineData(
        $$"""{"tx_status":{"status":"committed","block_number":"0x10","block_hash":"{{HashText}}","tx_index":"0x1"} }""",
        $"Committed {{ BlockNumber = 16, BlockHash = {HashText} }}")]
    public async Task Where_a_transaction_stands_is_read(string answer, string expected)
    {
        await using var node = new RawCkbNode("result", answer);

        Assert.Equal(expected, Value(await node.Client(_http).GetTransactionStateAsync(Hash, Ct)).ToString());
    }

    [Theory]
    [InlineData("live", CellState.Live)]
    [InlineData("dead", CellState.Dead)]
    [InlineData("unknown", CellState.Unknown)]
    public async Task Whether_a_cell_is_there_is_read(string status, CellState expected)
    {
        await using var node = new RawCkbNode("result", $$"""{"cell":null,"status":"{{status}}"}""");

        Assert.Equal(expected, Value(await node.Client(_http).GetCellStateAsync(new(Hash, 0), Ct)));
    }

    [Fact]
    public async Task What_a_live_cell_holds_is_read_and_a_spent_one_is_none()
    {
        var owner = $$"""{"code_hash":"{{HashText}}","hash_type":"type","args":"0x01"}""";
        var cell = $$"""{"output":{"capacity":"0x10","lock":{{owner}},"type":null},"data":{"content":"0xab","hash":"{{HashText}}"} }""";
        await using var live = new RawCkbNode("result", $$"""{"cell":{{cell}},"status":"live"}""");
        await using var dead = new RawCkbNode("result", """{"cell":null,"status":"dead"}""");
        await using var halved = new RawCkbNode("result", """{"cell":null,"status":"live"}""");

        Assert.Equal(
            new Cell(
                new(Hash, 0),
                new(16, new(Hash, ScriptHashType.Type, ByteString.From(1)), Type: null),
                ByteString.From(0xab)),
            Value(await live.Client(_http).GetLiveCellAsync(new(Hash, 0), Ct)));
        Assert.Null(Value(await dead.Client(_http).GetLiveCellAsync(new(Hash, 0), Ct)));
        Assert.Equal(ChainFailure.NoAnswer, Failure(await halved.Client(_http).GetLiveCellAsync(new(Hash, 0), Ct)));
    }

    [Theory]
    [InlineData("""{"tx_status":{"status":"new"}}""")]
    [InlineData("""{"tx_status":{"status":"committed","block_hash":"0x00"}}""")]
    [InlineData($$"""{"tx_status":{"status":"committed","block_number":"0x20000000000000","block_hash":"{{HashText}}"} }""")]
    [InlineData("""{"tx_status":{}}""")]
    [InlineData("7")]
    public async Task What_cannot_be_read_is_no_answer(string answer)
    {
        await using var node = new RawCkbNode("result", answer);

        Assert.Equal(ChainFailure.NoAnswer, Failure(await node.Client(_http).GetTransactionStateAsync(Hash, Ct)));
    }

    [Fact]
    public async Task All_pages_of_cells_are_read_each_cell_once_and_none_of_another_lock()
    {
        const int OfAnother = 3;
        string[] all =
        [
            .. Enumerable.Range(0, WalletCells.PageSize + 5)
                .Select(i => JsonOf((uint)i, i == OfAnother ? Transfers.Scene.Member : Transfers.Scene.Wallet)),
        ];
        await using var node = new RawCkbNode(call => RawCkbNode.Answer(call, "result", (string?)call["method"] switch
        {
            "get_cells" when call["params"]![3] is null => Page(all.Take(WalletCells.PageSize), "0x01"),
            "get_cells" => Page(all.Skip(WalletCells.PageSize - 1), "0x02"),
            "get_indexer_tip" => $$"""{"block_hash":"{{HashText}}","block_number":"0xf"}""",
            _ => "\"0x10\"",
        }));

        var read = Value(await WalletCells.ReadAsync(node.Client(_http), Transfers.Scene.Wallet, 1000, Ct));

        Assert.Equal(all.Length - 1, read.Count);
        Assert.Equal(Cell.UdtData(7), read[1].Data);
        Assert.Equal((61UL, Transfers.Scene.Token), (read[1].Output.Capacity, read[1].Output.Type));
        Assert.Equal(
            ChainFailure.TooMany, Failure(await WalletCells.ReadAsync(node.Client(_http), Transfers.Scene.Wallet, 200, Ct)));
    }

    [Theory]
    [InlineData("0xe", "0x01", ChainFailure.Behind)]
    [InlineData("0xf", "0x01", ChainFailure.NoAnswer)]
    public async Task A_list_of_cells_that_is_behind_or_goes_in_circles_is_not_believed(string listed, string cursor, ChainFailure expected)
    {
        var full = Page(Enumerable.Range(0, WalletCells.PageSize).Select(i => JsonOf((uint)i, Transfers.Scene.Wallet)), cursor);
        await using var node = new RawCkbNode(call => RawCkbNode.Answer(call, "result", (string?)call["method"] switch
        {
            "get_cells" => full,
            "get_indexer_tip" => $$"""{"block_hash":"{{HashText}}","block_number":"{{listed}}"}""",
            _ => "\"0x10\"",
        }));

        Assert.Equal(expected, Failure(await WalletCells.ReadAsync(node.Client(_http), Transfers.Scene.Wallet, 1000, Ct)));
    }

    [Theory]
    [InlineData("\"0x7d0\"", null, 2000UL, true)]
    [InlineData("\"0x1\"", null, 1000UL, true)]
    [InlineData(null, """{"mean":"0x1","median":"0x5dc"}""", 1500UL, true)]
    [InlineData(null, "null", 1000UL, false)]
    [InlineData(null, null, 1000UL, false)]
    public async Task A_fee_rate_is_never_below_what_nodes_take(string? estimate, string? statistics, ulong rate, bool isEstimate)
    {
        await using var node = new RawCkbNode(call =>
            ((string?)call["method"] == "estimate_fee_rate" ? estimate : statistics) is { } result
                ? RawCkbNode.Answer(call, "result", result)
                : RawCkbNode.Answer(call, "error", """{"code":-32601,"message":"Method not found"}"""));

        Assert.Equal(new FeeRate(rate, isEstimate), Value(await node.Client(_http).EstimateFeeRateAsync(Ct)));
    }

    private static string JsonOf(uint index, Script owner)
    {
        var type = index == 1 ? CkbJson.Of(Transfers.Scene.Token) : null;
        return new JsonObject
        {
            ["block_number"] = "0x1",
            ["out_point"] = CkbJson.Of(new OutPoint(Hash, index)),
            ["output"] = new JsonObject { ["capacity"] = "0x3d", ["lock"] = CkbJson.Of(owner), ["type"] = type },
            ["output_data"] = index == 1 ? Cell.UdtData(7).ToString() : "0x",
            ["tx_index"] = "0x0",
        }.ToJsonString();
    }

    private static string Page(IEnumerable<string> cells, string cursor) =>
        $$"""{"objects":[{{string.Join(',', cells)}}],"last_cursor":"{{cursor}}"}""";

    private static T Value<T>(ChainAnswer<T> answer) => Assert.IsType<ChainAnswer<T>.Ok>(answer).Value;

    private static ChainFailure Failure<T>(ChainAnswer<T> answer) => Assert.IsType<ChainAnswer<T>.Failed>(answer).Failure;
}
