using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace FiberLink.Crypto.Curve;

/// <summary>
/// A number below 2²⁵⁶ in four limbs, the lowest first. How long an operation takes depends on the number: only for public data.
/// </summary>
internal readonly record struct UInt256(ulong L0, ulong L1, ulong L2, ulong L3) : IComparable<UInt256>
{
    public const int Length = 32;

    public static UInt256 Zero => default;

    public static UInt256 One => new(1, 0, 0, 0);

    public bool IsZero => (L0 | L1 | L2 | L3) == 0;

    public bool IsEven => (L0 & 1) == 0;

    public static bool operator <(in UInt256 a, in UInt256 b) => a.CompareTo(b) < 0;

    public static bool operator >(in UInt256 a, in UInt256 b) => a.CompareTo(b) > 0;

    public static bool operator <=(in UInt256 a, in UInt256 b) => a.CompareTo(b) <= 0;

    public static bool operator >=(in UInt256 a, in UInt256 b) => a.CompareTo(b) >= 0;

    public static UInt256 FromBigEndian(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes));

    public static UInt256 From(BigInteger value)
    {
        Span<byte> bytes = stackalloc byte[Length];
        bytes.Clear();
        value.TryWriteBytes(bytes[(Length - value.GetByteCount(isUnsigned: true))..], out _, isUnsigned: true, isBigEndian: true);
        return FromBigEndian(bytes);
    }

    /// <summary>The sum's low 256 bits, and 1 if there was more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Add(in UInt256 a, in UInt256 b, out UInt256 sum)
    {
        var carry = 0UL;
        var l0 = AddLimb(a.L0, b.L0, ref carry);
        var l1 = AddLimb(a.L1, b.L1, ref carry);
        var l2 = AddLimb(a.L2, b.L2, ref carry);
        var l3 = AddLimb(a.L3, b.L3, ref carry);
        sum = new(l0, l1, l2, l3);
        return carry;
    }

    /// <summary>The difference modulo 2²⁵⁶, and 1 if it is below zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Subtract(in UInt256 a, in UInt256 b, out UInt256 difference)
    {
        var borrow = 0UL;
        var l0 = SubtractLimb(a.L0, b.L0, ref borrow);
        var l1 = SubtractLimb(a.L1, b.L1, ref borrow);
        var l2 = SubtractLimb(a.L2, b.L2, ref borrow);
        var l3 = SubtractLimb(a.L3, b.L3, ref borrow);
        difference = new(l0, l1, l2, l3);
        return borrow;
    }

    /// <summary>One place of an addition.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong AddLimb(ulong a, ulong b, ref ulong carry)
    {
        var sum = a + b;
        var over = sum < a ? 1UL : 0UL;
        var whole = sum + carry;
        carry = over + (whole < sum ? 1UL : 0UL);
        return whole;
    }

    /// <summary>The number x below an odd prime modulus with value · x ≡ 1, by the binary Euclidean algorithm.</summary>
    /// <param name="value">More than zero and below the modulus.</param>
    /// <param name="modulus">An odd prime.</param>
    public static UInt256 Inverse(in UInt256 value, in UInt256 modulus)
    {
        var (u, v, x, y) = (value, modulus, One, Zero);
        while (u != One && v != One)
        {
            while (u.IsEven)
            {
                u = u.Half(0);
                x = HalfModulo(x, modulus);
            }

            while (v.IsEven)
            {
                v = v.Half(0);
                y = HalfModulo(y, modulus);
            }

            if (u >= v)
            {
                Subtract(u, v, out u);
                x = SubtractModulo(x, y, modulus);
            }
            else
            {
                Subtract(v, u, out v);
                y = SubtractModulo(y, x, modulus);
            }
        }

        return u == One ? x : y;
    }

    public int CompareTo(UInt256 other) =>
        L3 != other.L3 ? L3.CompareTo(other.L3)
        : L2 != other.L2 ? L2.CompareTo(other.L2)
        : L1 != other.L1 ? L1.CompareTo(other.L1)
        : L0.CompareTo(other.L0);

    public void CopyTo(Span<byte> bigEndian)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bigEndian, L3);
        BinaryPrimitives.WriteUInt64BigEndian(bigEndian[8..], L2);
        BinaryPrimitives.WriteUInt64BigEndian(bigEndian[16..], L1);
        BinaryPrimitives.WriteUInt64BigEndian(bigEndian[24..], L0);
    }

    public BigInteger ToBigInteger()
    {
        Span<byte> bytes = stackalloc byte[Length];
        CopyTo(bytes);
        return new(bytes, isUnsigned: true, isBigEndian: true);
    }

    /// <summary>Half of it, rounded down, when <paramref name="top"/> is the bit above the highest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public UInt256 Half(ulong top) =>
        new((L0 >> 1) | (L1 << 63), (L1 >> 1) | (L2 << 63), (L2 >> 1) | (L3 << 63), (L3 >> 1) | (top << 63));

    private static UInt256 HalfModulo(in UInt256 x, in UInt256 modulus)
    {
        if (x.IsEven)
        {
            return x.Half(0);
        }

        var carry = Add(x, modulus, out var sum);
        return sum.Half(carry);
    }

    private static UInt256 SubtractModulo(in UInt256 a, in UInt256 b, in UInt256 modulus)
    {
        if (Subtract(a, b, out var difference) != 0)
        {
            Add(difference, modulus, out difference);
        }

        return difference;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong SubtractLimb(ulong a, ulong b, ref ulong borrow)
    {
        var difference = a - b;
        var under = a < b ? 1UL : 0UL;
        var whole = difference - borrow;
        borrow = under + (difference < borrow ? 1UL : 0UL);
        return whole;
    }
}
