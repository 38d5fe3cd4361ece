using System.Collections.Immutable;
using FiberLink.Chain.Signing.Policy;

namespace FiberLink.Chain.Signing.Remote;

/// <summary>A signer's settings file, read and found good. Paths are absolute.</summary>
/// <param name="Policy">What it signs.</param>
/// <param name="Keystore">The file with the key.</param>
/// <param name="PassphraseFile">The file with the keystore's passphrase; null where it comes in otherwise.</param>
/// <param name="Socket">Where it listens.</param>
/// <param name="Journal">What it has signed.</param>
/// <param name="Node">Where it looks cells up; null only with <paramref name="BelievesClients"/>.</param>
/// <param name="BelievesClients">Believe clients what cells hold: for tests and the sandbox alone.</param>
/// <param name="AllowedUserIds">Users besides its own who may ask.</param>
public sealed record SignerSettings(
    SignerPolicy Policy,
    string Keystore,
    string? PassphraseFile,
    string Socket,
    string Journal,
    Uri? Node,
    bool BelievesClients,
    ImmutableArray<uint> AllowedUserIds)
{
    /// <summary>Reads a settings file. Whoever may write it may lift its limits, so nobody but its owner may.</summary>
    /// <param name="path">Paths in it go from its folder.</param>
    /// <exception cref="SignerStartException">It is not readable or not safe, or settings are wrong: all of them are named.</exception>
    public static SignerSettings Read(string path)
    {
        const UnixFileMode Others = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.SafeFileHandle) & Others) != 0)
            {
                throw new SignerStartException("settings", $"'{path}' may be written by others than its owner: chmod go-w.");
            }

            var bytes = new byte[SignerSettingsForm.BytesMax];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return SignerSettingsForm.Parse(bytes.AsSpan(..length)).Read(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SignerStartException("settings", $"'{path}' cannot be read: {e.Message}");
        }
    }
}
