using System.Buffers.Binary;
using System.Numerics;
using FiberLink.Crypto.Curve;
using FiberLink.Crypto.Molecule;
using FiberLink.HubNode.Invoices;
using FiberLink.HubNode.Invoices.Compression;
using FiberLink.HubNode.Invoices.Molecule;

namespace FiberLink.HubNode.Tests.Invoices;

/// <summary>Each text has one thing wrong with it: packed, signed and checksummed as if it were right.</summary>
public sealed class Refusing_for_each_reason
{
    private const string Prefix = "fibt42";

    private static readonly Forger Payee = new(1);

    private static readonly InvoiceContents Contents = new(
        FiberCurrency.Fibt,
        42,
        DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123),
        PaymentHash.FromBytes([.. Enumerable.Repeat((byte)0xab, 32)]),
        [new InvoiceAttribute.Description("tea"), new InvoiceAttribute.PayeePublicKey(Payee.PublicKey)]);

    private static readonly byte[] Data = ContentsForm.Write(Contents);
    private static readonly byte[] Packed = AdaptiveCode.Pack(Data);
    private static readonly RecoverableSignature Signature = Payee.Sign(SigningDigest.Of(Prefix, Packed));

    public static TheoryData<string, InvoiceRefusal> Prefixes => new()
    {
        { "fibx42", InvoiceRefusal.UnknownNetwork },
        { "fib", InvoiceRefusal.UnknownNetwork },
        { "lnbc42", InvoiceRefusal.UnknownNetwork },
        { "xfibt42", InvoiceRefusal.UnknownNetwork },
        { "fibt42m", InvoiceRefusal.AmountNotDigits },
        { "fibt42u", InvoiceRefusal.AmountNotDigits },
        { "fibtt", InvoiceRefusal.AmountNotDigits },
        { "fibt1x24", InvoiceRefusal.AmountNotDigits },
        { "fibt-1", InvoiceRefusal.AmountNotDigits },
        { "fibt+1", InvoiceRefusal.AmountNotDigits },
        { "fibt1.5", InvoiceRefusal.AmountNotDigits },
        { "fibt042", InvoiceRefusal.AmountWithLeadingZeros },
        { "fibt00", InvoiceRefusal.AmountWithLeadingZeros },
        { "fibt340282366920938463463374607431768211456", InvoiceRefusal.AmountTooLarge },
        { "fibt1024444444444444444444444444444444444444444444444444444444444444", InvoiceRefusal.AmountTooLarge },
    };

    public static TheoryData<string, uint, byte[], InvoiceRefusal> Attributes => new()
    {
        { "a kind that newer nodes have", 10, MoleculeWriter.TableOfBytes(Payee.PublicKey.ToBytes()), InvoiceRefusal.UnknownAttribute },
        { "a kind that nobody has", uint.MaxValue, [], InvoiceRefusal.UnknownAttribute },
        { "an expiry too short", 0, new byte[7], InvoiceRefusal.BadData },
        { "an expiry too long", 0, new byte[9], InvoiceRefusal.BadData },
        { "an expiry as once it was", 0, new byte[16], InvoiceRefusal.OldFormat },
        { "a second description", 1, MoleculeWriter.TableOfBytes("coffee"u8), InvoiceRefusal.DuplicateAttribute },
        { "a second payee, the same", 7, MoleculeWriter.TableOfBytes(Payee.PublicKey.ToBytes()), InvoiceRefusal.DuplicateAttribute },
        { "text cut in a letter", 4, MoleculeWriter.TableOfBytes([0xc3]), InvoiceRefusal.BadUtf8 },
        { "half a surrogate pair", 4, MoleculeWriter.TableOfBytes([0xed, 0xa0, 0x80]), InvoiceRefusal.BadUtf8 },
        { "a letter written longer than need be", 4, MoleculeWriter.TableOfBytes([0xc0, 0x80]), InvoiceRefusal.BadUtf8 },
        { "text without its frame", 4, "ckt1"u8.ToArray(), InvoiceRefusal.BadData },
        { "text that says it is longer", 4, MoleculeWriter.Items([9, 0, 0, 0, 1]), InvoiceRefusal.BadData },
        { "text that says it is shorter", 4, MoleculeWriter.Items([0, 0, 0, 0, 1]), InvoiceRefusal.BadData },
        { "text and another field", 4, MoleculeWriter.Items([0, 0, 0, 0], []), InvoiceRefusal.BadData },
        { "a timeout of nothing", 2, [], InvoiceRefusal.BadData },
        { "a delta of 16 bytes", 3, new byte[16], InvoiceRefusal.BadData },
        { "features without a frame", 5, [8], InvoiceRefusal.BadData },
        { "a token's script that is none", 6, MoleculeWriter.Items(new byte[53]), InvoiceRefusal.BadUdtScript },
        { "a token's script of another kind", 6, MoleculeWriter.Items(ScriptOfKind(3)), InvoiceRefusal.BadUdtScript },
        { "a token's script and more", 6, MoleculeWriter.Items([.. ScriptOfKind(1), 0]), InvoiceRefusal.BadUdtScript },
        { "a token without a frame", 6, ScriptOfKind(1), InvoiceRefusal.BadData },
        { "an algorithm that nobody has", 8, [2], InvoiceRefusal.UnknownHashAlgorithm },
        { "no algorithm", 8, [], InvoiceRefusal.BadData },
        { "two algorithms", 8, [0, 0], InvoiceRefusal.BadData },
        { "a secret too short", 9, new byte[31], InvoiceRefusal.BadData },
        { "a secret too long", 9, new byte[33], InvoiceRefusal.BadData },
    };

    [Fact]
    public void The_text_that_the_others_are_made_from_is_read()
    {
        var invoice = Invoices.Read(Payee.TextOf(Prefix, Data));

        Assert.Equal(Contents, invoice.Contents);
        Assert.Equal(Payee.PublicKey, invoice.Signer);
    }

    [Theory]
    [MemberData(nameof(Prefixes))]
    public void A_prefix(string prefix, InvoiceRefusal reason) => Assert.Equal(reason, Invoices.Refusal(Payee.TextOf(prefix, Data)));

    [Theory]
    [InlineData("fibb", null)]
    [InlineData("fibt0", "0")]
    [InlineData("fibd340282366920938463463374607431768211455", "340282366920938463463374607431768211455")]
    public void A_prefix_at_the_limit_is_none(string prefix, string? amount) =>
        Assert.Equal(amount, Invoices.Read(Payee.TextOf(prefix, Data)).Amount?.ToString(null, null));

    [Theory]
    [MemberData(nameof(Attributes))]
    public void An_attribute(string what, uint kind, byte[] body, InvoiceRefusal reason)
    {
        byte[][] attributes = [.. Contents.Attributes.Select(AttributeForm.Write), [.. MoleculeWriter.Word(kind), .. body]];
        var refused = Invoices.Refusal(Payee.TextOf(Prefix, DataWith(attributes)));
        Assert.True(reason == refused, $"{refused} instead of {reason} for {what}.");
    }

    [Fact]
    public void A_payee_that_is_none()
    {
        var key = Payee.PublicKey.ToBytes();
        byte[][] wrong =
        [
            [], key[1..], [4, .. key[1..]], [.. key, 0], [2, .. Enumerable.Repeat((byte)0xff, 32)], [2, .. new byte[31], 5], new byte[65],
        ];

        Assert.All(wrong, w => Assert.Equal(
            InvoiceRefusal.BadPayee,
            Invoices.Refusal(Payee.TextOf(Prefix, DataWith([.. MoleculeWriter.Word(7), .. MoleculeWriter.TableOfBytes(w)])))));
    }

    [Fact]
    public void A_time_after_the_year_9999()
    {
        var last = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

        Assert.Equal(last, Invoices.Read(Payee.TextOf(Prefix, MadeAt(last))).CreatedAt.ToUnixTimeMilliseconds());
        Assert.Equal(InvoiceRefusal.TimeOutOfRange, Invoices.Refusal(Payee.TextOf(Prefix, MadeAt(last + 1))));
        Assert.Equal(InvoiceRefusal.TimeOutOfRange, Invoices.Refusal(Payee.TextOf(Prefix, MadeAt(long.MaxValue))));

        // As sixteen bytes, minus one is the largest number.
        Assert.Equal(InvoiceRefusal.TimeOutOfRange, Invoices.Refusal(Payee.TextOf(Prefix, MadeAt(-1))));
    }

    [Fact]
    public void A_time_or_a_hash_of_another_length()
    {
        var (time, hash, attributes) = (Data[16..32], Data[32..64], Data[64..]);

        Refused(time[1..], hash);
        Refused([.. time, 0], hash);
        Refused(time, hash[1..]);
        Refused(time, [.. hash, 0]);
        Refused(Data[16..33], Data[33..64]);

        void Refused(byte[] first, byte[] second) =>
            Assert.Equal(InvoiceRefusal.BadData, Invoices.Refusal(Payee.TextOf(Prefix, MoleculeWriter.Items(first, second, attributes))));
    }

    [Fact]
    public void Data_with_any_word_of_their_frame_changed()
    {
        // Lengths and places of the table, of the list of attributes, and of the two attributes.
        int[] frame = [.. Enumerable.Range(0, 16), .. Enumerable.Range(64, 12)];

        Assert.All(frame, at => Assert.All(new byte[] { 1, 4, 0x40, 0x80 }, change =>
        {
            var changed = Data.ToArray();
            changed[at] ^= change;
            Assert.IsType<InvoiceReading.Refused>(InvoiceCodec.Decode(Payee.TextOf(Prefix, changed)));
        }));
        Assert.Equal(InvoiceRefusal.BadData, Invoices.Refusal(Payee.TextOf(Prefix, [])));
        Assert.Equal(InvoiceRefusal.BadData, Invoices.Refusal(Payee.TextOf(Prefix, [4, 0, 0, 0])));
        Assert.Equal(InvoiceRefusal.BadData, Invoices.Refusal(Payee.TextOf(Prefix, [.. Data, 0])));
        Assert.Equal(InvoiceRefusal.BadData, Invoices.Refusal(Payee.TextOf(Prefix, DataWith([[1, 0]]))));
        Assert.Equal(InvoiceRefusal.BadData, Invoices.Refusal(Payee.TextOf(Prefix, DataWith([.. Enumerable.Repeat<byte[]>([], 200)]))));
    }

    [Theory]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(11)]
    public void Data_with_bytes_that_nobody_reads(int start)
    {
        var description = AttributeForm.Write(Contents.Attributes[0]);
        byte[] list =
        [
            .. MoleculeWriter.Word((uint)(start + description.Length)),
            .. MoleculeWriter.Word((uint)start),
            .. new byte[start - 8],
            .. description,
        ];

        Assert.Equal(
            InvoiceRefusal.BadData,
            Invoices.Refusal(Payee.TextOf(Prefix, MoleculeWriter.Items(Data[16..32], Data[32..64], list))));
    }

    [Fact]
    public void Packed_data_that_are_not_as_they_would_be_packed()
    {
        Refused(InvoiceRefusal.NotPackedAsWritten, [.. Packed, 0]);
        Refused(InvoiceRefusal.NotPackedAsWritten, [.. Packed, .. Packed]);
        Refused(InvoiceRefusal.NotPackedAsWritten, [.. Packed[..^1], (byte)(Packed[^1] ^ 1)]);
        Refused(InvoiceRefusal.NotUnpackable, []);
        Refused(InvoiceRefusal.NotUnpackable, Packed[..8]);
        Refused(InvoiceRefusal.UnpacksTooLarge, AdaptiveCode.Pack(new byte[16_385]));

        static void Refused(InvoiceRefusal reason, byte[] packed) =>
            Assert.Equal(reason, Invoices.Refusal(Payee.TextOfPacked(Prefix, packed)));
    }

    [Fact]
    public void Groups_before_the_signature_that_hold_no_bytes()
    {
        var data = Bech32.ToGroups(Packed);
        var signature = Bech32.ToGroups(Signature.ToBytes());

        Assert.Equal(InvoiceRefusal.BadPadding, OfGroups([1, .. data, 0, .. signature]));
        Assert.Equal(InvoiceRefusal.BadPadding, OfGroups([1, .. data, 1, .. signature]));
        Assert.Equal(InvoiceRefusal.BadPadding, OfGroups([1, .. data[..^1], (byte)(data[^1] | 1), .. signature]));
        Assert.Equal(InvoiceRefusal.NotSigned, OfGroups([0, .. data]));
        Assert.Equal(InvoiceRefusal.BadData, OfGroups([2, .. data, .. signature]));
        Assert.Equal(InvoiceRefusal.TooLittleData, OfGroups([1, .. signature[1..]]));
        Assert.Equal(InvoiceRefusal.TooLittleData, OfGroups([1]));
        Assert.Equal(InvoiceRefusal.TooLittleData, OfGroups([]));
        Assert.Equal(InvoiceRefusal.NotUnpackable, OfGroups([1, .. signature]));

        static InvoiceRefusal OfGroups(byte[] groups) => Invoices.Refusal(Bech32.Encode(Prefix, groups));
    }

    [Fact]
    public void A_signature()
    {
        var (r, s) = (Signature.R, Signature.S);
        var order = UInt256.From(Forger.Order);

        Assert.Equal(InvoiceRefusal.HighSignature, With(new(r, Secp256k1.Negated(s), Signature.RecoveryId ^ 1)));
        Assert.Equal(InvoiceRefusal.PayeeMismatch, With(new(r, s, Signature.RecoveryId ^ 1)));
        Assert.Equal(InvoiceRefusal.BadSignature, With(new(r, s, Signature.RecoveryId | 2)));
        Assert.Equal(InvoiceRefusal.BadRecoveryId, With(new(r, s, 4)));
        Assert.Equal(InvoiceRefusal.BadRecoveryId, With(new(r, s, 255)));
        Assert.Equal(InvoiceRefusal.BadSignature, With(new(UInt256.Zero, s, 0)));
        Assert.Equal(InvoiceRefusal.BadSignature, With(new(r, UInt256.Zero, 0)));
        Assert.Equal(InvoiceRefusal.BadSignature, With(new(order, s, 0)));
        Assert.Equal(InvoiceRefusal.BadSignature, With(new(r, order, 0)));
        Assert.Equal(InvoiceRefusal.BadSignature, With(new(UInt256.From(5), s, 0)));
        Assert.Equal(InvoiceRefusal.PayeeMismatch, With(new(r, UInt256.From(BigInteger.One), 0)));
        Assert.Equal(InvoiceRefusal.PayeeMismatch, With(new Forger(2).Sign(SigningDigest.Of(Prefix, Packed))));
        Assert.Equal(InvoiceRefusal.PayeeMismatch, With(Payee.Sign(SigningDigest.Of("fibt43", Packed))));

        static InvoiceRefusal With(RecoverableSignature signature) => Invoices.Refusal(InvoiceCodec.Encode(Prefix, Packed, signature));
    }

    [Fact]
    public void More_letters_than_an_invoice_has()
    {
        Assert.Equal(InvoiceRefusal.TooLong, Invoices.Refusal(new('q', InvoiceCodec.LettersMax + 1)));
        Assert.Equal(InvoiceRefusal.NotBech32, Invoices.Refusal(new('q', InvoiceCodec.LettersMax)));
        Assert.Equal(InvoiceRefusal.TooLong, Invoices.Refusal(new('\ud800', 10_000_000)));
    }

    private static byte[] MadeAt(long milliseconds)
    {
        var data = Data.ToArray();
        BinaryPrimitives.WriteInt128LittleEndian(data.AsSpan(16), milliseconds);
        return data;
    }

    private static byte[] ScriptOfKind(byte kind)
    {
        var bytes = new UdtScript($"0x{new string('c', 64)}", "type", "0x0102").ToMolecule();
        bytes[48] = kind;
        return bytes;
    }

    private static byte[] DataWith(params byte[][] attributes) =>
        MoleculeWriter.Items(Data[16..32], Data[32..64], MoleculeWriter.Items(attributes));
}
