using System.Buffers.Binary;
using System.Collections.Immutable;
using FiberLink.Crypto.Molecule;

namespace FiberLink.Chain.Transactions;

/// <summary>Transactions in CKB's encoding, written and read back strictly.</summary>
internal static class TransactionForm
{
    private const int InputLength = sizeof(ulong) + OutPoint.Length;
    private const int DepLength = OutPoint.Length + 1;
    private const int RawFields = 6;

    private delegate T ReadItem<out T>(ReadOnlySpan<byte> bytes);

    public static byte[] Write(Transaction transaction) =>
        MoleculeWriter.Items(WriteRaw(transaction), MoleculeWriter.Items([.. transaction.Witnesses.Select(Bytes)]));

    public static byte[] WriteRaw(Transaction transaction) => MoleculeWriter.Items(
        MoleculeWriter.Word(transaction.Version),
        MoleculeWriter.FixedItems([.. transaction.CellDeps.Select(d => (byte[])[.. d.OutPoint.ToMolecule(), (byte)d.DepType])]),
        MoleculeWriter.FixedItems([.. transaction.HeaderDeps.Select(h => h.ToBytes())]),
        MoleculeWriter.FixedItems(
            [.. transaction.Inputs.Select(i => (byte[])[.. MoleculeWriter.Number(i.Since), .. i.PreviousOutput.ToMolecule()])]),
        MoleculeWriter.Items([.. transaction.Outputs.Select(o => o.ToMolecule())]),
        MoleculeWriter.Items([.. transaction.OutputsData.Select(Bytes)]));

    public static Transaction? Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var read = ReadWhole(bytes);

            // Whatever is encoded in another way than we write has another hash than it seems to have.
            return read.ToMolecule().AsSpan().SequenceEqual(bytes) ? read : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static Transaction ReadWhole(ReadOnlySpan<byte> bytes)
    {
        Span<Range> parts = stackalloc Range[2];
        Require(MoleculeReader.TryTable(bytes, parts));
        var raw = bytes[parts[0]];
        Span<Range> fields = stackalloc Range[RawFields];
        Require(MoleculeReader.TryTable(raw, fields));
        var version = raw[fields[0]];
        Require(version.Length == sizeof(uint));
        var transaction = new Transaction
        {
            Version = BinaryPrimitives.ReadUInt32LittleEndian(version),
            CellDeps = Fixed(raw[fields[1]], DepLength, ReadDep),
            HeaderDeps = Fixed(raw[fields[2]], Bytes32.Length, Bytes32.From),
            Inputs = Fixed(raw[fields[3]], InputLength, ReadInput),
            Outputs = Items(raw[fields[4]], ReadOutput),
            OutputsData = Items(raw[fields[5]], ReadBytes),
            Witnesses = Items(bytes[parts[1]], ReadBytes),
        };
        Require(transaction.Outputs.Length == transaction.OutputsData.Length);
        return transaction;
    }

    private static CellDep ReadDep(ReadOnlySpan<byte> bytes)
    {
        var type = (CellDepType)bytes[^1];
        Require(Enum.IsDefined(type));
        return new(OutPoint.Read(bytes), type);
    }

    private static CellInput ReadInput(ReadOnlySpan<byte> bytes) =>
        new(OutPoint.Read(bytes[sizeof(ulong)..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes));

    private static CellOutput ReadOutput(ReadOnlySpan<byte> bytes)
    {
        Span<Range> fields = stackalloc Range[3];
        Require(MoleculeReader.TryTable(bytes, fields));
        var capacity = bytes[fields[0]];
        var type = bytes[fields[2]];
        Require(capacity.Length == sizeof(ulong));
        return new(
            BinaryPrimitives.ReadUInt64LittleEndian(capacity), ReadScript(bytes[fields[1]]), type.IsEmpty ? null : ReadScript(type));
    }

    private static Script ReadScript(ReadOnlySpan<byte> bytes)
    {
        Span<Range> fields = stackalloc Range[3];
        Require(MoleculeReader.TryTable(bytes, fields));
        var codeHash = bytes[fields[0]];
        var hashType = bytes[fields[1]];
        Require(codeHash.Length == Bytes32.Length && hashType.Length == 1 && Enum.IsDefined((ScriptHashType)hashType[0]));
        return new(Bytes32.From(codeHash), (ScriptHashType)hashType[0], ReadBytes(bytes[fields[2]]));
    }

    private static ByteString ReadBytes(ReadOnlySpan<byte> bytes)
    {
        Require(MoleculeReader.TryBytes(bytes, out var content));
        return ByteString.From(content);
    }

    private static ImmutableArray<T> Fixed<T>(ReadOnlySpan<byte> bytes, int length, ReadItem<T> read)
    {
        Require(MoleculeReader.TryFixedItems(bytes, length, out var count));
        var items = ImmutableArray.CreateBuilder<T>(count);
        for (var i = 0; i < count; i++)
        {
            items.Add(read(bytes.Slice(sizeof(uint) + (i * length), length)));
        }

        return items.MoveToImmutable();
    }

    private static ImmutableArray<T> Items<T>(ReadOnlySpan<byte> bytes, ReadItem<T> read)
    {
        Require(MoleculeReader.TryItems(bytes, out var ranges));
        var items = ImmutableArray.CreateBuilder<T>(ranges.Length);
        foreach (var range in ranges)
        {
            items.Add(read(bytes[range]));
        }

        return items.MoveToImmutable();
    }

    private static byte[] Bytes(ByteString content) => MoleculeWriter.Bytes(content.Span);

    private static void Require(bool isSo)
    {
        if (!isSo)
        {
            throw new FormatException("Not a transaction.");
        }
    }
}
