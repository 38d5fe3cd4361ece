using System.Collections.Immutable;
using FiberLink.Chain.Transactions;

namespace FiberLink.Chain.Transfers;

/// <summary>
/// Turns an order and a set of cells into a transaction, or into the reason why there is none. A pure function: the same order, cells
/// and reservations give the same transaction, byte for byte.
/// </summary>
public static class TransferPlanner
{
    /// <summary>Chooses cells, the largest first, and reckons change and fee.</summary>
    /// <param name="order">Who is to be paid.</param>
    /// <param name="cells">What there is. Cells of other locks, with other types or with data are left alone.</param>
    /// <param name="reserved">Cells that other transactions are about to spend.</param>
    /// <param name="chain">Where the code of locks and tokens is found.</param>
    public static TransferPlan Plan(
        TransferOrder order, IEnumerable<Cell> cells, IReadOnlySet<OutPoint> reserved, ChainParameters chain)
    {
        if (OrderCheck.Refusal(order, chain) is { } refused)
        {
            return refused;
        }

        List<Cell> free =
        [
            .. cells.Where(c => c.Output.Lock == order.Wallet && !reserved.Contains(c.OutPoint))
                .DistinctBy(c => c.OutPoint).OrderByDescending(c => c.Output.Capacity).ThenBy(c => c.OutPoint),
        ];
        var draft = new TransferDraft(order, chain);
        foreach (var token in order.Payments.Where(p => p.Udt is not null).GroupBy(p => p.Udt!))
        {
            if (TakeToken(draft, token.Key, Sum(token), free) is { } notEnough)
            {
                return notEnough;
            }
        }

        return TakeCoins(draft, order, [.. free.Where(c => c.Output.Type is null && c.Data.Length == 0)]);
    }

    private static TransferPlan.Refused? TakeToken(TransferDraft draft, Script type, UInt128 needed, List<Cell> free)
    {
        UInt128 found = 0;
        foreach (var cell in free.Where(c => c.Output.Type == type && c.UdtAmount > 0).OrderByDescending(c => c.UdtAmount))
        {
            // What is there of a token can be more than its numbers hold only where the chain's rules are broken.
            found = UInt128.MaxValue - found < cell.UdtAmount!.Value ? UInt128.MaxValue : found + cell.UdtAmount.Value;
            draft.Spend(cell);
            if (found >= needed)
            {
                draft.GiveBack(type, found - needed);
                return null;
            }
        }

        return new(
            TransferRefusal.NotEnough, $"There are {found} of the token in free cells, and {needed} are needed.", type, needed - found);
    }

    private static TransferPlan TakeCoins(TransferDraft draft, TransferOrder order, ImmutableArray<Cell> coins)
    {
        var isDust = false;
        for (var next = 0; ; next++)
        {
            if (draft.InputCount > order.InputsMax)
            {
                return TooManyInputs(draft, order, coins[next..]);
            }

            var attempt = draft.Finish();
            switch (attempt.Result)
            {
                case DraftResult.Done:
                    return new TransferPlan.Planned(attempt.Transfer!);
                case DraftResult.FeeAboveCap:
                    return new TransferPlan.Refused(
                        TransferRefusal.FeeAboveCap, $"The fee would be {attempt.Fee} shannon, and {order.Fee.Cap} is its cap.");
                case DraftResult.Dust:
                    isDust = true;
                    break;
                default:
                    break;
            }

            if (next == coins.Length)
            {
                return isDust
                    ? new TransferPlan.Refused(
                        TransferRefusal.DustChange,
                        $"What is left over, {draft.Rest} shannon, is too little for a cell and more than may go to the fee.")
                    : NotEnoughCoins(draft.Outgoing + attempt.Fee - draft.Incoming);
            }

            draft.Spend(coins[next]);
        }
    }

    private static TransferPlan.Refused TooManyInputs(TransferDraft draft, TransferOrder order, IEnumerable<Cell> left)
    {
        var all = left.Aggregate(draft.Incoming, (sum, c) => sum + c.Output.Capacity);
        return all < draft.Outgoing
            ? NotEnoughCoins(draft.Outgoing - all)
            : new(TransferRefusal.TooManyInputs, $"More than {order.InputsMax} cells would have to be spent.");
    }

    private static TransferPlan.Refused NotEnoughCoins(UInt128 missing) =>
        new(TransferRefusal.NotEnough, $"The free cells are short of {missing} shannon, fee included.", Udt: null, missing);

    private static UInt128 Sum(IEnumerable<Payment> payments) => payments.Aggregate(UInt128.Zero, (sum, p) => sum + p.Amount);
}
