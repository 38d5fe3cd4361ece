using System.Buffers.Binary;
using FiberLink.Crypto.Molecule;

namespace FiberLink.Chain.Transactions;

/// <summary>A cell as a transaction makes it.</summary>
/// <param name="Capacity">In shannon: the coins in it, and the room that it may take up, 10⁸ for each byte.</param>
/// <param name="Lock">Who may spend it.</param>
/// <param name="Type">What it is, or null.</param>
public sealed record CellOutput(ulong Capacity, Script Lock, Script? Type)
{
    /// <summary>Shannon in one CKB, and for one byte of a cell.</summary>
    public const ulong ShannonPerByte = 100_000_000;

    /// <summary>The least capacity that a cell with these scripts and so many bytes of data can have, in shannon.</summary>
    public static ulong OccupiedShannon(Script owner, Script? type, int dataLength) =>
        ShannonPerByte * (ulong)(sizeof(ulong) + owner.OccupiedBytes + (type?.OccupiedBytes ?? 0) + dataLength);

    /// <summary>The least capacity that it can have with so many bytes of data, in shannon.</summary>
    public ulong OccupiedShannon(int dataLength) => OccupiedShannon(Lock, Type, dataLength);

    internal byte[] ToMolecule()
    {
        var capacity = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(capacity, Capacity);
        return MoleculeWriter.Items(capacity, Lock.ToMolecule(), Type?.ToMolecule() ?? []);
    }
}

/// <summary>A cell that is there to be spent.</summary>
public sealed record Cell(OutPoint OutPoint, CellOutput Output, ByteString Data)
{
    /// <summary>A token's amount: 128 bits, the lowest byte first.</summary>
    public const int UdtDataLength = 16;

    /// <summary>How much of its token it holds, in smallest units; null unless its data are an amount and nothing else.</summary>
    public UInt128? UdtAmount => Output.Type is not null && Data.Length == UdtDataLength
        ? BinaryPrimitives.ReadUInt128LittleEndian(Data.Span)
        : null;

    /// <summary>An amount as a token's cell holds it.</summary>
    public static ByteString UdtData(UInt128 amount)
    {
        Span<byte> bytes = stackalloc byte[UdtDataLength];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, amount);
        return ByteString.From(bytes);
    }
}
