using System.Buffers.Binary;
using System.Text;
using FiberLink.Crypto.Molecule;

namespace FiberLink.HubNode.Invoices.Molecule;

/// <summary>One attribute as bytes: the number of its kind, and what that kind has.</summary>
internal static class AttributeForm
{
    private const int KindLength = sizeof(uint);
    private const int OldExpiryLength = 16;
    private const byte CkbHash = 0;
    private const byte Sha256 = 1;

    public static Either<InvoiceAttribute> Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < KindLength)
        {
            return Damaged("an attribute has no kind");
        }

        var kind = (AttributeKind)BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        var body = bytes[KindLength..];
        return kind switch
        {
            AttributeKind.ExpiryTime => ReadExpiry(body),
            AttributeKind.Description => ReadText(body, "description", text => new InvoiceAttribute.Description(text)),
            AttributeKind.FinalHtlcTimeout =>
                ReadNumber(body, "final_htlc_timeout", ms => new InvoiceAttribute.FinalHtlcTimeout(ms)),
            AttributeKind.FinalHtlcMinimumExpiryDelta =>
                ReadNumber(body, "final_htlc_minimum_expiry_delta", ms => new InvoiceAttribute.FinalHtlcMinimumExpiryDelta(ms)),
            AttributeKind.FallbackAddress => ReadText(body, "fallback_addr", text => new InvoiceAttribute.FallbackAddress(text)),
            AttributeKind.Feature => MoleculeReader.TryTableOfBytes(body, out var bits)
                ? new InvoiceAttribute.Feature(new(bits))
                : Damaged("feature isn't a table of bytes"),
            AttributeKind.UdtScript => ReadUdt(body),
            AttributeKind.PayeePublicKey => ReadPayee(body),
            AttributeKind.HashAlgorithm => ReadAlgorithm(body),
            AttributeKind.PaymentSecret => body.Length == Bytes32.Length
                ? new InvoiceAttribute.PaymentSecret(body)
                : Damaged($"payment_secret has {body.Length} bytes and not {Bytes32.Length}"),
            _ => new InvoiceReading.Refused(
                InvoiceRefusal.UnknownAttribute, $"The invoice has an attribute of kind {(uint)kind}, which is unknown."),
        };
    }

    /// <exception cref="ArgumentException">A text is no Unicode: half of a surrogate pair is in it.</exception>
    public static byte[] Write(InvoiceAttribute attribute) => attribute switch
    {
        InvoiceAttribute.ExpiryTime a => Write(AttributeKind.ExpiryTime, MoleculeWriter.Number(a.Seconds)),
        InvoiceAttribute.Description a => Write(AttributeKind.Description, TableOf(a.Text)),
        InvoiceAttribute.FinalHtlcTimeout a => Write(AttributeKind.FinalHtlcTimeout, MoleculeWriter.Number(a.Milliseconds)),
        InvoiceAttribute.FinalHtlcMinimumExpiryDelta a =>
            Write(AttributeKind.FinalHtlcMinimumExpiryDelta, MoleculeWriter.Number(a.Milliseconds)),
        InvoiceAttribute.FallbackAddress a => Write(AttributeKind.FallbackAddress, TableOf(a.Text)),
        InvoiceAttribute.Feature a => Write(AttributeKind.Feature, MoleculeWriter.TableOfBytes(a.Features.ToBytes())),
        InvoiceAttribute.Udt a => Write(AttributeKind.UdtScript, MoleculeWriter.Items(a.Script.ToMolecule())),
        InvoiceAttribute.PayeePublicKey a => Write(AttributeKind.PayeePublicKey, MoleculeWriter.TableOfBytes(a.Key.ToBytes())),
        InvoiceAttribute.HashAlgorithm a =>
            Write(AttributeKind.HashAlgorithm, [a.Algorithm == InvoiceHashAlgorithm.Sha256 ? Sha256 : CkbHash]),
        InvoiceAttribute.PaymentSecret a => Write(AttributeKind.PaymentSecret, a.ToBytes()),
        _ => throw new ArgumentOutOfRangeException(nameof(attribute), attribute, "No such attribute."),
    };

    private static byte[] Write(AttributeKind kind, byte[] body) => [.. MoleculeWriter.Word((uint)kind), .. body];

    private static byte[] TableOf(string text) =>
        MoleculeWriter.TableOfBytes(new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetBytes(text));

    private static Either<InvoiceAttribute> ReadExpiry(ReadOnlySpan<byte> body) =>
        body.Length == OldExpiryLength
            ? new InvoiceReading.Refused(
                InvoiceRefusal.OldFormat, "The invoice is of a node before 0.6: its expiry_time has 16 bytes and not 8.")
            : ReadNumber(body, "expiry_time", seconds => new InvoiceAttribute.ExpiryTime(seconds));

    private static Either<InvoiceAttribute> ReadUdt(ReadOnlySpan<byte> body)
    {
        Span<Range> field = stackalloc Range[1];
        if (!MoleculeReader.TryTable(body, field))
        {
            return Damaged("udt_script isn't a table of one script");
        }

        return UdtScript.TryFromMolecule(body[field[0]], out var script)
            ? new InvoiceAttribute.Udt(script)
            : new InvoiceReading.Refused(
                InvoiceRefusal.BadUdtScript, "The invoice's udt_script isn't exactly one script of a kind that is known.");
    }

    private static Either<InvoiceAttribute> ReadPayee(ReadOnlySpan<byte> body)
    {
        if (!MoleculeReader.TryTableOfBytes(body, out var content))
        {
            return Damaged("payee_public_key isn't a table of bytes");
        }

        return PublicKey.TryFromBytes(content, out var key)
            ? new InvoiceAttribute.PayeePublicKey(key)
            : new InvoiceReading.Refused(
                InvoiceRefusal.BadPayee, "The invoice's payee_public_key isn't 33 bytes that are a point on the curve.");
    }

    private static Either<InvoiceAttribute> ReadAlgorithm(ReadOnlySpan<byte> body) => body switch
    {
        [CkbHash] => new InvoiceAttribute.HashAlgorithm(InvoiceHashAlgorithm.CkbHash),
        [Sha256] => new InvoiceAttribute.HashAlgorithm(InvoiceHashAlgorithm.Sha256),
        [var other] => new InvoiceReading.Refused(
            InvoiceRefusal.UnknownHashAlgorithm, $"The invoice's hash_algorithm is number {other}, which is unknown."),
        _ => Damaged($"hash_algorithm has {body.Length} bytes and not 1"),
    };

    private static Either<InvoiceAttribute> ReadNumber(ReadOnlySpan<byte> body, string name, Func<ulong, InvoiceAttribute> make) =>
        body.Length == sizeof(ulong)
            ? make(BinaryPrimitives.ReadUInt64LittleEndian(body))
            : Damaged($"{name} has {body.Length} bytes and not {sizeof(ulong)}");

    private static Either<InvoiceAttribute> ReadText(ReadOnlySpan<byte> body, string name, Func<string, InvoiceAttribute> make)
    {
        if (!MoleculeReader.TryTableOfBytes(body, out var content))
        {
            return Damaged($"{name} isn't a table of bytes");
        }

        return System.Text.Unicode.Utf8.IsValid(content)
            ? make(Encoding.UTF8.GetString(content))
            : new InvoiceReading.Refused(InvoiceRefusal.BadUtf8, $"The invoice's {name} isn't UTF-8.");
    }

    private static InvoiceReading.Refused Damaged(string what) => new(InvoiceRefusal.BadData, $"The invoice's data are damaged: {what}.");
}
