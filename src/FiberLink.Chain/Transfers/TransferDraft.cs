using System.Collections.Immutable;
using FiberLink.Chain.Signing;
using FiberLink.Chain.Transactions;

namespace FiberLink.Chain.Transfers;

/// <summary>What the cells of a draft come to.</summary>
internal enum DraftResult
{
    Done = 1,
    NeedsMore = 2,

    /// <summary>What is left is too little for a cell, and too much for the fee. Another cell may help.</summary>
    Dust = 3,

    /// <summary>More cells only make it dearer.</summary>
    FeeAboveCap = 4,
}

/// <param name="Result">What they come to.</param>
/// <param name="Fee">What these cells and outputs cost, in shannon.</param>
/// <param name="Transfer">Where it is done.</param>
internal sealed record DraftAttempt(DraftResult Result, ulong Fee, UnsignedTransfer? Transfer = null);

/// <summary>A transaction that is being put together: cells come in one by one, and after each it is asked whether that will do.</summary>
internal sealed class TransferDraft
{
    private readonly TransferOrder _order;
    private readonly ulong _leastChange;
    private readonly List<Cell> _spent = [];
    private readonly List<(CellOutput Output, ByteString Data)> _outputs;
    private readonly ImmutableArray<CellDep> _deps;

    public TransferDraft(TransferOrder order, ChainParameters chain)
    {
        _order = order;
        _leastChange = CellOutput.OccupiedShannon(order.Wallet, type: null, dataLength: 0);
        _outputs = [.. order.Payments.Select(OutputOf)];
        var tokenCodes = order.Payments.Where(p => p.Udt is not null).Select(p => chain.TokenCodes.First(c => c.IsCodeOf(p.Udt!)));
        _deps = [.. chain.Sighash.CellDeps.Concat(tokenCodes.SelectMany(c => c.CellDeps)).Distinct()];
        Outgoing = _outputs.Aggregate(UInt128.Zero, (sum, o) => sum + o.Output.Capacity);
    }

    public int InputCount => _spent.Count;

    public UInt128 Incoming { get; private set; }

    /// <summary>What all outputs hold, change in coins and fee left out.</summary>
    public UInt128 Outgoing { get; private set; }

    /// <summary>What is left for fee and change; only while there is enough.</summary>
    public UInt128 Rest => Incoming - Outgoing;

    public void Spend(Cell cell)
    {
        _spent.Add(cell);
        Incoming += cell.Output.Capacity;
    }

    /// <summary>A cell of the wallet's for what of a token is not paid away.</summary>
    public void GiveBack(Script type, UInt128 amount)
    {
        if (amount > 0)
        {
            _outputs.Add(OutputOf(new(_order.Wallet, type, amount)));
            Outgoing += _outputs[^1].Output.Capacity;
        }
    }

    public DraftAttempt Finish()
    {
        var plain = Build(_outputs);
        var fee = _order.Fee.FeeOf(plain.SizeInBlock);
        if (_spent.Count == 0 || Incoming < Outgoing + fee)
        {
            return new(DraftResult.NeedsMore, fee);
        }

        return fee > _order.Fee.Cap ? new(DraftResult.FeeAboveCap, fee) : WithChange() ?? WithoutChange(plain, fee);
    }

    private DraftAttempt? WithChange()
    {
        // A capacity takes eight bytes whatever it is, so the size is right before the number is.
        var sized = Build([.. _outputs, (new(_leastChange, _order.Wallet, Type: null), ByteString.Empty)]);
        var fee = _order.Fee.FeeOf(sized.SizeInBlock);
        if (Rest < (UInt128)fee + _leastChange || Rest - fee > ulong.MaxValue)
        {
            return null;
        }

        return fee > _order.Fee.Cap
            ? new(DraftResult.FeeAboveCap, fee)
            : Done(WithCapacity(sized, sized.Outputs.Length - 1, (ulong)(Rest - fee)), fee);
    }

    private DraftAttempt WithoutChange(Transaction plain, ulong fee)
    {
        if (Rest <= _order.Fee.Cap)
        {
            return Done(plain, fee);
        }

        // A token's change is a cell of ours already, and can hold what would be too little for one of its own.
        var own = _order.Payments.Length;
        return own == _outputs.Count || Rest > _leastChange + (UInt128)_order.Fee.Cap
            ? new(DraftResult.Dust, fee)
            : Done(WithCapacity(plain, own, plain.Outputs[own].Capacity + (ulong)(Rest - fee)), fee);
    }

    private DraftAttempt Done(Transaction transaction, ulong fee) =>
        new(DraftResult.Done, fee, new(transaction, [.. _spent], _order.Payments));

    private Transaction Build(List<(CellOutput Output, ByteString Data)> outputs) => new()
    {
        CellDeps = _deps,
        Inputs = [.. _spent.Select(c => new CellInput(c.OutPoint))],
        Outputs = [.. outputs.Select(o => o.Output)],
        OutputsData = [.. outputs.Select(o => o.Data)],
        Witnesses = [.. _spent.Select((_, i) => i == 0 ? new WitnessArgs(Sighash.EmptyLock).ToWitness() : ByteString.Empty)],
    };

    private static Transaction WithCapacity(Transaction transaction, int index, ulong capacity) =>
        transaction with { Outputs = transaction.Outputs.SetItem(index, transaction.Outputs[index] with { Capacity = capacity }) };

    private static (CellOutput Output, ByteString Data) OutputOf(Payment payment)
    {
        var data = payment.Udt is null ? ByteString.Empty : Cell.UdtData(payment.Amount);
        var capacity = payment.Udt is null
            ? (ulong)payment.Amount
            : CellOutput.OccupiedShannon(payment.Recipient, payment.Udt, data.Length);
        return (new(capacity, payment.Recipient, payment.Udt), data);
    }
}
