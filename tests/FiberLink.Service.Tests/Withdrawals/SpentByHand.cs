using FiberLink.Chain;
using FiberLink.Chain.Node;
using FiberLink.Chain.Signing;
using FiberLink.Chain.Transactions;
using FiberLink.Chain.Transfers;
using FiberLink.Service.Tests.Scene;

namespace FiberLink.Service.Tests.Withdrawals;

/// <summary>Somebody with the wallet's key, who spends past the service.</summary>
internal static class SpentByHand
{
    /// <summary>Of the cells that are spoken for, the one of so many coins.</summary>
    public static async Task<string> CoinsReservedAsync(this RunningService service, ulong ckb)
    {
        var reserved = await service.Database.TextsAsync("select out_point from read_models.wallet_cells");
        return (await service.OnChain!.CellsOfAsync(service.OnChain.Wallet, Ct))
            .Single(c => c.Output.Type is null && c.Output.Capacity == ckb * PaidChain.Ckb && reserved.Contains(c.OutPoint.ToString()))
            .OutPoint.ToString();
    }

    /// <summary>A signed transaction that spends one cell of the wallet's, of a thousand coins; nobody has been sent it.</summary>
    public static async Task<Transaction> SweepAsync(this PaidChain chain, string outPoint)
    {
        var cells = Assert.IsType<ChainAnswer<IReadOnlyList<Cell>>.Ok>(
            await WalletCells.ReadAsync(chain.Node, chain.Wallet, 100, Ct)).Value;
        var order = new TransferOrder(
            chain.Wallet, [new(PaidChain.NewRecipient().Lock, null, 900 * PaidChain.Ckb)], new(1_000, 100 * PaidChain.Ckb));
        var plan = Assert.IsType<TransferPlan.Planned>(TransferPlanner.Plan(
            order, cells.Where(c => c.OutPoint.ToString() == outPoint), new HashSet<OutPoint>(), ChainParameters.Testnet));
        return Assert.IsType<SignedTransfer.Ready>(
            await TransferSigning.SignAsync(plan.Transfer, chain.Signer, ChainParameters.Testnet, Ct)).Transaction;
    }
}
