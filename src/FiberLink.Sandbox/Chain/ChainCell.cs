using System.Buffers.Binary;
using FiberLink.Chain;
using FiberLink.Chain.Transactions;

namespace FiberLink.Sandbox.Chain;

/// <summary>A cell of the best chain, spent or not.</summary>
/// <param name="Cell">What it is.</param>
/// <param name="Block">The number of the block that made it.</param>
/// <param name="TransactionIndex">Which transaction of the block made it.</param>
/// <param name="SpentIn">The number of the block that spent it; null while it is live.</param>
internal sealed record ChainCell(Cell Cell, ulong Block, uint TransactionIndex, ulong? SpentIn = null)
{
    private const byte ByLock = 64;
    private const byte ByType = 96;

    /// <summary>Whether it was there after the block of this number.</summary>
    public bool IsLiveAt(ulong number) => Block <= number && (SpentIn is null || SpentIn > number);

    /// <summary>What a node's list of cells is ordered by, and what a page ends with: the script, and where the cell was made.</summary>
    /// <param name="script">One of the cell's own.</param>
    /// <param name="isLock">Which.</param>
    public byte[] Key(Script script, bool isLock)
    {
        var place = new byte[sizeof(ulong) + (2 * sizeof(uint))];
        BinaryPrimitives.WriteUInt64BigEndian(place, Block);
        BinaryPrimitives.WriteUInt32BigEndian(place.AsSpan(sizeof(ulong)), TransactionIndex);
        BinaryPrimitives.WriteUInt32BigEndian(place.AsSpan(sizeof(ulong) + sizeof(uint)), Cell.OutPoint.Index);
        return [isLock ? ByLock : ByType, .. script.CodeHash.ToBytes(), (byte)script.HashType, .. script.Args.Span, .. place];
    }
}
