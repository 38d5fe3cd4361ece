using FiberLink.HubNode.Invoices.Compression;
using FiberLink.HubNode.Invoices.Molecule;

namespace FiberLink.HubNode.Invoices;

/// <summary>
/// Invoices as text and back, without a node. Stricter than nodes are: what is read here, a node can read too, and means the same
/// by it; the texts that make a node of version 0.8 panic are refused.
/// </summary>
public static class InvoiceCodec
{
    /// <summary>The longest text that is read, in letters; one that holds all a node writes has about 1,400.</summary>
    public const int LettersMax = 4096;

    // What nodes after 0.8 read at most.
    private const int DataLengthMax = 16 * 1024;
    private const int SignatureGroups = 104;
    private const byte UnsignedMark = 0;
    private const byte SignedMark = 1;

    /// <summary>
    /// Reads an invoice. Never throws, whatever the text; takes microseconds for what nodes write and a few milliseconds for the worst.
    /// </summary>
    /// <param name="text">All lower or all upper case.</param>
    public static InvoiceReading Decode(string text)
    {
        if (text.Length > LettersMax)
        {
            return Refuse(InvoiceRefusal.TooLong, $"The text has {text.Length} letters; an invoice has at most {LettersMax}.");
        }

        if (Bech32.Decode(text, out var written, out var groups) is var outer and not Bech32Reading.Read)
        {
            return RefuseOuter(outer);
        }

        return InvoicePrefix.Read(written).Is(out var prefix, out var refusal) ? DecodeGroups(prefix, groups) : refusal;
    }

    /// <summary>Writes an invoice in lower case: what <see cref="Decode"/> read.</summary>
    public static string Encode(FiberInvoice invoice)
    {
        var (prefix, packed) = Pack(invoice.Contents);
        return Encode(prefix, packed, invoice.Signature);
    }

    /// <summary>The prefix of the text and the packed data, which together are signed.</summary>
    internal static (string Prefix, byte[] Packed) Pack(InvoiceContents contents) =>
        (new InvoicePrefix(contents.Currency, contents.Amount).Write(), AdaptiveCode.Pack(ContentsForm.Write(contents)));

    internal static string Encode(string prefix, byte[] packed, RecoverableSignature signature) =>
        Bech32.Encode(prefix, [SignedMark, .. Bech32.ToGroups(packed), .. Bech32.ToGroups(signature.ToBytes())]);

    private static InvoiceReading DecodeGroups(InvoicePrefix prefix, ReadOnlySpan<byte> groups)
    {
        // A node of version 0.8 panics on a signed invoice that is nothing but mark and signature, less the last group of it.
        if (groups.Length <= SignatureGroups)
        {
            return Refuse(InvoiceRefusal.TooLittleData, "The invoice is too short to hold a signature and data.");
        }

        var isSigned = groups[0] == SignedMark;
        if (!isSigned && groups[0] != UnsignedMark)
        {
            return Refuse(InvoiceRefusal.BadData, $"The invoice starts with {groups[0]}, where 1 says that it is signed.");
        }

        if (Bech32.FromGroups(isSigned ? groups[1..^SignatureGroups] : groups[1..]) is not { } packed)
        {
            return Refuse(InvoiceRefusal.BadPadding, "The invoice's data don't end with fewer than five zero bits.");
        }

        // 104 groups of five bits are 65 bytes, with none left over.
        return Unpack(packed) is var (data, refusal) && refusal is not null ? refusal
            : !ContentsForm.Read(prefix, data).Is(out var contents, out refusal) ? refusal
            : !isSigned ? Refuse(InvoiceRefusal.NotSigned, "The invoice isn't signed, so anybody may have written it.")
            : ReadSignature(Bech32.FromGroups(groups[^SignatureGroups..])!, SigningDigest.Of(prefix.Write(), packed), contents);
    }

    private static (byte[] Data, InvoiceReading.Refused? Refusal) Unpack(byte[] packed)
    {
        switch (AdaptiveCode.TryUnpack(packed, DataLengthMax, out var data))
        {
            case Unpacking.TooLong:
                return (data, Refuse(InvoiceRefusal.UnpacksTooLarge, $"The invoice's data unpack to more than {DataLengthMax} bytes."));
            case Unpacking.RanOut:
                return (data, Refuse(InvoiceRefusal.NotUnpackable, "The invoice's data cannot be unpacked: they have no end."));
            default:
                // Also finds whatever follows the end.
                return (data, AdaptiveCode.Pack(data).AsSpan().SequenceEqual(packed)
                    ? null
                    : Refuse(InvoiceRefusal.NotPackedAsWritten, "The invoice's data aren't packed in the only right way."));
        }
    }

    private static InvoiceReading ReadSignature(ReadOnlySpan<byte> bytes, byte[] digest, InvoiceContents contents)
    {
        var signature = RecoverableSignature.FromBytes(bytes);
        if (signature.RecoveryId > RecoverableSignature.RecoveryIdMax)
        {
            return Refuse(
                InvoiceRefusal.BadRecoveryId,
                $"The signature's recovery id is {signature.RecoveryId}, not 0 to {RecoverableSignature.RecoveryIdMax}.");
        }

        if (!signature.IsInRange)
        {
            return Refuse(InvoiceRefusal.BadSignature, "The signature's numbers are zero or not below the order of the curve.");
        }

        if (!signature.IsLow)
        {
            return Refuse(InvoiceRefusal.HighSignature, "The signature is the one of two with the higher s, which nodes refuse.");
        }

        if (!signature.TryRecover(digest, out var signer))
        {
            return Refuse(InvoiceRefusal.BadSignature, "No key can have made the signature.");
        }

        // For the payee's own key, recovering is verifying: it is the only one for which this signature holds.
        return contents.Find<InvoiceAttribute.PayeePublicKey>() is { Key: var payee } && payee != signer
            ? Refuse(InvoiceRefusal.PayeeMismatch, "The invoice, as it stands, wasn't signed by the payee_public_key that it names.")
            : new InvoiceReading.Decoded(new(contents, signature, signer));
    }

    private static InvoiceReading.Refused RefuseOuter(Bech32Reading outer) => outer switch
    {
        Bech32Reading.MixedCase => Refuse(InvoiceRefusal.MixedCase, "The text has upper and lower case in it."),
        Bech32Reading.BadChecksum =>
            Refuse(InvoiceRefusal.BadChecksum, "The text's checksum is wrong: a letter was changed, or it is no Fiber invoice."),
        Bech32Reading.NoSeparator => Refuse(InvoiceRefusal.NotBech32, "The text has no 1 that ends a prefix, so it is no invoice."),
        Bech32Reading.TooShort => Refuse(InvoiceRefusal.NotBech32, "The text ends before its checksum."),
        _ => Refuse(InvoiceRefusal.NotBech32, "The text has a letter that invoices don't have."),
    };

    private static InvoiceReading.Refused Refuse(InvoiceRefusal reason, string detail) => new(reason, detail);
}
