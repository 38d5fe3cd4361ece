using FiberLink.Crypto.Curve;

namespace FiberLink.Crypto;

/// <summary>An ECDSA signature over secp256k1 that leads back to its key: r, s, and which of the points with this r was meant.</summary>
public readonly record struct RecoverableSignature
{
    /// <summary>How many bytes it has.</summary>
    public const int Length = 65;

    /// <summary>The highest recovery id there is.</summary>
    public const int RecoveryIdMax = 3;

    internal RecoverableSignature(UInt256 r, UInt256 s, int recoveryId) => (R, S, RecoveryId) = (r, s, recoveryId);

    /// <summary>0 to 3 in whatever can hold.</summary>
    public int RecoveryId { get; }

    /// <summary>Whether r and s are such as a signature may have.</summary>
    public bool IsInRange => Secp256k1.IsInRange(R, S);

    /// <summary>Whether it is, of the two signatures that always hold together, the one that nodes accept.</summary>
    public bool IsLow => Secp256k1.IsLow(S);

    internal UInt256 R { get; }

    internal UInt256 S { get; }

    /// <summary>Takes any 65 bytes; whether they can be a signature is asked afterwards.</summary>
    /// <exception cref="ArgumentException">There are more or fewer.</exception>
    public static RecoverableSignature FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length == Length
        ? new(UInt256.FromBigEndian(bytes), UInt256.FromBigEndian(bytes[UInt256.Length..]), bytes[^1])
        : throw new ArgumentException($"A signature has {Length} bytes, not {bytes.Length}.", nameof(bytes));

    /// <summary>The only key that can have made it over this digest of 32 bytes; false if there is none.</summary>
    public bool TryRecover(ReadOnlySpan<byte> digest, out PublicKey key)
    {
        key = default;
        if (RecoveryId > RecoveryIdMax || !Secp256k1.TryRecover(digest, R, S, RecoveryId, out var point))
        {
            return false;
        }

        key = PublicKey.Of(point);
        return true;
    }

    /// <summary>A fresh array of the 65 bytes.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        R.CopyTo(bytes);
        S.CopyTo(bytes.AsSpan(UInt256.Length));
        bytes[^1] = (byte)RecoveryId;
        return bytes;
    }

    /// <summary>The bytes in hexadecimal digits.</summary>
    public override string ToString() => HexBytes.Format(ToBytes());
}
