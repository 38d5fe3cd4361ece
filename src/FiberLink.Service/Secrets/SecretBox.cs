using System.Security.Cryptography;

namespace FiberLink.Service.Secrets;

/// <summary>AES-256-GCM: nonce of 12 random bytes, ciphertext, tag of 16 bytes; bound to what it belongs to.</summary>
internal static class SecretBox
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <param name="key">32 bytes.</param>
    /// <param name="plain">What is to be hidden.</param>
    /// <param name="belongsTo">Must be the same when it is opened: a box moved to another row does not open.</param>
    public static (byte[] Nonce, byte[] Ciphertext) Seal(byte[] key, ReadOnlySpan<byte> plain, ReadOnlySpan<byte> belongsTo)
    {
        var nonce = RandomNumberGenerator.GetBytes(NonceBytes);
        var sealedBytes = new byte[plain.Length + TagBytes];
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(nonce, plain, sealedBytes.AsSpan(0, plain.Length), sealedBytes.AsSpan(plain.Length), belongsTo);
        return (nonce, sealedBytes);
    }

    /// <exception cref="CryptographicException">The key is another, or the box was changed or moved.</exception>
    public static byte[] Open(byte[] key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> belongsTo)
    {
        if (nonce.Length != NonceBytes || ciphertext.Length < TagBytes)
        {
            throw new CryptographicException("The sealed value is cut short.");
        }

        var plain = new byte[ciphertext.Length - TagBytes];
        using var aes = new AesGcm(key, TagBytes);
        aes.Decrypt(nonce, ciphertext[..^TagBytes], ciphertext[^TagBytes..], plain, belongsTo);
        return plain;
    }
}
