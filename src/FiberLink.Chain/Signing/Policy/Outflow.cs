using System.Collections.Immutable;
using System.Numerics;
using FiberLink.Chain.Transactions;
using FiberLink.Chain.Transfers;

namespace FiberLink.Chain.Signing.Policy;

/// <summary>How much of an asset leaves, in smallest units.</summary>
internal sealed record AssetOutflow(AssetLimit Limit, UInt128 Units);

/// <summary>What a transaction takes out of the wallet.</summary>
/// <param name="Assets">Coins first (fee included), then each token of which something leaves.</param>
/// <param name="Fee">In shannon.</param>
internal sealed record Outflow(ImmutableArray<AssetOutflow> Assets, UInt128 Fee)
{
    /// <summary>
    /// What leaves beyond that of another transaction that spends the same cells and pays the same, so that one of the two at most will
    /// ever be in the chain: what is added to the fee.
    /// </summary>
    /// <param name="fee">The other's, in shannon.</param>
    public Outflow Beyond(UInt128 fee) => this with
    {
        Assets = [.. Assets.Where(a => a.Limit.Type is null && Fee > fee).Select(a => a with { Units = Fee - fee })],
    };

    /// <summary>Reckons it, or says why the transaction is refused whatever left before.</summary>
    /// <param name="transaction">One to which <see cref="TransferShape"/> has no objection.</param>
    /// <param name="spent">The cell of each input, in order, as they truly are.</param>
    /// <param name="own">The lock of the signer's key.</param>
    /// <param name="policy">What is allowed.</param>
    public static (Outflow? Outflow, SigningAnswer.Refused? Refused) Of(
        Transaction transaction, ImmutableArray<Cell> spent, Script own, SignerPolicy policy)
    {
        if (ChannelFunding.IsMeant(transaction, policy.Chain))
        {
            return OfFunding(transaction, spent, own, policy);
        }

        if (spent.Select((c, i) => CellObjection(c, i, own, policy)).FirstOrDefault(o => o is not null) is { } objection)
        {
            return (null, objection);
        }

        ImmutableArray<Cell> made = [.. transaction.Outputs.Select((o, i) => new Cell(default, o, transaction.OutputsData[i]))];
        var fee = CoinsOf(spent) - CoinsOf(made);
        if (fee < 0)
        {
            return (null, new(SigningRefusal.MoreOutThanIn, "It gives away more coins than it spends."));
        }

        if (fee > policy.FeeCap)
        {
            return (null, Over(SigningRefusal.FeeAboveCap, AssetLimit.Coins, fee, policy.FeeCap));
        }

        List<AssetOutflow> assets = [];
        foreach (var limit in policy.Limits)
        {
            var type = limit.Type;
            if (type is not null && UnitsOf(spent, type) != UnitsOf(made, type))
            {
                return (null, new(SigningRefusal.TokensNotConserved, $"It spends another amount of {limit.Name} than it gives away."));
            }

            var paid = made.Where(c => c.Output.Lock != own);
            var leaving = type is null ? CoinsOf(paid) + fee : UnitsOf(paid, type);
            if (leaving > (BigInteger)limit.PerTransaction)
            {
                return (null, Over(SigningRefusal.AboveTransactionLimit, limit.Name, leaving, limit.PerTransaction));
            }

            if (leaving > 0)
            {
                assets.Add(new(limit, (UInt128)leaving));
            }
        }

        return (new([.. assets], (UInt128)fee), null);
    }

    private static (Outflow? Outflow, SigningAnswer.Refused? Refused) OfFunding(
        Transaction transaction, ImmutableArray<Cell> spent, Script own, SignerPolicy policy)
    {
        var (funding, objection) = ChannelFunding.Read(transaction, spent, own, policy.Chain);
        if (funding is null)
        {
            return (null, new(SigningRefusal.ShapeNotAllowed, objection!));
        }

        if (funding.Transaction != transaction)
        {
            return (null, new(SigningRefusal.WitnessNotAllowed, "Our witnesses hold more than an empty place for a signature."));
        }

        var coins = policy.Limits.Single(l => l.Type is null);
        return funding.Fee > policy.FeeCap
                ? (null, Over(SigningRefusal.FeeAboveCap, AssetLimit.Coins, (BigInteger)funding.Fee, policy.FeeCap))
            : funding.Leaving > coins.PerTransaction
                ? (null, Over(SigningRefusal.AboveTransactionLimit, coins.Name, (BigInteger)funding.Leaving, coins.PerTransaction))
            : (new([new(coins, funding.Leaving)], funding.Fee), null);
    }

    private static SigningAnswer.Refused? CellObjection(Cell cell, int index, Script own, SignerPolicy policy) =>
        cell.Output.Lock != own ? new(SigningRefusal.NotOurCells, $"Input {index} spends a cell that has not this key's lock.")
        : policy.LimitOf(cell.Output.Type) is null
            ? new(SigningRefusal.TokenNotListed, $"Input {index} spends a cell with a type that is not on the list.")
        : cell.Data.Length != (cell.Output.Type is null ? 0 : Cell.UdtDataLength)
            ? new(SigningRefusal.InputNotAllowed, $"Input {index} spends a cell with {cell.Data.Length} bytes of data.")
        : null;

    private static SigningAnswer.Refused Over(SigningRefusal reason, string asset, BigInteger asked, UInt128 limit) => new(
        reason,
        reason is SigningRefusal.FeeAboveCap
            ? $"The fee would be {asked} shannon, and {limit} is its cap."
            : $"{asked} of {asset} would leave, and one transaction may let out {limit}.",
        new(asset, asked > (BigInteger)UInt128.MaxValue ? UInt128.MaxValue : (UInt128)asked, limit, Used: 0));

    // Numbers of any size: what is asked for may be made up, and must not come round to the right amount.
    private static BigInteger CoinsOf(IEnumerable<Cell> cells) =>
        cells.Aggregate(BigInteger.Zero, (sum, c) => sum + c.Output.Capacity);

    private static BigInteger UnitsOf(IEnumerable<Cell> cells, Script type) =>
        cells.Where(c => c.Output.Type == type).Aggregate(BigInteger.Zero, (sum, c) => sum + (BigInteger)c.UdtAmount!.Value);
}
