using System.Security.Cryptography;
using FiberLink.HubNode.Invoices.Curve;

namespace FiberLink.HubNode.Invoices;

/// <summary>
/// A node's private key, in the hands of the platform's OpenSSL: whatever is done with the secret is done there. Signatures of the same
/// thing differ, as each draws a number of its own.
/// </summary>
public sealed class InvoiceKey : IDisposable
{
    /// <summary>How many bytes a private key has.</summary>
    public const int SecretLength = 32;

    private const string CurveOid = "1.3.132.0.10";
    private const int RecoveryIds = 4;

    private readonly ECDsa _key;
    private readonly Lock _oneAtATime = new();

    private InvoiceKey()
    {
        _key = ECDsa.Create(ECCurve.CreateFromValue(CurveOid));
        PublicKey = PublicKeyOf(_key);
    }

    private InvoiceKey(byte[] secret)
    {
        _key = ECDsa.Create(new ECParameters { Curve = ECCurve.CreateFromValue(CurveOid), D = secret });
        PublicKey = PublicKeyOf(_key);
    }

    public PublicKey PublicKey { get; }

    /// <summary>Draws a new key.</summary>
    public static InvoiceKey Generate() => new();

    /// <summary>Takes a private key. The bytes stay the caller's to wipe.</summary>
    /// <param name="secret">32 bytes, the highest first: from 1 to the order of the curve.</param>
    /// <exception cref="ArgumentException">They are something else.</exception>
    public static InvoiceKey FromSecret(ReadOnlySpan<byte> secret)
    {
        if (secret.Length != SecretLength)
        {
            throw new ArgumentException($"A private key has {SecretLength} bytes, not {secret.Length}.", nameof(secret));
        }

        var bytes = secret.ToArray();
        try
        {
            return new(bytes);
        }
        catch (CryptographicException)
        {
            throw new ArgumentException("These 32 bytes are no private key.", nameof(secret));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Signs an invoice.</summary>
    /// <exception cref="ArgumentException">
    /// The contents could not be read back: a kind of attribute twice, a time before 1970, another payee, or more than fits a text.
    /// </exception>
    public FiberInvoice Sign(InvoiceContents contents)
    {
        var (prefix, packed) = InvoiceCodec.Pack(contents);
        var text = InvoiceCodec.Encode(prefix, packed, SignDigest(SigningDigest.Of(prefix, packed)));
        return InvoiceCodec.Decode(text) switch
        {
            InvoiceReading.Decoded { Invoice: var invoice } when invoice.Contents == contents => invoice,
            InvoiceReading.Refused refused => throw new ArgumentException(refused.Detail, nameof(contents)),
            _ => throw new ArgumentException("The invoice would say something else: its time isn't in whole milliseconds.", nameof(contents)),
        };
    }

    public void Dispose() => _key.Dispose();

    /// <summary>Signs 32 bytes, with the lower s and the recovery id that leads back to this key.</summary>
    internal InvoiceSignature SignDigest(ReadOnlySpan<byte> digest)
    {
        Span<byte> bytes = stackalloc byte[2 * UInt256.Length];
        lock (_oneAtATime)
        {
            _key.SignHash(digest, bytes, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }

        var r = UInt256.FromBigEndian(bytes);
        var s = UInt256.FromBigEndian(bytes[UInt256.Length..]);
        s = Secp256k1.IsLow(s) ? s : Secp256k1.Negated(s);
        for (var id = 0; id < RecoveryIds; id++)
        {
            if (Secp256k1.TryRecover(digest, r, s, id, out var point) && PublicKey.Of(point) == PublicKey)
            {
                return new(r, s, id);
            }
        }

        throw new CryptographicException("A signature just made doesn't lead back to its key.");
    }

    private static PublicKey PublicKeyOf(ECDsa key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        var isOdd = (point.Y![^1] & 1) != 0;
        return PublicKey.TryFromBytes([(byte)(isOdd ? 3 : 2), .. point.X!], out var found)
            ? found
            : throw new CryptographicException("The platform's public key isn't on the curve.");
    }
}
