using System.Text.Json.Nodes;
using FiberLink.Chain.Node;
using FiberLink.Chain.Transactions;

namespace FiberLink.Chain.Tests.Sandbox;

public sealed class When_the_chains_node_misbehaves
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lost_answer_is_found_by_looking()
    {
        await using var scene = await FundedAsync();
        var paid = await scene.PayAsync(100, Ct);
        await scene.Control.LoseAnswersAsync(1, Ct);

        Assert.IsType<SendOutcome.NotKnown>(await scene.Client.SendTransactionAsync(paid, Ct));

        Assert.IsType<TransactionState.Pending>(await scene.StateAsync(paid, Ct));
        Assert.Equal(new SendOutcome.InPool(WasThere: true), await scene.Client.SendTransactionAsync(paid, Ct));
    }

    [Fact]
    public async Task A_call_that_is_cut_off_before_has_done_nothing_and_after_has_done_it()
    {
        await using var scene = await FundedAsync();
        var paid = await scene.PayAsync(100, Ct);

        await scene.Control.CutByChanceAsync(before: 1, after: 0, seed: 1, Ct);
        Assert.IsType<SendOutcome.NotKnown>(await scene.Client.SendTransactionAsync(paid, Ct));
        Assert.Empty((await scene.Control.StateAsync(Ct)).Pool);

        await scene.Control.CutByChanceAsync(before: 0, after: 1, seed: 1, Ct);
        Assert.IsType<SendOutcome.NotKnown>(await scene.Client.SendTransactionAsync(paid, Ct));
        Assert.Equal([paid.Hash()], (await scene.Control.StateAsync(Ct)).Pool);
    }

    [Fact]
    public async Task What_it_refuses_by_order_was_not_executed()
    {
        await using var scene = await FundedAsync();
        var paid = await scene.PayAsync(100, Ct);
        await scene.Control.RefuseAsync("send_transaction", -1106, "PoolIsFull: x", 1, Ct);

        Assert.Equal(new SendOutcome.Refused(SendRefusal.PoolFull, "PoolIsFull: x"), await scene.Client.SendTransactionAsync(paid, Ct));

        Assert.IsType<TransactionState.Unknown>(await scene.StateAsync(paid, Ct));
        await scene.SendAsync(paid, Ct);
        Assert.Equal(2, (await scene.Control.CallsAsync(Ct))["send_transaction"]);
    }

    [Fact]
    public async Task A_list_of_cells_that_is_behind_shows_what_was()
    {
        await using var scene = await FundedAsync();
        var paid = await scene.PayAsync(100, Ct);
        await scene.SendAsync(paid, Ct);
        await scene.Control.MineAsync(3, Ct);
        await scene.Control.LagAsync(2, Ct);

        Assert.Equal(
            ChainFailure.Behind,
            Assert.IsType<ChainAnswer<IReadOnlyList<Cell>>.Failed>(
                await WalletCells.ReadAsync(scene.Client, scene.Wallet, 10, Ct)).Failure);
        var shown = ChainScene.Value(await scene.Client.GetCellsAsync(scene.Wallet, 10, after: null, Ct));
        Assert.Equal([paid.Inputs[0].PreviousOutput], shown.Cells.Select(c => c.OutPoint));

        await scene.Control.ResetAsync(Ct);
        var now = ChainScene.Value(await WalletCells.ReadAsync(scene.Client, scene.Wallet, 10, Ct));
        Assert.Equal([new OutPoint(paid.Hash(), 1)], now.Select(c => c.OutPoint));
    }

    [Fact]
    public async Task While_it_is_away_nothing_is_known()
    {
        await using var scene = await FundedAsync();
        await scene.Control.GoAwayAsync(duration: null, Ct);

        Assert.IsType<ChainAnswer<ulong>.Failed>(await scene.Client.GetTipNumberAsync(Ct));
        await scene.Control.ComeBackAsync(Ct);

        Assert.Equal(1UL, ChainScene.Value(await scene.Client.GetTipNumberAsync(Ct)));
        Assert.Equal("ckb_testnet", ChainScene.Value(await scene.Client.GetChainNameAsync(Ct)));
    }

    [Fact]
    public async Task Headers_and_fee_rates_are_such_as_the_client_reads()
    {
        await using var scene = await FundedAsync();

        var tip = ChainScene.Value(await scene.Client.GetTipHeaderAsync(Ct));
        Assert.Equal(ChainScene.Value(await scene.Client.GetBlockHashAsync(0, Ct)), tip.ParentHash);
        Assert.Equal(
            tip.Hash.ToHex(), (string?)(await scene.CallAsync("get_header", [tip.Hash.ToHex()], Ct))["result"]!["hash"]);
        Assert.Equal(new FeeRate(1000, IsEstimate: true), ChainScene.Value(await scene.Client.EstimateFeeRateAsync(Ct)));
        await scene.Control.SayFeeRateAsync(2500, Ct);
        Assert.Equal(new FeeRate(2500, IsEstimate: true), ChainScene.Value(await scene.Client.EstimateFeeRateAsync(Ct)));
    }

    [Fact]
    public async Task Cells_come_in_pages_and_exact_is_not_what_begins_alike()
    {
        await using var scene = await FundedAsync();
        var longer = scene.Wallet with { Args = ByteString.From([.. scene.Wallet.Args.Span, 1]) };
        var cells = await scene.Control.FundAsync(scene.Wallet, 100 * ChainScene.Coin, 5, Ct);
        await scene.Control.FundAsync(longer, 100 * ChainScene.Coin, 1, Ct);

        var seen = new List<OutPoint>();
        string? after = null;
        for (var page = 0; page < 4; page++)
        {
            var read = ChainScene.Value(await scene.Client.GetCellsAsync(scene.Wallet, 2, after, Ct));
            Assert.Equal(page < 3 ? 2 : 0, read.Cells.Count);
            seen.AddRange(read.Cells.Select(c => c.OutPoint));
            after = read.Next;
        }

        Assert.Equal("0x", after);
        Assert.Equal(cells, seen.Skip(1));
        Assert.Equal((6, 7), (await CountAsync("exact"), await CountAsync("prefix")));

        async Task<int> CountAsync(string mode)
        {
            var key = new JsonObject
            {
                ["script"] = CkbJson.Of(scene.Wallet),
                ["script_type"] = "lock",
                ["script_search_mode"] = mode,
                ["filter"] = new JsonObject { ["output_capacity_range"] = new JsonArray("0x0", "0xffffffffffff") },
            };
            return (await scene.CallAsync("get_cells", [key, "desc", "0x64"], Ct))["result"]!["objects"]!.AsArray().Count;
        }
    }

    private static async Task<ChainScene> FundedAsync()
    {
        var scene = await ChainScene.StartAsync(Ct);
        await scene.Control.FundAsync(scene.Wallet, 500 * ChainScene.Coin, 1, Ct);
        return scene;
    }
}
