using FiberLink.Chain.Node;
using FiberLink.Chain.Transactions;
using FiberLink.Sandbox.Control;
using FiberLink.Testing;

namespace FiberLink.Chain.Tests.Sandbox;

public sealed class When_blocks_are_taken_back
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_transaction_waits_again_and_comes_into_another_block()
    {
        await using var scene = await ChainScene.StartAsync(Ct);
        var paid = await CommittedAsync(scene);
        var first = Assert.IsType<TransactionState.Committed>(await scene.StateAsync(paid, Ct));

        var state = await scene.Control.ReorganiseAsync(1, conflict: null, forget: false, Ct);

        Assert.Equal(first.BlockNumber + 1, state.TipNumber);
        Assert.NotEqual(first.BlockHash, ChainScene.Value(await scene.Client.GetBlockHashAsync(first.BlockNumber, Ct)));
        Assert.IsType<TransactionState.Pending>(await scene.StateAsync(paid, Ct));
        Assert.Equal(CellState.Live, ChainScene.Value(await scene.Client.GetCellStateAsync(paid.Inputs[0].PreviousOutput, Ct)));
        Assert.Equal(CellState.Unknown, ChainScene.Value(await scene.Client.GetCellStateAsync(new(paid.Hash(), 0), Ct)));
        await scene.Control.MineAsync(3, Ct);
        var again = Assert.IsType<TransactionState.Committed>(await scene.StateAsync(paid, Ct));
        Assert.Equal(
            (state.TipNumber + 3, again.BlockHash),
            (again.BlockNumber, ChainScene.Value(await scene.Client.GetBlockHashAsync(again.BlockNumber, Ct))));
    }

    [Fact]
    public async Task Another_may_have_its_cell_and_it_never_comes_again()
    {
        await using var scene = await ChainScene.StartAsync(Ct);
        await scene.Control.FundAsync(scene.Wallet, 500 * ChainScene.Coin, 1, Ct);
        var (paid, other) = (await scene.PayAsync(100, Ct), await scene.PayAsync(110, Ct));
        await scene.SendAsync(paid, Ct);
        await scene.Control.MineAsync(5, Ct);

        await scene.Control.ReorganiseAsync(3, other, forget: false, Ct);

        Assert.Contains(
            "Dead(", Assert.IsType<TransactionState.Rejected>(await scene.StateAsync(paid, Ct)).Reason, StringComparison.Ordinal);
        Assert.IsType<TransactionState.Committed>(await scene.StateAsync(other, Ct));
        var state = await scene.Control.MineAsync(5, Ct);
        Assert.Equal(state.Funded, state.Live + state.Fees);
        Assert.Empty(state.Pool);
    }

    [Fact]
    public async Task The_node_may_forget_it_and_takes_the_same_bytes_again()
    {
        await using var scene = await ChainScene.StartAsync(Ct);
        var paid = await CommittedAsync(scene);

        await scene.Control.ReorganiseAsync(2, conflict: null, forget: true, Ct);

        Assert.IsType<TransactionState.Unknown>(await scene.StateAsync(paid, Ct));
        await scene.SendAsync(paid, Ct);
        await scene.Control.MineAsync(3, Ct);
        Assert.IsType<TransactionState.Committed>(await scene.StateAsync(paid, Ct));
    }

    [Fact]
    public async Task What_stood_on_it_waits_with_it_also_when_the_coins_came_in_those_blocks()
    {
        await using var scene = await ChainScene.StartAsync(Ct);
        var paid = await CommittedAsync(scene);

        var state = await scene.Control.ReorganiseAsync(4, conflict: null, forget: false, Ct);
        Assert.Equal((2, UInt128.Zero), (state.Pool.Count, state.Live));

        await scene.Control.MineAsync(3, Ct);
        Assert.IsType<TransactionState.Committed>(await scene.StateAsync(paid, Ct));
    }

    [Fact]
    public async Task It_cannot_be_more_than_there_are_nor_with_a_transaction_that_does_not_fit()
    {
        await using var scene = await ChainScene.StartAsync(Ct);
        var paid = await CommittedAsync(scene);
        var before = await scene.Control.StateAsync(Ct);

        await Assert.ThrowsAsync<SandboxRefusedException>(() => scene.Control.ReorganiseAsync(5, null, forget: false, Ct));
        await Assert.ThrowsAsync<SandboxRefusedException>(() => scene.Control.ReorganiseAsync(4, paid, forget: false, Ct));
        await Assert.ThrowsAsync<SandboxRefusedException>(() => scene.Control.ReorganiseAsync(0, null, forget: false, Ct));

        Assert.Equal(before.TipHash, (await scene.Control.StateAsync(Ct)).TipHash);
    }

    [Fact]
    public async Task A_pool_that_has_let_go_of_a_transaction_proves_nothing_another_nodes_may_bring_it()
    {
        await using var scene = await ChainScene.StartAsync(Ct);
        await scene.Control.FundAsync(scene.Wallet, 500 * ChainScene.Coin, 1, Ct);
        var paid = await scene.PayAsync(100, Ct);
        await scene.SendAsync(paid, Ct);

        await scene.Control.DropAsync(paid.Hash(), Ct);
        Assert.IsType<TransactionState.Unknown>(await scene.StateAsync(paid, Ct));
        await scene.SendAsync(paid, Ct);
        await scene.Control.RejectAsync(paid.Hash(), reason: null, Ct);
        Assert.Contains(
            "Expiry", Assert.IsType<TransactionState.Rejected>(await scene.StateAsync(paid, Ct)).Reason, StringComparison.Ordinal);
        await scene.Control.CommitAsync(paid, Ct);

        Assert.IsType<TransactionState.Committed>(await scene.StateAsync(paid, Ct));
        await Assert.ThrowsAsync<SandboxRefusedException>(() => scene.Control.CommitAsync(paid, Ct));
    }

    [Fact]
    public async Task Those_in_their_place_are_others_even_when_all_that_is_in_them_is_the_same()
    {
        await using var scene = await ChainScene.StartAsync(Ct, time: new ManualTime());
        await scene.Control.MineAsync(2, Ct);
        var before = ChainScene.Value(await scene.Client.GetBlockHashAsync(2, Ct));

        await scene.Control.ReorganiseAsync(1, conflict: null, forget: false, Ct);

        Assert.NotEqual(before, ChainScene.Value(await scene.Client.GetBlockHashAsync(2, Ct)));
    }

    private static async Task<Transaction> CommittedAsync(ChainScene scene)
    {
        await scene.Control.FundAsync(scene.Wallet, 500 * ChainScene.Coin, 1, Ct);
        var paid = await scene.PayAsync(100, Ct);
        await scene.SendAsync(paid, Ct);
        await scene.Control.MineAsync(3, Ct);
        return paid;
    }
}
