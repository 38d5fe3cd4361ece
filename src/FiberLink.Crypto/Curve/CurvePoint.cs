namespace FiberLink.Crypto.Curve;

/// <summary>A point of secp256k1 (y² = x³ + 7) in Jacobian coordinates: x = X/Z², y = Y/Z³. Z is zero for the point at infinity.</summary>
internal readonly record struct CurvePoint(FieldElement X, FieldElement Y, FieldElement Z)
{
    private static readonly FieldElement Seven = FieldElement.From(7);

    public static CurvePoint Infinity => default;

    public static CurvePoint Generator { get; } = Of(
        new(0x59F2815B16F81798, 0x029BFCDB2DCE28D9, 0x55A06295CE870B07, 0x79BE667EF9DCBBAC), isOdd: false);

    public bool IsInfinity => Z.IsZero;

    /// <summary>The point with this x and a y of this parity; false if x is no coordinate of any point.</summary>
    public static bool TryLift(in UInt256 x, bool isOdd, out CurvePoint point)
    {
        point = Infinity;
        if (!FieldElement.TryFrom(x, out var field) || !((field.Square() * field) + Seven).TrySquareRoot(out var y))
        {
            return false;
        }

        // Zero is no y: −7 has no cube root here, so the other sign always has the other parity.
        point = new(field, y.IsOdd == isOdd ? y : -y, FieldElement.One);
        return true;
    }

    public CurvePoint Negated() => this with { Y = -Y };

    public CurvePoint Doubled()
    {
        if (IsInfinity)
        {
            return this;
        }

        var a = X.Square();
        var b = Y.Square();
        var c = b.Square();
        var d = ((X + b).Square() - a - c).Doubled();
        var e = a.Doubled() + a;
        var x = e.Square() - d.Doubled();
        var y = (e * (d - x)) - c.Doubled().Doubled().Doubled();
        return new(x, y, (Y * Z).Doubled());
    }

    public CurvePoint Plus(in CurvePoint other)
    {
        if (IsInfinity)
        {
            return other;
        }

        if (other.IsInfinity)
        {
            return this;
        }

        // Points of a table have Z = 1, which saves five of the sixteen multiplications.
        var isAffine = other.Z == FieldElement.One;
        var zz = Z.Square();
        var otherZz = isAffine ? other.Z : other.Z.Square();
        var u1 = isAffine ? X : X * otherZz;
        var u2 = other.X * zz;
        var s1 = isAffine ? Y : Y * other.Z * otherZz;
        var s2 = other.Y * Z * zz;
        var h = u2 - u1;
        var r = s2 - s1;
        if (h.IsZero)
        {
            return r.IsZero ? Doubled() : Infinity;
        }

        var hh = h.Square();
        var hhh = h * hh;
        var v = u1 * hh;
        var x = r.Square() - hhh - v.Doubled();
        var y = (r * (v - x)) - (s1 * hhh);
        var z = isAffine ? Z * h : Z * other.Z * h;
        return new(x, y, z);
    }

    /// <summary>The same point with Z = 1; not for infinity.</summary>
    public CurvePoint ToAffine()
    {
        var inverse = Z.Inverse();
        var square = inverse.Square();
        return new(X * square, Y * square * inverse, FieldElement.One);
    }

    private static CurvePoint Of(in UInt256 x, bool isOdd) =>
        TryLift(x, isOdd, out var point) ? point : throw new InvalidOperationException("The generator isn't on the curve.");
}
