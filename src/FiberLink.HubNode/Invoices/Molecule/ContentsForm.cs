using System.Buffers.Binary;
using FiberLink.Crypto.Molecule;

namespace FiberLink.HubNode.Invoices.Molecule;

/// <summary>What an invoice says, as bytes: time, hash and attributes. Network and amount stand in the prefix of the text.</summary>
internal static class ContentsForm
{
    private const int TimeLength = 16;
    private const int KindsOfAttributes = 10;

    private static readonly UInt128 TimeMax = (UInt128)DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    public static Either<InvoiceContents> Read(InvoicePrefix prefix, ReadOnlySpan<byte> bytes)
    {
        Span<Range> fields = stackalloc Range[3];
        if (!MoleculeReader.TryTable(bytes, fields))
        {
            return Damaged("they aren't a table of three");
        }

        var time = bytes[fields[0]];
        var hash = bytes[fields[1]];
        if (time.Length != TimeLength || hash.Length != Bytes32.Length)
        {
            return Damaged($"time and payment hash have {time.Length} and {hash.Length} bytes and not {TimeLength} and {Bytes32.Length}");
        }

        var milliseconds = BinaryPrimitives.ReadUInt128LittleEndian(time);
        if (milliseconds > TimeMax)
        {
            return new InvoiceReading.Refused(InvoiceRefusal.TimeOutOfRange, "The invoice says it was made after the year 9999.");
        }

        return !ReadAttributes(bytes[fields[2]]).Is(out var attributes, out var refusal)
            ? refusal
            : new InvoiceContents(
                prefix.Currency,
                prefix.Amount,
                DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds),
                PaymentHash.FromBytes(hash),
                [.. attributes]);
    }

    /// <exception cref="ArgumentException">An attribute cannot be written.</exception>
    public static byte[] Write(InvoiceContents contents)
    {
        var time = new byte[TimeLength];
        BinaryPrimitives.WriteUInt128LittleEndian(time, (UInt128)contents.CreatedAt.ToUnixTimeMilliseconds());
        byte[][] attributes = [.. contents.Attributes.Select(AttributeForm.Write)];
        return MoleculeWriter.Items(time, contents.PaymentHash.ToBytes(), MoleculeWriter.Items(attributes));
    }

    private static Either<List<InvoiceAttribute>> ReadAttributes(ReadOnlySpan<byte> bytes)
    {
        // No kind twice, so there can't be more of them than kinds; one more is read to say which.
        Span<Range> items = stackalloc Range[KindsOfAttributes + 1];
        if (!MoleculeReader.TryItems(bytes, items, out var count))
        {
            return Damaged("the attributes aren't a list, or too long a one");
        }

        var attributes = new List<InvoiceAttribute>(count);
        foreach (var item in items[..count])
        {
            if (!AttributeForm.Read(bytes[item]).Is(out var attribute, out var refusal))
            {
                return refusal;
            }

            if (attributes.Exists(a => a.GetType() == attribute.GetType()))
            {
                return new InvoiceReading.Refused(InvoiceRefusal.DuplicateAttribute, $"The invoice has {attribute.Name} twice.");
            }

            attributes.Add(attribute);
        }

        return attributes;
    }

    private static InvoiceReading.Refused Damaged(string what) => new(InvoiceRefusal.BadData, $"The invoice's data are damaged: {what}.");
}
