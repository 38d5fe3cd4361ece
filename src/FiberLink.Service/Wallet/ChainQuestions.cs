using FiberLink.Chain.Node;
using FiberLink.Chain.Transactions;
using FiberLink.Chain.Transfers;
using FiberLink.Service.Startup;

namespace FiberLink.Service.Wallet;

/// <summary>What is asked about transactions, whoever's they are. Null stands for a node that does not say.</summary>
internal static class ChainQuestions
{
    /// <summary>How many blocks there are from the transaction's own to the last.</summary>
    public static async Task<ulong?> DepthOfAsync(this ICkbNode node, TransactionState.Committed committed, CancellationToken ct) =>
        await node.GetTipNumberAsync(ct) is not ChainAnswer<ulong>.Ok { Value: var tip } ? null
        : tip >= committed.BlockNumber ? tip - committed.BlockNumber + 1
        : 0;

    /// <summary>Whether one of the cells is gone from the chain.</summary>
    public static async Task<bool?> HasSpentAsync(this ICkbNode node, IEnumerable<OutPoint> cells, CancellationToken ct)
    {
        foreach (var cell in cells)
        {
            switch (await node.GetCellStateAsync(cell, ct))
            {
                case ChainAnswer<CellState>.Ok { Value: CellState.Live }:
                    break;
                case ChainAnswer<CellState>.Ok:
                    return true;
                default:
                    return null;
            }
        }

        return false;
    }

    /// <summary>The rate that the node thinks is enough, or the least that is set, and the cap.</summary>
    public static async Task<FeePolicy> FeePolicyAsync(this ICkbNode node, PayoutSettings payouts, CancellationToken ct)
    {
        var estimate = await node.EstimateFeeRateAsync(ct) is ChainAnswer<FeeRate>.Ok { Value: var rate } ? rate.ShannonPerKilobyte : 0;
        return new(Math.Max(estimate, payouts.FeeRate), payouts.FeeMax);
    }
}
