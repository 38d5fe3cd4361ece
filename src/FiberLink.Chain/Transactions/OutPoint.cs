using System.Buffers.Binary;

namespace FiberLink.Chain.Transactions;

/// <summary>The name of a cell: which output of which transaction it is.</summary>
public readonly record struct OutPoint(Bytes32 TransactionHash, uint Index) : IComparable<OutPoint>
{
    internal const int Length = Bytes32.Length + sizeof(uint);

    public static bool operator <(OutPoint a, OutPoint b) => a.CompareTo(b) < 0;

    public static bool operator >(OutPoint a, OutPoint b) => a.CompareTo(b) > 0;

    public static bool operator <=(OutPoint a, OutPoint b) => a.CompareTo(b) <= 0;

    public static bool operator >=(OutPoint a, OutPoint b) => a.CompareTo(b) >= 0;

    /// <summary>By hash, then by index: an order that is the same everywhere, and means nothing.</summary>
    public int CompareTo(OutPoint other)
    {
        var (a, b) = (TransactionHash, other.TransactionHash);
        return (a.A, a.B, a.C, a.D, Index).CompareTo((b.A, b.B, b.C, b.D, other.Index));
    }

    /// <summary>The hash, a colon and the index.</summary>
    public override string ToString() => FormattableString.Invariant($"{TransactionHash}:{Index}");

    internal static OutPoint Read(ReadOnlySpan<byte> bytes) =>
        new(Bytes32.From(bytes[..Bytes32.Length]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[Bytes32.Length..]));

    internal byte[] ToMolecule()
    {
        var bytes = new byte[Length];
        TransactionHash.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(Bytes32.Length), Index);
        return bytes;
    }
}
