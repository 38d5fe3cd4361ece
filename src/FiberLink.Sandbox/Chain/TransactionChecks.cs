using System.Collections.Immutable;
using System.Globalization;
using FiberLink.Chain.Transactions;

namespace FiberLink.Sandbox.Chain;

/// <summary>What a node checks before it takes a transaction, in the order in which it does.</summary>
internal sealed class TransactionChecks(SandboxChainOptions options)
{
    private const int SizeMax = 512_000;
    private const ulong RateUnit = 1000;

    private readonly ScriptChecks _scripts = new(options.Chain);

    private readonly ImmutableHashSet<OutPoint> _code =
    [
        .. options.Chain.TokenCodes.Add(options.Chain.Sighash).Add(options.Chain.Multisig).Add(options.Chain.AnyoneCanPay)
            .SelectMany(s => s.CellDeps).Select(d => d.OutPoint),
    ];

    /// <summary>What its own bytes must pay at a rate, rounded as nodes round.</summary>
    public static UInt128 FeeOf(ulong rate, Transaction transaction) => (UInt128)rate * (UInt128)transaction.SizeInBlock / RateUnit;

    /// <summary>Whether the pool takes it; the fee where it does.</summary>
    public (PoolReject? Reject, ulong Fee) Check(Transaction transaction, ChainState state)
    {
        var hash = transaction.Hash();
        if (Shape(transaction) is { } malformed)
        {
            return (malformed, 0);
        }

        if (state.FindPooled(hash) is not null)
        {
            return (PoolReject.Duplicated(hash), 0);
        }

        var (unresolved, spent) = Resolve(transaction, state, withPool: true);
        if (unresolved is not null)
        {
            return (unresolved, 0);
        }

        var (given, taken) = (Given(transaction), Taken(spent));
        return given > taken
            ? (Verify(transaction, spent), 0)
            : (PoorlyPaid(transaction, taken - given, state) ?? Verify(transaction, spent), (ulong)(taken - given));
    }

    /// <summary>Whether a block can hold it, whatever is in the pool.</summary>
    public PoolReject? CheckForBlock(Transaction transaction, ChainState state)
    {
        if (Fundings.IsOne(transaction))
        {
            return null;
        }

        var (unresolved, spent) = Resolve(transaction, state, withPool: false);
        return Shape(transaction) ?? unresolved ?? Verify(transaction, spent);
    }

    private static PoolReject? Shape(Transaction transaction) =>
        transaction.Inputs.Any(i => i.PreviousOutput == Fundings.Nothing) ? PoolReject.Malformed("cellbase like")
        : transaction.Version != 0
            ? PoolReject.Rule(string.Create(CultureInfo.InvariantCulture, $"MismatchedVersion: expected 0, got {transaction.Version}"))
        : transaction.SizeInBlock > SizeMax ? PoolReject.TooLarge(transaction.SizeInBlock, SizeMax)
        : transaction.Inputs.IsEmpty ? PoolReject.Rule("Empty(Inputs)")
        : transaction.Outputs.IsEmpty ? PoolReject.Rule("Empty(Outputs)")
        : transaction.Outputs.Length != transaction.OutputsData.Length
            ? PoolReject.Rule(string.Create(
                CultureInfo.InvariantCulture,
                $"OutputsDataLengthMismatch: expected outputs data length ({transaction.OutputsData.Length}) = ")
                + string.Create(CultureInfo.InvariantCulture, $"outputs length ({transaction.Outputs.Length})"))
        : transaction.CellDeps.Distinct().Count() != transaction.CellDeps.Length ? PoolReject.Rule("DuplicateCellDeps")
        : null;

    private (PoolReject? Reject, ImmutableArray<Cell> Spent) Resolve(Transaction transaction, ChainState state, bool withPool)
    {
        var spent = ImmutableArray.CreateBuilder<Cell>();
        foreach (var outPoint in transaction.Inputs.Select(i => i.PreviousOutput))
        {
            if (spent.Any(c => c.OutPoint == outPoint))
            {
                return (PoolReject.Dead(outPoint), []);
            }

            var cell = state.FindCell(outPoint) is { SpentIn: null } live ? live.Cell
                : withPool ? state.FindPooledCell(outPoint)
                : null;
            if (cell is null)
            {
                return (PoolReject.Unknown(outPoint), []);
            }

            spent.Add(cell);
        }

        foreach (var dep in transaction.CellDeps.Select(d => d.OutPoint).Where(d => !_code.Contains(d)))
        {
            if (state.FindCell(dep) is not { SpentIn: null })
            {
                return (PoolReject.Unknown(dep), []);
            }
        }

        if (withPool && options.MinReplacingRate is null && state.ConflictsOf(transaction) is [var other, ..])
        {
            var taken = ChainState.SpentBy(other.Transaction).ToHashSet();
            return (PoolReject.Dead(ChainState.SpentBy(transaction).First(taken.Contains)), []);
        }

        return (null, spent.ToImmutable());
    }

    private PoolReject? PoorlyPaid(Transaction transaction, UInt128 fee, ChainState state)
    {
        var least = FeeOf(options.MinFeeRate, transaction);
        if (fee < least)
        {
            return PoolReject.LowFeeRate(options.MinFeeRate, least, fee);
        }

        if (state.ConflictsOf(transaction) is not { Count: > 0 } replaced)
        {
            return null;
        }

        var enough = replaced.Aggregate(FeeOf(options.MinReplacingRate ?? 0, transaction), (sum, e) => sum + e.Fee);
        return fee < enough ? PoolReject.Replacing(fee, enough) : null;
    }

    private PoolReject? Verify(Transaction transaction, ImmutableArray<Cell> spent)
    {
        var (given, taken) = (Given(transaction), Taken(spent));
        if (given > taken)
        {
            return PoolReject.Rule(
                $"OutputsSumOverflow: expected outputs capacity ({HexQuantity.Format(given)}) <= inputs capacity "
                + $"({HexQuantity.Format(taken)})");
        }

        foreach (var (i, output) in transaction.Outputs.Index())
        {
            var occupied = output.OccupiedShannon(transaction.OutputsData[i].Length);
            if (output.Capacity < occupied)
            {
                return PoolReject.Rule(
                    string.Create(CultureInfo.InvariantCulture, $"InsufficientCellCapacity(Outputs[{i}]): expected occupied capacity ")
                    + $"({HexQuantity.Format(occupied)}) <= capacity ({HexQuantity.Format(output.Capacity)})");
            }
        }

        // Nothing here waits for a time; a transaction that does has not come yet.
        var waiting = transaction.Inputs.Select(i => i.Since).ToList().FindIndex(s => s != 0);
        return waiting >= 0
            ? PoolReject.Rule(string.Create(CultureInfo.InvariantCulture, $"Immature(Inputs[{waiting}])"))
            : _scripts.Objection(transaction, spent);
    }

    private static UInt128 Given(Transaction transaction) =>
        transaction.Outputs.Aggregate(UInt128.Zero, (sum, o) => sum + o.Capacity);

    private static UInt128 Taken(ImmutableArray<Cell> spent) => spent.Aggregate(UInt128.Zero, (sum, c) => sum + c.Output.Capacity);
}
