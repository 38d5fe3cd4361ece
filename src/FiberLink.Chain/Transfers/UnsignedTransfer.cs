using System.Collections.Immutable;
using System.Numerics;
using FiberLink.Chain.Transactions;

namespace FiberLink.Chain.Transfers;

/// <summary>A transaction that only lacks its signature, and what there is to know about it.</summary>
/// <param name="Transaction">With a place for the signature in its first witness; as long as it will be.</param>
/// <param name="Spent">The cell of each input, in order.</param>
/// <param name="Payments">Who is paid, by the outputs that come first.</param>
public sealed record UnsignedTransfer(Transaction Transaction, ImmutableArray<Cell> Spent, ImmutableArray<Payment> Payments)
{
    /// <summary>What the miners get, in shannon.</summary>
    public UInt128 Fee => Sum(Spent.Select(c => c.Output.Capacity)) - Sum(Transaction.Outputs.Select(o => o.Capacity));

    /// <summary>The outputs after those of the payments: what comes back to the wallet.</summary>
    public ImmutableArray<CellOutput> Change => Transaction.Outputs[Payments.Length..];

    /// <summary>The coins that recipients of tokens get with them, because their cells need the room; in shannon.</summary>
    public UInt128 CapacityWithTokens =>
        Sum(Payments.Zip(Transaction.Outputs).Where(p => p.First.Udt is not null).Select(p => p.Second.Capacity));

    /// <summary>Which inputs spend a cell of this lock.</summary>
    public IReadOnlyList<int> InputsOf(Script owner) =>
        [.. Enumerable.Range(0, Spent.Length).Where(i => Spent[i].Output.Lock == owner)];

    /// <summary>
    /// Why this is no transfer as <see cref="TransferPlanner"/> makes them, in a sentence; null if it is one. A signer asks before it
    /// believes a description that came from elsewhere.
    /// </summary>
    public string? Objection()
    {
        var (inputs, outputs) = (Transaction.Inputs, Transaction.Outputs);
        return !Spent.Select(c => c.OutPoint).SequenceEqual(inputs.Select(i => i.PreviousOutput)) ? "The cells aren't those of the inputs."
            : Spent.Select(c => c.OutPoint).Distinct().Count() != Spent.Length ? "A cell is spent twice."
            : outputs.Length != Transaction.OutputsData.Length ? "Not every output has its data."
            : outputs.Length < Payments.Length || Payments.Where((p, i) => !Pays(p, i)).Any() ? "An output isn't what its payment says."
            : Change.Any(o => Spent.All(c => c.Output.Lock != o.Lock)) ? "Change goes to a lock of which nothing is spent."
            : outputs.Where((o, i) => o.Capacity < o.OccupiedShannon(Transaction.OutputsData[i].Length)).Any()
                ? "An output has less capacity than it takes up."
            : Sum(outputs.Select(o => o.Capacity)) > Sum(Spent.Select(c => c.Output.Capacity)) ? "It gives away more coins than it spends."
            : TokenObjection();
    }

    private string? TokenObjection()
    {
        var spent = Spent.Where(c => c.Output.Type is not null).ToList();
        var made = Transaction.Outputs.Select((o, i) => new Cell(default, o, Transaction.OutputsData[i]))
            .Where(c => c.Output.Type is not null).ToList();
        return spent.Concat(made).Any(c => c.UdtAmount is null) ? "A cell with a type holds no amount of a token."
            : spent.Concat(made).Select(c => c.Output.Type).Distinct().Any(t => TotalOf(spent, t!) != TotalOf(made, t!))
                ? "It spends another amount of a token than it gives away."
                : null;
    }

    // A number of any size: what is described may be made up, and must not come round to the right amount.
    private static BigInteger TotalOf(IEnumerable<Cell> cells, Script type) =>
        cells.Where(c => c.Output.Type == type).Aggregate(BigInteger.Zero, (sum, c) => sum + (BigInteger)c.UdtAmount!.Value);

    private bool Pays(Payment payment, int index)
    {
        var output = Transaction.Outputs[index];
        var data = Transaction.OutputsData[index];
        return output.Lock == payment.Recipient && output.Type == payment.Udt
            && (payment.Udt is null ? output.Capacity == payment.Amount && data.Length == 0 : data == Cell.UdtData(payment.Amount));
    }

    private static UInt128 Sum(IEnumerable<ulong> capacities) => capacities.Aggregate(UInt128.Zero, (sum, c) => sum + c);
}
