using System.Security.Cryptography;
using System.Text.Json;
using FiberLink.Chain.Signing.Remote;

namespace FiberLink.Chain.Signing;

/// <summary>
/// A file with one private key, sealed under a passphrase: AES-256-GCM, its key by PBKDF2 with HMAC-SHA-512. Only its owner may read it.
/// Nothing of key or passphrase is in any message; both stay the caller's to wipe.
/// </summary>
public static class Keystore
{
    /// <summary>How often the passphrase is hashed when a keystore is written: about half a second.</summary>
    public const int IterationsDefault = 600_000;

    /// <summary>The least that is written or read; a file that says less would let a passphrase be guessed.</summary>
    public const int IterationsMin = 200_000;

    /// <summary>The fewest bytes of a passphrase.</summary>
    public const int PassphraseLengthMin = 12;

    private const int IterationsMax = 20_000_000;
    private const int FileLengthMax = 4096;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Draws a key and writes a keystore for it. A file that is there is left as it is.</summary>
    public static KeystoreReading Create(string path, ReadOnlySpan<byte> passphrase, int iterations = IterationsDefault)
    {
        Span<byte> secret = stackalloc byte[SigningKey.SecretLength];
        try
        {
            // One in 2¹²⁸ draws is no key.
            RandomNumberGenerator.Fill(secret);
            return Create(path, secret, passphrase, iterations);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>Writes a keystore for a key. A file that is there is left as it is.</summary>
    /// <exception cref="ArgumentException">The bytes are no private key.</exception>
    public static KeystoreReading Create(
        string path, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> passphrase, int iterations = IterationsDefault)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(iterations, IterationsMin);
        if (passphrase.Length < PassphraseLengthMin)
        {
            return Refuse(KeystoreRefusal.WeakPassphrase, $"The passphrase is shorter than {PassphraseLengthMin} bytes.");
        }

        var key = SigningKey.FromSecret(secret);
        if (Write(path, KeystoreForm.Seal(secret, key.PublicKey, passphrase, iterations).Write()) is { } refused)
        {
            key.Dispose();
            return refused;
        }

        return new KeystoreReading.Opened(key);
    }

    /// <summary>Reads the key. It takes as long as the file says, on purpose.</summary>
    public static KeystoreReading Open(string path, ReadOnlySpan<byte> passphrase) =>
        ReadForm(path, out var refused) is { } form ? Unseal(form, path, passphrase) : refused!;

    /// <summary>Reads whose key it is, without the passphrase: <see cref="KeystoreReading.Labelled"/> or a refusal.</summary>
    public static KeystoreReading ReadLabel(string path) =>
        ReadForm(path, out var refused) is { } form && PublicKey.TryParse(form.PublicKey, out var key)
            ? new KeystoreReading.Labelled(key)
            : refused ?? Refuse(KeystoreRefusal.NotAKeystore, $"The file '{path}' is a damaged keystore.");

    private static KeystoreForm? ReadForm(string path, out KeystoreReading.Refused? refused)
    {
        refused = null;
        KeystoreForm? form = null;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);

            // Of the file that is open, and not of whatever has its name by now.
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.SafeFileHandle) & ~OwnerOnly) != 0)
            {
                refused = Refuse(KeystoreRefusal.TooOpen, $"The keystore '{path}' may be used by others than its owner: chmod 600.");
                return null;
            }

            var bytes = new byte[FileLengthMax];
            form = KeystoreForm.Read(bytes.AsSpan(..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            refused = Refuse(KeystoreRefusal.NotReadable, $"The keystore '{path}' cannot be read: {e.Message}");
        }
        catch (JsonException)
        {
            refused = Refuse(KeystoreRefusal.NotAKeystore, $"The file '{path}' is no keystore.");
        }

        refused ??= form is { Version: not KeystoreForm.CurrentVersion }
            ? Refuse(KeystoreRefusal.UnknownVersion, $"The keystore '{path}' is of version {form.Version}, which is unknown.")
            : form is null || !form.IsWellFormed(IterationsMin, IterationsMax)
                ? Refuse(KeystoreRefusal.NotAKeystore, $"The file '{path}' is no keystore, or a damaged one.")
                : null;
        return refused is null ? form : null;
    }

    private static KeystoreReading Unseal(KeystoreForm form, string path, ReadOnlySpan<byte> passphrase)
    {
        Span<byte> secret = stackalloc byte[SigningKey.SecretLength];
        try
        {
            return form.TryUnseal(passphrase, secret)
                ? new KeystoreReading.Opened(SigningKey.FromSecret(secret))
                : Refuse(KeystoreRefusal.WrongPassphrase, $"The passphrase isn't that of the keystore '{path}', or the file was changed.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    private static KeystoreReading.Refused? Write(string path, string text)
    {
        try
        {
            using var file = new FileStream(path, OptionsOfNew());
            file.Write(System.Text.Encoding.UTF8.GetBytes(text));

            // Coins may be sent to the key as soon as it is known.
            file.Flush(flushToDisk: true);
            if (OperatingSystem.IsLinux())
            {
                Posix.FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
            }

            return null;
        }
        catch (IOException) when (File.Exists(path))
        {
            return Refuse(KeystoreRefusal.AlreadyThere, $"There is a file '{path}' already.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Refuse(KeystoreRefusal.NotReadable, $"The keystore '{path}' cannot be written: {e.Message}");
        }
    }

    private static FileStreamOptions OptionsOfNew()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return options;
    }

    private static KeystoreReading.Refused Refuse(KeystoreRefusal reason, string detail) => new(reason, detail);
}
