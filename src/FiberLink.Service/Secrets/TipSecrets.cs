using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FiberLink.Events.Money;
using FiberLink.HubNode;

namespace FiberLink.Service.Secrets;

/// <summary>What is derived for a tip and stored nowhere.</summary>
internal sealed class TipSecrets(MasterKeys keys)
{
    /// <summary>The key that new preimages are derived with.</summary>
    public string CurrentKeyId => keys.CurrentId;

    /// <summary>
    /// The preimage of a tip's invoice: HMAC-SHA256 of the tip's id. The same tip always has the same one, so creating its
    /// invoice can be repeated, and an invoice nobody recorded can be found.
    /// </summary>
    public Preimage PreimageOf(string keyId, Guid tipId) =>
        Preimage.FromBytes(HMACSHA256.HashData(keys.Derive(keyId, "preimages"), Encoding.UTF8.GetBytes($"tip/{tipId:N}")));

    /// <summary>
    /// The same for the same wish: community, members, post, amount and words. Keyed, so that the words of an erased message
    /// cannot be guessed from it.
    /// </summary>
    public string Fingerprint(string app, string postId, string from, string to, Amount amount, string? message) =>
        Fingerprint(app, postId, from, to, amount.Asset.Code, amount.Units.ToString(), message);

    /// <summary>The same for the same words in the same order.</summary>
    public string Fingerprint(params string?[] words) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(
            keys.Derive(keys.CurrentId, "fingerprints"),
            JsonSerializer.SerializeToUtf8Bytes(words, FingerprintJson.Default.StringArray)));
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string[]))]
internal sealed partial class FingerprintJson : System.Text.Json.Serialization.JsonSerializerContext;
