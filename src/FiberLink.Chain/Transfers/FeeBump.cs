using System.Collections.Immutable;
using FiberLink.Chain.Signing;
using FiberLink.Chain.Transactions;

namespace FiberLink.Chain.Transfers;

/// <summary>
/// Pays more for a transaction that no block takes. The same cells are spent and the same is paid to everybody; what is added to the fee
/// comes out of the change. So only one of the two can ever be in the chain, and whichever it is pays the same people.
/// </summary>
public static class FeeBump
{
    /// <summary>Shannon for a thousand bytes that a node wants beyond the fee of what is replaced, unless it is set up otherwise.</summary>
    public const ulong ReplacingRate = 1_500;

    /// <param name="sent">The transaction that waits.</param>
    /// <param name="spent">The cell of each of its inputs, in order.</param>
    /// <param name="wallet">The lock to which change goes.</param>
    /// <param name="fee">What the fee should be by rate, and its cap.</param>
    /// <returns>Null when there is no change to pay with, or the cap allows too little to be taken for a replacement.</returns>
    public static UnsignedTransfer? Of(Transaction sent, ImmutableArray<Cell> spent, Script wallet, FeePolicy fee)
    {
        var change = sent.Outputs[^1];
        if (sent.Outputs.Length < 2 || change.Lock != wallet || change.Type is not null)
        {
            return null;
        }

        var before = (ulong)(Sum(spent.Select(c => c.Output.Capacity)) - Sum(sent.Outputs.Select(o => o.Capacity)));
        var least = before + (fee with { Rate = ReplacingRate }).FeeOf(sent.SizeInBlock);

        // By half as much again, so that a rate that has risen far is met in a few steps.
        var wanted = Math.Max(Math.Max(fee.FeeOf(sent.SizeInBlock), least), before + (before / 2));
        var paid = Math.Min(wanted, fee.Cap);
        var left = (UInt128)change.Capacity - Math.Min(change.Capacity, paid - Math.Min(paid, before));
        return paid < least || left < CellOutput.OccupiedShannon(wallet, type: null, dataLength: 0)
            ? null
            : new(
                sent with
                {
                    Outputs = sent.Outputs.SetItem(sent.Outputs.Length - 1, change with { Capacity = (ulong)left }),
                    Witnesses = [new WitnessArgs(Sighash.EmptyLock).ToWitness(), .. spent.Skip(1).Select(_ => ByteString.Empty)],
                },
                spent,
                [.. sent.Outputs[..^1].Select((o, i) => PaymentOf(o, sent.OutputsData[i]))]);
    }

    private static Payment PaymentOf(CellOutput output, ByteString data) =>
        new(output.Lock, output.Type, output.Type is null ? output.Capacity : new Cell(default, output, data).UdtAmount ?? 0);

    private static UInt128 Sum(IEnumerable<ulong> capacities) => capacities.Aggregate(UInt128.Zero, (sum, c) => sum + c);
}
