using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FiberLink.HubNode.Invoices;

namespace FiberLink.Sandbox;

/// <summary>What the seed decides: the node's key, and the preimages it draws.</summary>
internal sealed class SandboxIdentity : IDisposable
{
    private readonly byte[] _key;
    private readonly bool _isSeeded;
    private long _drawn;

    public SandboxIdentity(int? seed)
    {
        _isSeeded = seed is not null;
        _key = Digest($"fiber sandbox {(seed ?? 0).ToString(CultureInfo.InvariantCulture)}");
        Key = InvoiceKey.FromSecret(_key);
        using var peer = InvoiceKey.FromSecret(Digest(Pubkey));
        PeerPubkey = peer.PublicKey.ToString();
    }

    /// <summary>Signs the node's invoices.</summary>
    public InvoiceKey Key { get; }

    /// <summary>66 digits.</summary>
    public string Pubkey => Key.PublicKey.ToString();

    /// <summary>The other end of the node's only channel.</summary>
    public string PeerPubkey { get; }

    /// <summary>A hash made from the identity: stands in for ids that a chain would give.</summary>
    public string HashOf(string what) => $"0x{Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(what)))}";

    /// <summary>A preimage in hexadecimal digits.</summary>
    public string DrawPreimage()
    {
        var number = Interlocked.Increment(ref _drawn);
        var bytes = _isSeeded ? HMACSHA256.HashData(_key, BitConverter.GetBytes(number)) : RandomNumberGenerator.GetBytes(32);
        return $"0x{Convert.ToHexStringLower(bytes)}";
    }

    public void Dispose() => Key.Dispose();

    private static byte[] Digest(string text) => CkbHash.Compute(Encoding.UTF8.GetBytes(text));
}
