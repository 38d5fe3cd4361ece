using System.Globalization;
using System.Numerics;
using FiberLink.Crypto.Curve;
using FiberLink.HubNode.Invoices;
using FiberLink.HubNode.Invoices.Compression;

namespace FiberLink.HubNode.Tests.Invoices;

/// <summary>
/// Signs anything, right or wrong, in a microsecond: always with the nonce 1, which gives the key away to everybody who looks. So only
/// what is behind the signature decides whether such an invoice is read.
/// </summary>
internal sealed class Forger
{
    public static readonly BigInteger Order =
        BigInteger.Parse("0FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141", NumberStyles.HexNumber, null);

    private static readonly UInt256 GeneratorX = CurvePoint.Generator.X.Value;

    private readonly BigInteger _secret;

    public Forger(ulong secret)
    {
        _secret = new BigInteger(secret) << 100;
        PublicKey = PublicKey.Of(TwoMultiples.Sum(UInt256.From(_secret), UInt256.Zero, CurvePoint.Generator).ToAffine());
    }

    public PublicKey PublicKey { get; }

    public RecoverableSignature Sign(byte[] digest)
    {
        var s = (UInt256.FromBigEndian(digest).ToBigInteger() + (GeneratorX.ToBigInteger() * _secret)) % Order;
        var isLow = Secp256k1.IsLow(UInt256.From(s));
        return new(GeneratorX, UInt256.From(isLow ? s : Order - s), CurvePoint.Generator.Y.IsOdd == isLow ? 1 : 0);
    }

    /// <summary>A signed text over any data, packed as they should be.</summary>
    public string TextOf(string prefix, byte[] data) => TextOfPacked(prefix, AdaptiveCode.Pack(data));

    /// <summary>A signed text over anything in the place of packed data.</summary>
    public string TextOfPacked(string prefix, byte[] packed) =>
        InvoiceCodec.Encode(prefix, packed, Sign(SigningDigest.Of(prefix, packed)));

    public FiberInvoice Invoice(InvoiceContents contents)
    {
        var (prefix, packed) = InvoiceCodec.Pack(contents);
        return Invoices.Read(TextOfPacked(prefix, packed));
    }
}
