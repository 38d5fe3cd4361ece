using System.Buffers.Binary;
using System.Collections.Immutable;
using FiberLink.Chain.Transactions;

namespace FiberLink.Sandbox.Chain;

/// <summary>A block, as far as anybody asks for it.</summary>
/// <param name="Number">How many came before it.</param>
/// <param name="Hash">Of all the rest.</param>
/// <param name="ParentHash">Of the one before; zeros for the first.</param>
/// <param name="Timestamp">In milliseconds since 1970; above that of the one before.</param>
/// <param name="Transactions">Without the miner's own, which would come first.</param>
internal sealed record SandboxBlock(
    ulong Number, Bytes32 Hash, Bytes32 ParentHash, ulong Timestamp, ImmutableArray<Transaction> Transactions)
{
    /// <summary>The number of a transaction in a block begins behind the miner's own.</summary>
    public const uint FirstIndex = 1;

    /// <param name="parent">Null for the first.</param>
    /// <param name="fork">How often blocks were taken back before: two of the same height and content are not the same.</param>
    /// <param name="now">In milliseconds since 1970.</param>
    /// <param name="transactions">In the order in which they spend.</param>
    public static SandboxBlock After(SandboxBlock? parent, ulong fork, ulong now, ImmutableArray<Transaction> transactions)
    {
        var (number, parentHash) = parent is null ? (0, default(Bytes32)) : (parent.Number + 1, parent.Hash);
        var timestamp = Math.Max(now, (parent?.Timestamp ?? 0) + 1);
        var content = new List<byte>(parentHash.ToBytes());
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        foreach (var value in new[] { number, fork, timestamp })
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, value);
            content.AddRange(word);
        }

        foreach (var transaction in transactions)
        {
            content.AddRange(transaction.Hash().ToBytes());
        }

        return new(number, Bytes32.From(CkbHash.Compute([.. content])), parentHash, timestamp, transactions);
    }
}
