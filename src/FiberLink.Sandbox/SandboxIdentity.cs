using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FiberLink.HubNode.Invoices;

namespace FiberLink.Sandbox;

/// <summary>What the seed decides: the node's key, and the preimages it draws.</summary>
internal sealed class SandboxIdentity : IDisposable
{
    private const int Farther = -1;

    private readonly byte[] _key;
    private readonly ConcurrentDictionary<int, string> _others = new();
    private readonly bool _isSeeded;
    private long _drawn;

    public SandboxIdentity(int? seed)
    {
        _isSeeded = seed is not null;
        _key = Digest($"fiber sandbox {(seed ?? 0).ToString(CultureInfo.InvariantCulture)}");
        Key = InvoiceKey.FromSecret(_key);
    }

    /// <summary>Signs the node's invoices.</summary>
    public InvoiceKey Key { get; }

    /// <summary>66 digits.</summary>
    public string Pubkey => Key.PublicKey.ToString();

    /// <summary>A node that is no peer of ours and has a channel with each of them.</summary>
    public string FartherPubkey => PubkeyOf(Farther);

    /// <summary>The other end of a channel.</summary>
    /// <param name="peer">From 0 on.</param>
    public string PeerPubkey(int peer) => PubkeyOf(peer);

    /// <summary>Whether there is such a node in the network.</summary>
    /// <param name="pubkey">66 digits.</param>
    /// <param name="peers">How many peers we have.</param>
    public bool IsKnown(string pubkey, int peers) =>
        pubkey == Pubkey || pubkey == FartherPubkey || Enumerable.Range(0, peers).Any(peer => PeerPubkey(peer) == pubkey);

    /// <summary>Signs for another node of the network.</summary>
    /// <param name="peer">From 0 on; null for the one that is no peer.</param>
    public InvoiceKey KeyOf(int? peer) => NewKey(peer ?? Farther);

    /// <summary>What a peer has on the chain is locked with it.</summary>
    /// <param name="peer">From 0 on.</param>
    public SigningKey CoinsOf(int peer) =>
        SigningKey.FromSecret(Digest($"coins of {PeerPubkey(peer)}"));

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

    private string PubkeyOf(int other) => _others.GetOrAdd(other, PubkeyOfKey);

    private string PubkeyOfKey(int other)
    {
        using var key = NewKey(other);
        return key.PublicKey.ToString();
    }

    private InvoiceKey NewKey(int other) => InvoiceKey.FromSecret(Digest(other switch
    {
        0 => Pubkey,
        Farther => $"{Pubkey} farther",
        _ => $"{Pubkey} peer {other.ToString(CultureInfo.InvariantCulture)}",
    }));

    private static byte[] Digest(string text) => CkbHash.Compute(Encoding.UTF8.GetBytes(text));
}
