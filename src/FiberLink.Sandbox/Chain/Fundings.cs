using System.Collections.Immutable;
using FiberLink.Chain;
using FiberLink.Chain.Transactions;

namespace FiberLink.Sandbox.Chain;

/// <summary>Coins and tokens out of nothing: transactions of the shape of a miner's own, which nobody can send.</summary>
internal static class Fundings
{
    /// <summary>What a miner's transaction spends.</summary>
    public static OutPoint Nothing { get; } = new(default, uint.MaxValue);

    public static bool IsOne(Transaction transaction) => transaction.Inputs is [var only] && only.PreviousOutput == Nothing;

    /// <summary>Cells of one lock.</summary>
    /// <param name="number">Makes it unlike all others.</param>
    /// <param name="owner">The lock.</param>
    /// <param name="token">The type; null for coins.</param>
    /// <param name="capacity">Of each cell, in shannon.</param>
    /// <param name="amount">Of the token, in each cell.</param>
    /// <param name="cells">How many.</param>
    public static Transaction Make(ulong number, Script owner, Script? token, ulong capacity, UInt128 amount, int cells) => new()
    {
        Inputs = [new(Nothing, number)],
        Outputs = [.. Enumerable.Repeat(new CellOutput(capacity, owner, token), cells)],
        OutputsData = [.. Enumerable.Repeat(token is null ? ByteString.Empty : Cell.UdtData(amount), cells)],
    };

    /// <summary>Everything that a list of transactions makes out of nothing, in shannon.</summary>
    public static UInt128 Total(ImmutableArray<Transaction> transactions) =>
        transactions.Where(IsOne).SelectMany(t => t.Outputs).Aggregate(UInt128.Zero, (sum, o) => sum + o.Capacity);
}
