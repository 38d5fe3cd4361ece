using System.Runtime.CompilerServices;

namespace FiberLink.HubNode.Invoices.Curve;

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

        // Row by row, as on paper; p0 to p7 is the product.
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
        var p7 = c;

        c = 0;
        p0 = MultiplyAdd(p4, Fold, p0, ref c);
        p1 = MultiplyAdd(p5, Fold, p1, ref c);
        p2 = MultiplyAdd(p6, Fold, p2, ref c);
        p3 = MultiplyAdd(p7, Fold, p3, ref c);

        // What is left over has 34 bits; folded once more it can carry at most one.
        var rest = Math.BigMul(c, Fold, out var low);
        var carry = UInt256.Add(new(p0, p1, p2, p3), new(low, rest, 0, 0), out var folded);
        return Reduced(folded, carry);
    }

    /// <summary>Takes 32 bytes; false if they are not below p.</summary>
    public static bool TryFrom(in UInt256 value, out FieldElement element)
    {
        element = new(value);
        return value < Prime;
    }

    public static FieldElement From(ulong value) => new(new UInt256(value, 0, 0, 0));

    public FieldElement Square() => this * this;

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
