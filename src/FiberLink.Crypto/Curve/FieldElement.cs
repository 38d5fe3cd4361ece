using System.Runtime.CompilerServices;

namespace FiberLink.Crypto.Curve;

/// <summary>A coordinate on secp256k1: a number modulo p = 2²⁵⁶ − 2³² − 977, always the least one.</summary>
internal readonly record struct FieldElement
{
    // 2²⁵⁶ modulo p: what is above the 256th bit comes back multiplied by this.
    private const ulong Fold = 0x1000003D1;

    private FieldElement(in UInt256 value) => Value = value;

    public static UInt256 Prime { get; } = new(0xFFFFFFFEFFFFFC2F, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue);

    public static FieldElement One => new(UInt256.One);

    public UInt256 Value { get; }

    public bool IsZero => Value.IsZero;

    public bool IsOdd => !Value.IsEven;

    public static FieldElement operator +(in FieldElement a, in FieldElement b)
    {
        var carry = UInt256.Add(a.Value, b.Value, out var sum);
        return Reduced(sum, carry);
    }

    public static FieldElement operator -(in FieldElement a, in FieldElement b)
    {
        if (UInt256.Subtract(a.Value, b.Value, out var difference) != 0)
        {
            UInt256.Add(difference, Prime, out difference);
        }

        return new(difference);
    }

    public static FieldElement operator -(in FieldElement a) => default(FieldElement) - a;

    public static FieldElement operator *(in FieldElement a, in FieldElement b)
    {
        var (x, y) = (a.Value, b.Value);

        // Row by row, as on paper.
        var c = 0UL;
        var p0 = MultiplyAdd(x.L0, y.L0, 0, ref c);
        var p1 = MultiplyAdd(x.L0, y.L1, 0, ref c);
        var p2 = MultiplyAdd(x.L0, y.L2, 0, ref c);
        var p3 = MultiplyAdd(x.L0, y.L3, 0, ref c);
        var p4 = c;
        c = 0;
        p1 = MultiplyAdd(x.L1, y.L0, p1, ref c);
        p2 = MultiplyAdd(x.L1, y.L1, p2, ref c);
        p3 = MultiplyAdd(x.L1, y.L2, p3, ref c);
        p4 = MultiplyAdd(x.L1, y.L3, p4, ref c);
        var p5 = c;
        c = 0;
        p2 = MultiplyAdd(x.L2, y.L0, p2, ref c);
        p3 = MultiplyAdd(x.L2, y.L1, p3, ref c);
        p4 = MultiplyAdd(x.L2, y.L2, p4, ref c);
        p5 = MultiplyAdd(x.L2, y.L3, p5, ref c);
        var p6 = c;
        c = 0;
        p3 = MultiplyAdd(x.L3, y.L0, p3, ref c);
        p4 = MultiplyAdd(x.L3, y.L1, p4, ref c);
        p5 = MultiplyAdd(x.L3, y.L2, p5, ref c);
        p6 = MultiplyAdd(x.L3, y.L3, p6, ref c);
        return Folded(new(p0, p1, p2, p3), new(p4, p5, p6, c));
    }

    /// <summary>Takes 32 bytes; false if they are not below p.</summary>
    public static bool TryFrom(in UInt256 value, out FieldElement element)
    {
        element = new(value);
        return value < Prime;
    }

    public static FieldElement From(ulong value) => new(new UInt256(value, 0, 0, 0));

    public FieldElement Square()
    {
        var (x0, x1, x2, x3) = (Value.L0, Value.L1, Value.L2, Value.L3);

        // The products of two different limbs come twice, so they are made once and doubled.
        var c = 0UL;
        var p1 = MultiplyAdd(x0, x1, 0, ref c);
        var p2 = MultiplyAdd(x0, x2, 0, ref c);
        var p3 = MultiplyAdd(x0, x3, 0, ref c);
        var p4 = c;
        c = 0;
        p3 = MultiplyAdd(x1, x2, p3, ref c);
        p4 = MultiplyAdd(x1, x3, p4, ref c);
        var p5 = c;
        c = 0;
        p5 = MultiplyAdd(x2, x3, p5, ref c);
        var p6 = c;

        var s0 = Math.BigMul(x0, x0, out var p0);
        var s2 = Math.BigMul(x1, x1, out var s1);
        var s4 = Math.BigMul(x2, x2, out var s3);
        var s6 = Math.BigMul(x3, x3, out var s5);
        c = 0;
        var q1 = UInt256.AddLimb(p1 << 1, s0, ref c);
        var q2 = UInt256.AddLimb((p2 << 1) | (p1 >> 63), s1, ref c);
        var q3 = UInt256.AddLimb((p3 << 1) | (p2 >> 63), s2, ref c);
        var q4 = UInt256.AddLimb((p4 << 1) | (p3 >> 63), s3, ref c);
        var q5 = UInt256.AddLimb((p5 << 1) | (p4 >> 63), s4, ref c);
        var q6 = UInt256.AddLimb((p6 << 1) | (p5 >> 63), s5, ref c);
        return Folded(new(p0, q1, q2, q3), new(q4, q5, q6, (p6 >> 63) + s6 + c));
    }

    public FieldElement Doubled() => this + this;

    public FieldElement Inverse() => new(UInt256.Inverse(Value, Prime));

    /// <summary>The square root, if there is one: the power (p + 1) / 4, because p is 3 modulo 4.</summary>
    public bool TrySquareRoot(out FieldElement root)
    {
        // In binary the exponent is 223 ones, 0, 22 ones, 0000, 11, 00.
        root = (PowerOfOnes(223).Squared(23) * PowerOfOnes(22)).Squared(6);
        root = (root * PowerOfOnes(2)).Squared(2);
        return root.Square() == this;
    }

    /// <summary>The power whose exponent is so many ones in binary.</summary>
    private FieldElement PowerOfOnes(int count)
    {
        if (count == 1)
        {
            return this;
        }

        var half = PowerOfOnes(count / 2);
        var power = half.Squared(count / 2) * half;
        return count % 2 == 0 ? power : power.Square() * this;
    }

    private FieldElement Squared(int times)
    {
        var square = this;
        for (var i = 0; i < times; i++)
        {
            square = square.Square();
        }

        return square;
    }

    /// <summary>A product of 512 bits modulo p.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FieldElement Folded(in UInt256 low, in UInt256 high)
    {
        var c = 0UL;
        var p0 = MultiplyAdd(high.L0, Fold, low.L0, ref c);
        var p1 = MultiplyAdd(high.L1, Fold, low.L1, ref c);
        var p2 = MultiplyAdd(high.L2, Fold, low.L2, ref c);
        var p3 = MultiplyAdd(high.L3, Fold, low.L3, ref c);

        // What is left over has 34 bits; folded once more it can carry at most one.
        var rest = Math.BigMul(c, Fold, out var last);
        var carry = UInt256.Add(new(p0, p1, p2, p3), new(last, rest, 0, 0), out var folded);
        return Reduced(folded, carry);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FieldElement Reduced(in UInt256 value, ulong carry)
    {
        // Taking p away is adding 2³² + 977 and dropping the top.
        var over = UInt256.Add(value, new(Fold, 0, 0, 0), out var less);
        return new((carry | over) != 0 ? less : value);
    }

    /// <summary>a · b + c + carry: the low limb comes back, the high one becomes the carry. It always fits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MultiplyAdd(ulong a, ulong b, ulong c, ref ulong carry)
    {
        var high = Math.BigMul(a, b, out var low);
        low += c;
        high += low < c ? 1UL : 0UL;
        low += carry;
        high += low < carry ? 1UL : 0UL;
        carry = high;
        return low;
    }
}
