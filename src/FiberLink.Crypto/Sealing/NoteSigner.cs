using System.Security.Cryptography;
using System.Text;

namespace FiberLink.Crypto.Sealing;

/// <summary>A private key that signs notes. It stays in the hands of the platform's OpenSSL.</summary>
public sealed class NoteSigner : IDisposable
{
    // About as long as the chain signer's keystore takes.
    private const int Iterations = 600_000;

    private readonly ECDsa _key;
    private readonly Lock _oneAtATime = new();

    private NoteSigner(string name, ECDsa key)
    {
        _key = key;
        Key = NoteKey.From(name, key);
    }

    /// <summary>The public half.</summary>
    public NoteKey Key { get; }

    /// <summary>Draws a new key.</summary>
    /// <param name="name">What it is called: the log's origin.</param>
    public static NoteSigner Generate(string name) => new(name, ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>Reads a key that <see cref="ToPem"/> or <c>openssl</c> wrote: PKCS#8, under a passphrase.</summary>
    /// <exception cref="CryptographicException">It is no such key, or the passphrase is another.</exception>
    public static NoteSigner FromPem(string name, string pem, ReadOnlySpan<char> passphrase)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromEncryptedPem(pem, passphrase);
            return key.KeySize == 256 && NoteKey.TryParse(NoteKey.From(name, key).ToString(), out _)
                ? new(name, key)
                : throw new CryptographicException("The key is not one of P-256.");
        }
        catch (ArgumentException)
        {
            key.Dispose();

            // What the platform says could repeat a part of the text.
            throw new CryptographicException("There is no private key under a passphrase in this text.");
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>The private key under a passphrase: PKCS#8, AES-256, PBKDF2 with HMAC-SHA-256.</summary>
    public string ToPem(ReadOnlySpan<char> passphrase)
    {
        lock (_oneAtATime)
        {
            return _key.ExportEncryptedPkcs8PrivateKeyPem(
                passphrase, new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, Iterations));
        }
    }

    /// <summary>Signs a text.</summary>
    public NoteSignature Sign(string text)
    {
        lock (_oneAtATime)
        {
            var signature = _key.SignData(
                Encoding.UTF8.GetBytes(text), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
            return new(Key.Name, Key.Id, signature);
        }
    }

    public void Dispose() => _key.Dispose();
}
