using System.Collections.Immutable;
using FiberLink.Chain.Signing;
using FiberLink.Chain.Transactions;

namespace FiberLink.Chain.Transfers;

/// <summary>
/// A transaction that puts coins into a Fiber channel, looked at before it is signed. Somebody else has made it, over cells of ours and
/// perhaps of the peer's, so nothing in it is believed.
/// </summary>
/// <param name="Transaction">With an empty place for our signature, and nothing else in the witnesses of our inputs.</param>
/// <param name="Spent">The cell of each input, in order.</param>
/// <param name="Own">The inputs that spend cells of ours, in order.</param>
/// <param name="Capacity">What the channel holds, in shannon: ours and the peer's.</param>
/// <param name="Leaving">What our cells lose, in shannon: what we put in, and our part of the fee.</param>
/// <param name="Fee">What the miners get of both sides, in shannon.</param>
public sealed record ChannelFunding(
    Transaction Transaction, ImmutableArray<Cell> Spent, ImmutableArray<int> Own, UInt128 Capacity, UInt128 Leaving, UInt128 Fee)
{
    private static readonly ByteString PlaceOfSignature = new WitnessArgs(Sighash.EmptyLock).ToWitness();

    /// <summary>Which cells of ours it spends.</summary>
    public IEnumerable<OutPoint> OwnCells => Own.Select(i => Transaction.Inputs[i].PreviousOutput);

    /// <summary>Whether a transaction says of itself that it funds a channel: by its first output.</summary>
    public static bool IsMeant(Transaction transaction, ChainParameters chain) =>
        transaction.Outputs.Length > 0 && chain.Funding.IsCodeOf(transaction.Outputs[0].Lock);

    /// <summary>
    /// Looks at all of it: the first output alone goes into the channel, every other one comes back to whoever has put something in, and
    /// nobody takes out more than that. Or says what is wrong, in a sentence.
    /// </summary>
    /// <param name="transaction">As it came.</param>
    /// <param name="spent">The cell of each input, in order, as the chain has them.</param>
    /// <param name="own">The lock of our key.</param>
    /// <param name="chain">Whose channels.</param>
    public static (ChannelFunding? Funding, string? Objection) Read(
        Transaction transaction, ImmutableArray<Cell> spent, Script own, ChainParameters chain)
    {
        if ((FrameObjection(transaction, spent) ?? OutputObjection(transaction, spent, own, chain)) is { } objection)
        {
            return (null, objection);
        }

        ImmutableArray<int> ours = [.. Enumerable.Range(0, spent.Length).Where(i => spent[i].Output.Lock == own)];
        var (ownIn, allIn) = (Sum(ours.Select(i => spent[i].Output)), Sum(spent.Select(c => c.Output)));
        var (ownOut, allOut) = (Sum(transaction.Outputs.Where(o => o.Lock == own)), Sum(transaction.Outputs));
        var capacity = (UInt128)transaction.Outputs[0].Capacity;
        return ours.IsEmpty ? (null, "It spends no cell of ours.")
            : allOut > allIn ? (null, "It gives away more coins than it spends.")
            : ownOut > ownIn ? (null, "It gives us more than it takes.")
            : allOut - capacity - ownOut > allIn - ownIn ? (null, "The peer takes out more than it puts in.")
            : (new(WithPlace(transaction, ours), spent, ours, capacity, ownIn - ownOut, allIn - allOut), null);
    }

    /// <summary>As a signer is asked for it.</summary>
    public UnsignedTransfer ToTransfer() =>
        new(Transaction, Spent, [new(Transaction.Outputs[0].Lock, null, Transaction.Outputs[0].Capacity)]);

    private static string? FrameObjection(Transaction transaction, ImmutableArray<Cell> spent)
    {
        var inputs = transaction.Inputs;
        return transaction.Version != 0 ? "The transaction's version isn't 0."
            : !spent.Select(c => c.OutPoint).SequenceEqual(inputs.Select(i => i.PreviousOutput)) ? "The cells aren't those of the inputs."
            : inputs.Select(i => i.PreviousOutput).Distinct().Count() != inputs.Length ? "A cell is spent twice."
            : inputs.Any(i => i.Since != 0) ? "An input waits for a time or a block."
            : !transaction.HeaderDeps.IsEmpty ? "It names headers."
            : transaction.Outputs.Length != transaction.OutputsData.Length ? "Not every output has its data."
            : transaction.Witnesses.Length > inputs.Length ? "It has a witness of no input."
            : spent.Any(c => c.Output.Type is not null || c.Data.Length != 0) ? "It spends a cell that holds more than coins."
            : null;
    }

    private static string? OutputObjection(Transaction transaction, ImmutableArray<Cell> spent, Script own, ChainParameters chain)
    {
        var givers = spent.Select(c => c.Output.Lock).ToHashSet();
        var outputs = transaction.Outputs;
        return !IsMeant(transaction, chain) || outputs[0].Lock.Args.Length != ChainParameters.KeyHashLength
                ? "The first output is no channel's."
            : outputs.Skip(1).Any(o => !givers.Contains(o.Lock)) ? "An output goes to somebody who has put nothing in."
            : outputs.Count(o => chain.Funding.IsCodeOf(o.Lock)) != 1 ? "More than one output goes into a channel."
            : outputs.Any(o => o.Type is not null) || transaction.OutputsData.Any(d => d.Length != 0)
                ? "It makes a cell that holds more than coins."
            : outputs.Any(o => o.Capacity < o.OccupiedShannon(0)) ? "An output has less capacity than it takes up."
            : own == outputs[0].Lock ? "The channel is ours alone."
            : null;
    }

    /// <summary>What stands in the witnesses of our inputs is ours to say; the peer's is left as it is.</summary>
    private static Transaction WithPlace(Transaction transaction, ImmutableArray<int> own) => transaction with
    {
        Witnesses =
        [
            .. Enumerable.Range(0, transaction.Inputs.Length).Select(i =>
                i == own[0] ? PlaceOfSignature
                : own.Contains(i) || i >= transaction.Witnesses.Length ? ByteString.Empty
                : transaction.Witnesses[i]),
        ],
    };

    private static UInt128 Sum(IEnumerable<CellOutput> outputs) =>
        outputs.Aggregate(UInt128.Zero, (sum, o) => sum + o.Capacity);
}
