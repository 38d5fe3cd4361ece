using System.Security.Cryptography;
using System.Text;

namespace FiberLink.Service.Secrets;

/// <summary>
/// The keys from which every other key is derived (HKDF-SHA256, RFC 5869). The first one is used for what is new; the others
/// open what was made with them before.
/// </summary>
internal sealed class MasterKeys
{
    private const int KeyBytes = 32;
    private const int IdBytes = 6;

    private readonly Dictionary<string, byte[]> _byId;
    private readonly string? _currentId;

    /// <param name="keys">32 bytes each, newest first.</param>
    public MasterKeys(IReadOnlyList<byte[]> keys)
    {
        if (keys.Any(k => k.Length != KeyBytes))
        {
            throw new ArgumentException($"A master key has {KeyBytes} bytes.", nameof(keys));
        }

        _byId = keys.ToDictionary(IdOf, StringComparer.Ordinal);
        _currentId = keys.Count == 0 ? null : IdOf(keys[0]);
    }

    /// <summary>Names the newest key, without telling anything about it.</summary>
    /// <exception cref="MasterKeyIsMissingException">None is configured: a tool that only looks has no need of one.</exception>
    public string CurrentId => _currentId ?? throw new MasterKeyIsMissingException("that seals what is new");

    /// <summary>A key for one purpose.</summary>
    /// <exception cref="MasterKeyIsMissingException">The key of that id is not configured.</exception>
    public byte[] Derive(string keyId, string purpose) =>
        _byId.TryGetValue(keyId, out var key)
            ? HKDF.DeriveKey(HashAlgorithmName.SHA256, key, KeyBytes, info: Encoding.UTF8.GetBytes($"fiberlink/v1/{purpose}"))
            : throw new MasterKeyIsMissingException(keyId);

    private static string IdOf(byte[] key) =>
        Convert.ToHexStringLower(HKDF.DeriveKey(HashAlgorithmName.SHA256, key, IdBytes, info: "fiberlink/v1/key-id"u8.ToArray()));
}

/// <summary>Something was sealed with a master key that this service was not given.</summary>
public sealed class MasterKeyIsMissingException(string keyId)
    : Exception($"The master key {keyId} is needed and not configured: set FIBERLINK_MASTER_KEY, older keys behind the current one.");
