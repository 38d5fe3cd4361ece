using System.Runtime.Versioning;
using FiberLink.Chain.Node;
using FiberLink.Chain.Signing;
using FiberLink.Chain.Signing.Remote;
using FiberLink.Chain.Tests.Sandbox;
using FiberLink.Chain.Transactions;
using FiberLink.Chain.Transfers;

namespace FiberLink.Chain.Tests.Signing;

/// <summary>A signature doesn't cover what the cells hold, so a signer doesn't believe what it is told of them.</summary>
[SupportedOSPlatform("linux")]
public sealed class Cells_are_looked_up : IAsyncLifetime
{
    private const ulong Coin = SignerScene.Coin;

    private readonly SignerScene _signer = new();
    private ChainScene _chain = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _chain = await ChainScene.StartAsync(Ct);
        _signer.Node = _chain.Client;
        await _chain.Control.FundAsync(_signer.Own, 500 * Coin, 4, Ct);
        await _chain.Control.FundTokenAsync(_signer.Own, SignerScene.Token, 800, 200 * Coin, Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _signer.DisposeAsync();
        await _chain.DisposeAsync();
    }

    [Fact]
    public async Task A_payment_of_what_is_there_is_signed_and_the_chain_takes_it()
    {
        await _signer.StartAsync(Ct);

        await PayAsync(await PlanAsync(100 * Coin));
        await _chain.Control.MineAsync(4, Ct);
        await PayAsync(await PlanAsync(300, SignerScene.Token));
    }

    [Fact]
    public async Task A_cell_that_is_larger_than_it_is_said_to_be_hides_no_fee()
    {
        await _signer.StartAsync(Ct);
        var transfer = await PlanAsync(100 * Coin);
        var least = transfer.Transaction.Outputs[1] with { Capacity = 61 * Coin };
        var hidden = transfer.Transaction with { Outputs = transfer.Transaction.Outputs.SetItem(1, least) };
        var smaller = transfer.Spent.Select(c => c with { Output = c.Output with { Capacity = (161 * Coin) + 1000 } });

        var told = await _signer.AskBlindlyAsync(hidden, smaller, SignerScene.DigestOf(hidden), Ct);
        var untold = await _signer.AskBlindlyAsync(hidden, transfer.Spent, SignerScene.DigestOf(hidden), Ct);

        Assert.Equal(SigningRefusal.CellsDiffer, Assert.IsType<SigningAnswer.Refused>(told).Reason);
        Assert.Equal(
            new SigningFigures("ckb", 339 * Coin, Coin / 100, 0), Assert.IsType<SigningAnswer.Refused>(untold).Figures);
        Assert.Equal(UInt128.Zero, await _signer.UsedAsync(Ct));
    }

    [Fact]
    public async Task A_cell_that_holds_more_of_a_token_than_is_said_is_seen()
    {
        await _signer.StartAsync(Ct);
        var transfer = await PlanAsync(300, SignerScene.Token);
        var lie = transfer.Spent.Select(c => c.Output.Type is null ? c : c with { Data = Cell.UdtData(300) });

        var refused = Assert.IsType<SigningAnswer.Refused>(
            await _signer.AskBlindlyAsync(transfer.Transaction, lie, SignerScene.DigestOf(transfer.Transaction), Ct));

        Assert.Equal((SigningRefusal.CellsDiffer, SigningAdvice.PlanAnew), (refused.Reason, refused.Reason.Advice()));
    }

    [Fact]
    public async Task A_cell_that_is_not_there_is_not_signed_for()
    {
        await _signer.StartAsync(Ct);

        Assert.Equal(SigningRefusal.CellNotLive, (await _signer.RefusedAsync(_signer.Transfer(1, 100 * Coin), Ct)).Reason);
    }

    [Fact]
    public async Task A_retry_is_signed_after_the_transaction_has_spent_its_cells_itself()
    {
        await _signer.StartAsync(Ct);
        var transfer = await PlanAsync(100 * Coin);
        await PayAsync(transfer);
        await _chain.Control.MineAsync(4, Ct);

        await _signer.AgreedAsync(transfer, Ct);
    }

    [Fact]
    public async Task While_the_node_is_away_nothing_is_signed_and_then_it_is()
    {
        var transfer = await PlanAsync(100 * Coin);
        await _chain.Control.GoAwayAsync(duration: null, Ct);
        await _signer.StartAsync(Ct);
        Assert.Contains("does not answer", _signer.Log, StringComparison.Ordinal);

        var refused = await _signer.RefusedAsync(transfer, Ct);
        Assert.Equal((SigningRefusal.NodeUnavailable, SigningAdvice.AskAgain), (refused.Reason, refused.Reason.Advice()));
        await _chain.Control.ComeBackAsync(Ct);
        await _signer.AgreedAsync(transfer, Ct);
    }

    [Fact]
    public async Task A_node_on_another_chain_is_not_believed()
    {
        _signer.Policy = _signer.Policy with { Chain = SignerScene.Chain with { NodeName = "ckb_dev" } };
        await _signer.StartAsync(Ct);
        var transfer = await PlanAsync(100 * Coin);

        var refused = Assert.IsType<SigningAnswer.Refused>(await _signer.AskBlindlyAsync(
            transfer.Transaction, transfer.Spent, SignerScene.DigestOf(transfer.Transaction), Ct, "ckb_dev"));

        Assert.Equal(SigningRefusal.NodeUnavailable, refused.Reason);
        Assert.Contains("'ckb_testnet'", refused.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task There_is_a_node_or_it_is_said_aloud_that_there_is_none()
    {
        var none = await Assert.ThrowsAsync<SignerStartException>(() => SignerServer.StartAsync(
            _signer.Options() with { BelievesClients = false }, _signer.Key, node: null, _signer.Time, Ct));
        var both = await Assert.ThrowsAsync<SignerStartException>(() => SignerServer.StartAsync(
            _signer.Options() with { BelievesClients = true }, _signer.Key, _chain.Client, _signer.Time, Ct));
        Assert.All(new[] { none, both }, e => Assert.StartsWith("node: ", e.Message, StringComparison.Ordinal));

        _signer.Node = null;
        await _signer.StartAsync(Ct);
        Assert.Contains("WARNING: clients are believed", _signer.Log, StringComparison.Ordinal);
        Assert.False((await _signer.Door.StatusAsync(Ct)).Status!.LooksCellsUp);
    }

    private async Task<UnsignedTransfer> PlanAsync(UInt128 amount, Script? token = null)
    {
        var cells = ChainScene.Value(await WalletCells.ReadAsync(_chain.Client, _signer.Own, 100, Ct));
        return SignerScene.Plan(new(_signer.Own, [new(SignerScene.Member, token, amount)], Transfers.Scene.Fee), cells);
    }

    private async Task PayAsync(UnsignedTransfer transfer)
    {
        var signed = await TransferSigning.SignAsync(transfer, _signer.Client, SignerScene.Chain, Ct);
        await _chain.SendAsync(Assert.IsType<SignedTransfer.Ready>(signed).Transaction, Ct);
    }
}
