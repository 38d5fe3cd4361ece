using System.Security.Cryptography;
using FiberLink.Crypto.Curve;

namespace FiberLink.Crypto;

/// <summary>
/// A private key of secp256k1, in the hands of the platform's OpenSSL: whatever is done with the secret is done there. Signatures of the
/// same thing differ, as each draws a number of its own.
/// </summary>
public sealed class SigningKey : IDisposable
{
    /// <summary>How many bytes a private key has.</summary>
    public const int SecretLength = 32;

    private const string CurveOid = "1.3.132.0.10";

    private readonly ECDsa _key;
    private readonly Lock _oneAtATime = new();

    private SigningKey()
    {
        _key = ECDsa.Create(ECCurve.CreateFromValue(CurveOid));
        PublicKey = PublicKeyOf(_key);
    }

    private SigningKey(byte[] secret)
    {
        _key = ECDsa.Create(new ECParameters { Curve = ECCurve.CreateFromValue(CurveOid), D = secret });
        PublicKey = PublicKeyOf(_key);
    }

    public PublicKey PublicKey { get; }

    /// <summary>Draws a new key.</summary>
    public static SigningKey Generate() => new();

    /// <summary>Takes a private key. The bytes stay the caller's to wipe.</summary>
    /// <param name="secret">32 bytes, the highest first: from 1 to the order of the curve.</param>
    /// <exception cref="ArgumentException">They are something else.</exception>
    public static SigningKey FromSecret(ReadOnlySpan<byte> secret)
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

    /// <summary>Signs 32 bytes, with the lower s and the recovery id that leads back to this key.</summary>
    public RecoverableSignature Sign(ReadOnlySpan<byte> digest)
    {
        Span<byte> bytes = stackalloc byte[2 * UInt256.Length];
        lock (_oneAtATime)
        {
            _key.SignHash(digest, bytes, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }

        var r = UInt256.FromBigEndian(bytes);
        var s = UInt256.FromBigEndian(bytes[UInt256.Length..]);
        s = Secp256k1.IsLow(s) ? s : Secp256k1.Negated(s);
        for (var id = 0; id <= RecoverableSignature.RecoveryIdMax; id++)
        {
            var signature = new RecoverableSignature(r, s, id);
            if (signature.TryRecover(digest, out var key) && key == PublicKey)
            {
                return signature;
            }
        }

        throw new CryptographicException("A signature just made doesn't lead back to its key.");
    }

    public void Dispose() => _key.Dispose();

    private static PublicKey PublicKeyOf(ECDsa key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        var isOdd = (point.Y![^1] & 1) != 0;
        return PublicKey.TryFromBytes([(byte)(isOdd ? 3 : 2), .. point.X!], out var found)
            ? found
            : throw new CryptographicException("The platform's public key isn't on the curve.");
    }
}
