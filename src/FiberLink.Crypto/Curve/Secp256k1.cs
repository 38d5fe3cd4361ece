using System.Numerics;

namespace FiberLink.Crypto.Curve;

/// <summary>
/// What can be said about an ECDSA signature over secp256k1 without any secret: whether it holds, and whose it is. Nothing here may be
/// given a private key; signing is the platform's (<see cref="SigningKey"/>).
/// </summary>
internal static class Secp256k1
{
    private static readonly UInt256 Order = new(0xBFD25E8CD0364141, 0xBAAEDCE6AF48A03B, 0xFFFFFFFFFFFFFFFE, ulong.MaxValue);
    private static readonly UInt256 HalfOrder = Order.Half(0);
    private static readonly BigInteger OrderNumber = Order.ToBigInteger();

    /// <summary>Whether both numbers are such as a signature may have: from 1 to the order of the curve, which is left out.</summary>
    public static bool IsInRange(in UInt256 r, in UInt256 s) => !r.IsZero && !s.IsZero && r < Order && s < Order;

    /// <summary>Of the two signatures that always hold together, nodes accept the one whose s is the lower half's.</summary>
    public static bool IsLow(in UInt256 s) => s <= HalfOrder;

    /// <summary>The other s that holds.</summary>
    public static UInt256 Negated(in UInt256 s)
    {
        UInt256.Subtract(Order, s, out var other);
        return other;
    }

    /// <summary>Whether this key has signed this digest.</summary>
    public static bool Verify(ReadOnlySpan<byte> digest, in UInt256 r, in UInt256 s, in CurvePoint key)
    {
        if (!IsInRange(r, s))
        {
            return false;
        }

        var inverse = UInt256.Inverse(s, Order);
        var sum = TwoMultiples.Sum(Product(Reduced(digest), inverse), Product(r, inverse), key);
        return !sum.IsInfinity && Reduced(sum.ToAffine().X.Value) == r;
    }

    /// <summary>The only key that can have made this signature; false if there is none.</summary>
    /// <param name="digest">The 32 bytes that were signed.</param>
    /// <param name="r">The x of a point, modulo the order.</param>
    /// <param name="s">The other half.</param>
    /// <param name="recoveryId">Bit 0: whether that point's y is odd. Bit 1: whether its x was at least the order.</param>
    /// <param name="key">In affine form.</param>
    public static bool TryRecover(ReadOnlySpan<byte> digest, in UInt256 r, in UInt256 s, int recoveryId, out CurvePoint key)
    {
        key = CurvePoint.Infinity;
        var x = r;
        if (!IsInRange(r, s)
            || ((recoveryId & 2) != 0 && UInt256.Add(r, Order, out x) != 0)
            || !CurvePoint.TryLift(x, (recoveryId & 1) != 0, out var point))
        {
            return false;
        }

        var inverse = UInt256.Inverse(r, Order);
        var ofGenerator = Product(Reduced(digest), inverse);
        var sum = TwoMultiples.Sum(ofGenerator.IsZero ? ofGenerator : Negated(ofGenerator), Product(s, inverse), point);
        if (sum.IsInfinity)
        {
            return false;
        }

        key = sum.ToAffine();
        return true;
    }

    private static UInt256 Product(in UInt256 a, in UInt256 b) =>
        UInt256.From(a.ToBigInteger() * b.ToBigInteger() % OrderNumber);

    private static UInt256 Reduced(ReadOnlySpan<byte> digest) => Reduced(UInt256.FromBigEndian(digest));

    private static UInt256 Reduced(in UInt256 value)
    {
        // Below 2²⁵⁶, the order goes in at most once.
        return UInt256.Subtract(value, Order, out var less) != 0 ? value : less;
    }
}
