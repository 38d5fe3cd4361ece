namespace FiberLink.Crypto.Curve;

/// <summary>
/// a·G + b·P in one pass of 256 doublings. Both scalars are written with signed odd digits that are mostly zero, so that a table of a
/// few odd multiples serves for all of them.
/// </summary>
internal static class TwoMultiples
{
    private const int Digits = 257;
    private const int GeneratorWindow = 8;
    private const int PointWindow = 5;

    private static readonly CurvePoint[] GeneratorMultiples =
        [.. OddMultiples(CurvePoint.Generator, 1 << (GeneratorWindow - 2)).Select(p => p.ToAffine())];

    public static CurvePoint Sum(in UInt256 ofGenerator, in UInt256 ofPoint, in CurvePoint point)
    {
        Span<sbyte> generatorDigits = stackalloc sbyte[Digits];
        Span<sbyte> pointDigits = stackalloc sbyte[Digits];
        WriteDigits(ofGenerator, GeneratorWindow, generatorDigits);
        WriteDigits(ofPoint, PointWindow, pointDigits);
        var multiples = OddMultiples(point, 1 << (PointWindow - 2));

        var sum = CurvePoint.Infinity;
        for (var i = Digits - 1; i >= 0; i--)
        {
            sum = sum.Doubled();
            sum = Plus(sum, generatorDigits[i], GeneratorMultiples);
            sum = Plus(sum, pointDigits[i], multiples);
        }

        return sum;
    }

    private static CurvePoint Plus(in CurvePoint sum, sbyte digit, CurvePoint[] oddMultiples) => digit switch
    {
        0 => sum,
        > 0 => sum.Plus(oddMultiples[digit / 2]),
        _ => sum.Plus(oddMultiples[-digit / 2].Negated()),
    };

    /// <summary>1, 3, 5 … times the point.</summary>
    private static CurvePoint[] OddMultiples(in CurvePoint point, int count)
    {
        var twice = point.Doubled();
        var multiples = new CurvePoint[count];
        multiples[0] = point;
        for (var i = 1; i < count; i++)
        {
            multiples[i] = multiples[i - 1].Plus(twice);
        }

        return multiples;
    }

    private static void WriteDigits(UInt256 scalar, int window, Span<sbyte> digits)
    {
        digits.Clear();
        var size = 1L << window;
        for (var i = 0; !scalar.IsZero; i++)
        {
            var top = 0UL;
            if (!scalar.IsEven)
            {
                // An odd digit between −size/2 and size/2; taking it away leaves zeros behind it.
                var digit = (long)(scalar.L0 & (ulong)(size - 1));
                digit = digit >= size / 2 ? digit - size : digit;
                digits[i] = (sbyte)digit;
                top = digit < 0
                    ? UInt256.Add(scalar, new((ulong)-digit, 0, 0, 0), out scalar)
                    : UInt256.Subtract(scalar, new((ulong)digit, 0, 0, 0), out scalar);
            }

            scalar = scalar.Half(top);
        }
    }
}
