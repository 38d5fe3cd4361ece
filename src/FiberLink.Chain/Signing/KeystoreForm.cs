using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace FiberLink.Chain.Signing;

/// <summary>
/// What stands in a keystore file. Everything that is needed to read it is in it, and none of it can be changed without the passphrase:
/// what stands in the open is sealed with the key.
/// </summary>
internal sealed record KeystoreForm(
    [property: JsonRequired] int Version,
    [property: JsonRequired] string Kdf,
    [property: JsonRequired] int Iterations,
    [property: JsonRequired] string Salt,
    [property: JsonRequired] string Cipher,
    [property: JsonRequired] string Nonce,
    [property: JsonRequired] string Sealed,
    [property: JsonRequired] string Tag,
    [property: JsonRequired] string PublicKey)
{
    public const int CurrentVersion = 1;
    public const string KdfName = "pbkdf2-hmac-sha512";
    public const string CipherName = "aes-256-gcm";
    public const int SaltLength = 32;
    public const int NonceLength = 12;
    public const int TagLength = 16;

    private const int KeyLength = 32;

    /// <summary>Seals the 32 bytes of a private key.</summary>
    public static KeystoreForm Seal(ReadOnlySpan<byte> secret, PublicKey publicKey, ReadOnlySpan<byte> passphrase, int iterations)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltLength);
        var nonce = RandomNumberGenerator.GetBytes(NonceLength);
        var form = new KeystoreForm(
            CurrentVersion, KdfName, iterations, HexBytes.Format(salt), CipherName, HexBytes.Format(nonce), "", "", publicKey.ToString());
        var (text, tag) = (new byte[secret.Length], new byte[TagLength]);
        Span<byte> key = stackalloc byte[KeyLength];
        try
        {
            Rfc2898DeriveBytes.Pbkdf2(passphrase, salt, key, iterations, HashAlgorithmName.SHA512);
            using var cipher = new AesGcm(key, TagLength);
            cipher.Encrypt(nonce, secret, text, tag, form.OpenPart());
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }

        return form with { Sealed = HexBytes.Format(text), Tag = HexBytes.Format(tag) };
    }

    /// <summary>Whether every part has its form, so that <see cref="TryUnseal"/> can be asked.</summary>
    public bool IsWellFormed(int iterationsMin, int iterationsMax) =>
        Kdf == KdfName && Cipher == CipherName && Iterations >= iterationsMin && Iterations <= iterationsMax
        && Has(Salt, SaltLength) && Has(Nonce, NonceLength) && Has(Sealed, SigningKey.SecretLength) && Has(Tag, TagLength)
        && FiberLink.Crypto.PublicKey.TryParse(PublicKey, out _);

    /// <summary>The private key into a place of the caller's, who wipes it; false if the passphrase is another.</summary>
    public bool TryUnseal(ReadOnlySpan<byte> passphrase, Span<byte> secret)
    {
        Span<byte> key = stackalloc byte[KeyLength];
        try
        {
            Rfc2898DeriveBytes.Pbkdf2(passphrase, Bytes(Salt), key, Iterations, HashAlgorithmName.SHA512);
            using var cipher = new AesGcm(key, TagLength);
            cipher.Decrypt(Bytes(Nonce), Bytes(Sealed), Bytes(Tag), secret, OpenPart());
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    public string Write() => JsonSerializer.Serialize(this, KeystoreJson.Default.KeystoreForm) + "\n";

    /// <exception cref="JsonException">The text is something else.</exception>
    public static KeystoreForm? Read(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, KeystoreJson.Default.KeystoreForm);

    private byte[] OpenPart() => Encoding.ASCII.GetBytes(
        FormattableString.Invariant($"{Version}\n{Kdf}\n{Iterations}\n{Salt}\n{Cipher}\n{Nonce}\n{PublicKey}\n"));

    private static bool Has(string text, int length) => HexBytes.TryParse(text, length, out var bytes) && bytes.Length == length;

    private static byte[] Bytes(string text) => Convert.FromHexString(text.AsSpan(2));
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false,
    WriteIndented = true)]
[JsonSerializable(typeof(KeystoreForm))]
internal sealed partial class KeystoreJson : JsonSerializerContext;
