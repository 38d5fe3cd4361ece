using FiberLink.Chain;
using FiberLink.Chain.Transactions;

namespace FiberLink.Sandbox.Chain;

/// <summary>One thing that happened to the chain: exactly one member is set. Transactions are kept in CKB's own encoding.</summary>
internal sealed record ChainLine(
    ChainLine.Entry? Pooled = null, ChainLine.Leaving? Left = null, ChainLine.Mining? Mined = null, ulong? CutTo = null)
{
    public static string Write(Transaction transaction) => ByteString.From(transaction.ToMolecule()).ToString();

    /// <exception cref="FormatException">It is none.</exception>
    public static Transaction Read(string text) =>
        Transaction.FromMolecule(ByteString.Parse(text).Span) ?? throw new FormatException("That is no transaction.");

    /// <summary>A transaction is in the pool.</summary>
    internal sealed record Entry(string Transaction, ulong Fee, ulong Tip, ulong At)
    {
        public Transaction Read() => ChainLine.Read(Transaction);
    }

    /// <summary>A transaction is in the pool no more, or never was; without a reason it is forgotten.</summary>
    internal sealed record Leaving(string Hash, string? Reason);

    /// <summary>A block comes after the last one.</summary>
    internal sealed record Mining(ulong At, IReadOnlyList<string> Transactions);
}
