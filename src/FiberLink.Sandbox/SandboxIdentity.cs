using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using FiberLink.HubNode;

namespace FiberLink.Sandbox;

/// <summary>What the seed decides: the node's public key, the mark on its invoices, and the preimages it draws.</summary>
internal sealed class SandboxIdentity
{
    private const int SignatureBytes = 65;
    private const int CandidatesMax = 256;

    private static readonly BigInteger FieldPrime =
        BigInteger.Pow(2, 256) - BigInteger.Pow(2, 32) - 977;

    private readonly byte[] _key;
    private readonly bool _isSeeded;
    private long _drawn;

    public SandboxIdentity(int? seed)
    {
        _isSeeded = seed is not null;
        _key = Digest($"fiber sandbox {(seed ?? 0).ToString(CultureInfo.InvariantCulture)}");
        Pubkey = FindPubkey(_key);
        PeerPubkey = FindPubkey(Digest(Pubkey));
    }

    /// <summary>66 digits; a point on the curve, because callers may check that.</summary>
    public string Pubkey { get; }

    /// <summary>The other end of the node's only channel.</summary>
    public string PeerPubkey { get; }

    /// <summary>A hash made from the identity: stands in for ids that a chain would give.</summary>
    public string HashOf(string what) => $"0x{Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(what)))}";

    /// <summary>As long as a real signature and as hard to forge for those who don't know the seed; nobody else can check it.</summary>
    public byte[] Sign(string prefix, ReadOnlySpan<byte> data)
    {
        var signature = new byte[SignatureBytes];
        byte[] signed = [.. Encoding.ASCII.GetBytes(prefix), .. data];
        HMACSHA512.HashData(_key, signed).CopyTo(signature, 0);
        return signature;
    }

    public Preimage DrawPreimage()
    {
        var number = Interlocked.Increment(ref _drawn);
        return Preimage.FromBytes(_isSeeded
            ? HMACSHA256.HashData(_key, BitConverter.GetBytes(number))
            : RandomNumberGenerator.GetBytes(32));
    }

    private static byte[] Digest(string text) => CkbHash.Compute(Encoding.UTF8.GetBytes(text));

    private static string FindPubkey(ReadOnlySpan<byte> start)
    {
        var x = start.ToArray();
        for (var i = 0; i < CandidatesMax; i++)
        {
            if (IsOnCurve(new BigInteger(x, isUnsigned: true, isBigEndian: true)))
            {
                return $"02{Convert.ToHexStringLower(x)}";
            }

            x = CkbHash.Compute(x);
        }

        throw new CryptographicException("No point was found: half of all numbers are one.");
    }

    /// <summary>Whether x³ + 7 is a square, by Euler's criterion.</summary>
    private static bool IsOnCurve(BigInteger x) =>
        x < FieldPrime
        && BigInteger.ModPow(BigInteger.ModPow(x, 3, FieldPrime) + 7, (FieldPrime - 1) / 2, FieldPrime).IsOne;
}
