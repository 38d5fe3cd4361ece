using System.Diagnostics.CodeAnalysis;
using FiberLink.Crypto.Curve;

namespace FiberLink.Crypto;

/// <summary>A public key: a point of secp256k1, compressed to 33 bytes. One that isn't on the curve cannot be read.</summary>
public readonly record struct PublicKey
{
    /// <summary>How many bytes it has.</summary>
    public const int Length = 33;

    private const byte EvenMark = 2;
    private const byte OddMark = 3;

    private readonly bool _isOdd;
    private readonly UInt256 _x;

    private PublicKey(in UInt256 x, bool isOdd) => (_x, _isOdd) = (x, isOdd);

    /// <summary>Takes 02 or 03 and the 32 bytes of an x that a point has; answers false for anything else.</summary>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, out PublicKey key)
    {
        key = default;
        if (bytes.Length != Length || bytes[0] is not (EvenMark or OddMark))
        {
            return false;
        }

        key = new(UInt256.FromBigEndian(bytes[1..]), bytes[0] == OddMark);
        return CurvePoint.TryLift(key._x, key._isOdd, out _);
    }

    /// <summary>Reads 66 hexadecimal digits of either case, as the node writes a key; answers false for anything else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out PublicKey key)
    {
        key = default;
        Span<byte> bytes = stackalloc byte[Length];
        return text?.Length == 2 * Length
            && Convert.FromHexString(text, bytes, out _, out _) == System.Buffers.OperationStatus.Done
            && TryFromBytes(bytes, out key);
    }

    /// <summary>Reads what <see cref="TryParse"/> reads.</summary>
    /// <exception cref="FormatException">The text is anything else.</exception>
    public static PublicKey Parse(string text) =>
        TryParse(text, out var key) ? key : throw new FormatException("A public key is 66 hexadecimal digits of a point on the curve.");

    /// <summary>A fresh array of the 33 bytes.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        bytes[0] = _isOdd ? OddMark : EvenMark;
        _x.CopyTo(bytes.AsSpan(1));
        return bytes;
    }

    /// <summary>66 lower-case digits without <c>0x</c>, as the node writes it.</summary>
    public override string ToString() => Convert.ToHexStringLower(ToBytes());

    /// <summary>Of a point in affine form.</summary>
    internal static PublicKey Of(in CurvePoint affine) => new(affine.X.Value, affine.Y.IsOdd);

    internal CurvePoint ToPoint() =>
        CurvePoint.TryLift(_x, _isOdd, out var point) ? point : throw new InvalidOperationException("A key that was never set.");
}
