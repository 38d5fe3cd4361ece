using System.Security.Cryptography;
using FiberLink.Crypto.Sealing;

namespace FiberLink.Service.Audit;

/// <summary>
/// The file with the key that signs checkpoints: PKCS#8 under a passphrase, for its owner alone. Beside it, with <c>.signed</c> behind its
/// name, stands what was signed last.
/// </summary>
public static class AuditKeyFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int PassphraseLengthMin = 12;
    private const long LengthMax = 16 * 1024;

    /// <summary>What was signed last.</summary>
    public static string MemoryOf(string path) => $"{path}.signed";

    /// <summary>Draws a key and writes it. A file that is there is left as it is.</summary>
    /// <exception cref="AuditKeyException">There is such a file, or the passphrase is too short.</exception>
    public static NoteSigner Create(string path, string origin, string passphrase)
    {
        if (passphrase.Length < PassphraseLengthMin)
        {
            throw new AuditKeyException($"The passphrase of the audit key is shorter than {PassphraseLengthMin} characters.");
        }

        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        var signer = NoteSigner.Generate(origin);
        try
        {
            using var file = new FileStream(path, options);
            file.Write(System.Text.Encoding.ASCII.GetBytes(signer.ToPem(passphrase) + "\n"));
            file.Flush(flushToDisk: true);
            return signer;
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            signer.Dispose();
            throw new AuditKeyException($"The audit key '{path}' cannot be written: {broken.Message}");
        }
    }

    /// <summary>Reads the key; it takes a moment, on purpose.</summary>
    /// <exception cref="AuditKeyException">It can't be read, may be read by others, or the passphrase is another.</exception>
    public static NoteSigner Open(string path, string origin, string passphrase)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.SafeFileHandle) & ~OwnerOnly) != 0)
            {
                throw new AuditKeyException($"The audit key '{path}' may be used by others than its owner: chmod 600.");
            }

            if (file.Length > LengthMax)
            {
                throw new AuditKeyException($"The file '{path}' is no audit key.");
            }

            using var reader = new StreamReader(file);
            return NoteSigner.FromPem(origin, reader.ReadToEnd(), passphrase);
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            throw new AuditKeyException($"The audit key '{path}' cannot be read: {broken.Message}");
        }
        catch (CryptographicException)
        {
            throw new AuditKeyException($"The file '{path}' is no audit key, or the passphrase is another.");
        }
    }
}

/// <summary>There is no key to sign with; the message says why, and holds nothing of key or passphrase.</summary>
public sealed class AuditKeyException(string message) : Exception(message);
