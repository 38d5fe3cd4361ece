using System.Security.Cryptography;
using System.Text;
using FiberLink.Events;

namespace FiberLink.Service.Secrets;

/// <summary>Seals and opens what members write, under a key of each member's own. Deleting the key erases the texts.</summary>
internal sealed class MemberTexts(MemberKeys keys)
{
    /// <summary>
    /// Seals a text under the member's key, which is made when there is none. Should the key be erased before the text is stored, the
    /// text is erased with it.
    /// </summary>
    public async Task<SealedText> SealAsync(string tenant, string member, string text, CancellationToken ct)
    {
        var (keyId, key) = await keys.FindOrMakeAsync(tenant, member, ct);
        var (nonce, ciphertext) = SecretBox.Seal(key, Encoding.UTF8.GetBytes(text), keyId.ToByteArray());
        return new(keyId, Convert.ToBase64String(nonce), Convert.ToBase64String(ciphertext));
    }

    /// <summary>Opens texts, in their order; null where there was none or the key was erased.</summary>
    /// <exception cref="CryptographicException">A text is not what was sealed under its key.</exception>
    public async Task<IReadOnlyList<string?>> OpenAsync(IReadOnlyList<SealedText?> texts, CancellationToken ct)
    {
        var found = await keys.FindAsync([.. texts.OfType<SealedText>().Select(t => t.KeyId).Distinct()], ct);
        return [.. texts.Select(t => t is not null && found.TryGetValue(t.KeyId, out var key) ? Open(t, key) : null)];
    }

    private static string Open(SealedText text, byte[] key) =>
        Encoding.UTF8.GetString(SecretBox.Open(
            key, Convert.FromBase64String(text.Nonce), Convert.FromBase64String(text.Ciphertext), text.KeyId.ToByteArray()));
}
