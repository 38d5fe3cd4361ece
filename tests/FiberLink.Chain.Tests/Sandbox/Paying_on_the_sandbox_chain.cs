using FiberLink.Chain.Node;
using FiberLink.Chain.Transactions;
using FiberLink.Testing;

namespace FiberLink.Chain.Tests.Sandbox;

public sealed class Paying_on_the_sandbox_chain
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Goes_from_the_pool_by_proposal_into_a_block_and_the_member_has_the_coins()
    {
        await using var scene = await ChainScene.StartAsync(Ct);
        await scene.Control.FundAsync(scene.Wallet, 200 * ChainScene.Coin, 2, Ct);
        var paid = await scene.PayAsync(100, Ct);

        Assert.IsType<TransactionState.Unknown>(await scene.StateAsync(paid, Ct));
        await scene.SendAsync(paid, Ct);
        Assert.IsType<TransactionState.Pending>(await scene.StateAsync(paid, Ct));
        await scene.Control.MineAsync(1, Ct);
        Assert.IsType<TransactionState.Proposed>(await scene.StateAsync(paid, Ct));
        var state = await scene.Control.MineAsync(2, Ct);

        Assert.Equal(new TransactionState.Committed(state.TipNumber, state.TipHash), await scene.StateAsync(paid, Ct));
        var cell = Assert.Single(ChainScene.Value(await WalletCells.ReadAsync(scene.Client, ChainScene.Member, 10, Ct)));
        Assert.Equal((new OutPoint(paid.Hash(), 0), 100 * ChainScene.Coin), (cell.OutPoint, cell.Output.Capacity));
        Assert.Equal(CellState.Live, ChainScene.Value(await scene.Client.GetCellStateAsync(cell.OutPoint, Ct)));
        Assert.Equal(
            CellState.Unknown, ChainScene.Value(await scene.Client.GetCellStateAsync(paid.Inputs[0].PreviousOutput, Ct)));
        Assert.Equal(state.Funded, state.Live + state.Fees);
        Assert.InRange(state.Fees, 400UL, 600UL);
    }

    [Fact]
    public async Task Tokens_are_paid_too_and_no_more_than_there_are()
    {
        await using var scene = await ChainScene.StartAsync(Ct);
        await scene.Control.FundAsync(scene.Wallet, 500 * ChainScene.Coin, 1, Ct);
        await scene.Control.FundTokenAsync(scene.Wallet, ChainScene.Token, 1000, 142 * ChainScene.Coin, Ct);
        var paid = await scene.PayAsync(300, Ct, token: ChainScene.Token);
        var more = paid with { OutputsData = paid.OutputsData.SetItem(0, Cell.UdtData(301)) };

        var refused = await scene.RefusedAsync(more, Ct);
        Assert.Equal(SendRefusal.Invalid, refused.Reason);
        await scene.SendAsync(paid, Ct);
        await scene.Control.MineAsync(3, Ct);

        var cell = Assert.Single(ChainScene.Value(await WalletCells.ReadAsync(scene.Client, ChainScene.Member, 10, Ct)));
        Assert.Equal((ChainScene.Token, (UInt128?)300), (cell.Output.Type, cell.UdtAmount));
    }

    [Fact]
    public async Task Twice_is_once()
    {
        await using var scene = await ChainScene.StartAsync(Ct);
        await scene.Control.FundAsync(scene.Wallet, 200 * ChainScene.Coin, 1, Ct);
        var paid = await scene.PayAsync(100, Ct);
        await scene.SendAsync(paid, Ct);

        Assert.Equal(new SendOutcome.InPool(WasThere: true), await scene.Client.SendTransactionAsync(paid, Ct));
        Assert.Single((await scene.Control.StateAsync(Ct)).Pool);
        await scene.Control.MineAsync(3, Ct);

        // A node keeps live cells only, so of what is in a block already it says that the cells are unknown.
        Assert.Equal(SendRefusal.InputUnknown, (await scene.RefusedAsync(paid, Ct)).Reason);
        Assert.IsType<TransactionState.Committed>(await scene.StateAsync(paid, Ct));
    }

    [Fact]
    public async Task What_is_in_the_pool_can_be_spent_and_comes_into_the_block_after_its_parent()
    {
        await using var scene = await ChainScene.StartAsync(Ct);
        await scene.Control.FundAsync(scene.Wallet, 500 * ChainScene.Coin, 1, Ct);
        var parent = await scene.PayAsync(100, Ct);
        var child = await scene.PayAsync(
            100, Ct, [new(new(parent.Hash(), 1), parent.Outputs[1], parent.OutputsData[1])]);
        await scene.SendAsync(parent, Ct);
        await scene.SendAsync(child, Ct);

        await scene.Control.MineAsync(3, Ct);

        Assert.IsType<TransactionState.Committed>(await scene.StateAsync(parent, Ct));
        Assert.IsType<TransactionState.Committed>(await scene.StateAsync(child, Ct));
    }

    [Fact]
    public async Task Blocks_pool_and_refusals_survive_a_restart()
    {
        using var folder = new TempFolder();
        var file = folder.File("chain.jsonl");
        Transaction committed, waiting, rejected;
        FiberLink.Sandbox.Chain.SandboxChainState before;
        await using (var scene = await ChainScene.StartAsync(Ct, file))
        {
            var cells = await scene.Control.FundAsync(scene.Wallet, 200 * ChainScene.Coin, 3, Ct);
            var each = cells.Select(c => new Cell(c, new(200 * ChainScene.Coin, scene.Wallet, Type: null), ByteString.Empty)).ToList();
            committed = await scene.PayAsync(100, Ct, [each[0]]);
            waiting = await scene.PayAsync(100, Ct, [each[1]]);
            rejected = await scene.PayAsync(100, Ct, [each[2]]);
            await scene.SendAsync(committed, Ct);
            await scene.Control.MineAsync(3, Ct);
            await scene.SendAsync(waiting, Ct);
            await scene.SendAsync(rejected, Ct);
            await scene.Control.RejectAsync(rejected.Hash(), "why", Ct);
            await scene.Control.ReorganiseAsync(1, conflict: null, forget: false, Ct);
            before = await scene.Control.StateAsync(Ct);
        }

        await using var again = await ChainScene.StartAsync(Ct, file);
        var after = await again.Control.StateAsync(Ct);

        Assert.Equal(before with { Pool = [] }, after with { Pool = [] });
        Assert.Equal(before.Pool, after.Pool);
        Assert.Equal(new TransactionState.Rejected("why"), await again.StateAsync(rejected, Ct));
        await again.Control.MineAsync(3, Ct);
        Assert.IsType<TransactionState.Committed>(await again.StateAsync(committed, Ct));
        Assert.IsType<TransactionState.Committed>(await again.StateAsync(waiting, Ct));
    }

    [Fact]
    public async Task Blocks_come_by_the_clock_where_that_is_wished()
    {
        var time = new ManualTime();
        await using var scene = await ChainScene.StartAsync(Ct, interval: TimeSpan.FromSeconds(8), time: time);

        Assert.Equal(0UL, ChainScene.Value(await scene.Client.GetTipNumberAsync(Ct)));
        time.Advance(TimeSpan.FromSeconds(8));
        await Eventually.HoldsAsync(
            "a block has come", async () => ChainScene.Value(await scene.Client.GetTipNumberAsync(Ct)) == 1, Ct);
    }
}
