using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using FiberLink.Crypto.Curve;
using FsCheck;
using FsCheck.Fluent;

namespace FiberLink.Crypto.Tests;

/// <summary>Our numbers against .NET's, and our points and signatures against OpenSSL's.</summary>
public sealed class Arithmetic_on_the_curve
{
    private static readonly BigInteger Prime = BigInteger.Pow(2, 256) - BigInteger.Pow(2, 32) - 977;

    private static readonly BigInteger Order =
        BigInteger.Parse("0FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141", NumberStyles.HexNumber, null);

    private static readonly BigInteger[] Limits =
    [
        0, 1, 2, 7, 976, 977, 978, ulong.MaxValue, BigInteger.Pow(2, 64), BigInteger.Pow(2, 128) - 1, BigInteger.Pow(2, 192),
        BigInteger.Pow(2, 255), Prime / 2, Prime - (BigInteger.One << 32), Prime - 2, Prime - 1, Order - 1, Order,
    ];

    private static Gen<BigInteger> Numbers { get; } = Gen.OneOf(
        Gen.Elements(Limits),
        Gen.Choose(0, 255).ArrayOf(32).Select(b => new BigInteger([.. b.Select(v => (byte)v)], isUnsigned: true) % Prime),
        Gen.Choose(0, 1).ArrayOf(32).Select(b => new BigInteger([.. b.Select(v => (byte)-v)], isUnsigned: true) % Prime));

    [Fact]
    public void The_field_counts_as_BigInteger_does_modulo_p() =>
        Holds(
            from a in Numbers from b in Numbers select (a, b),
            pair =>
            {
                var ((a, b), (x, y)) = (pair, (Element(pair.a), Element(pair.b)));
                Assert.Equal((a + b) % Prime, Number(x + y));
                Assert.Equal((a - b + Prime) % Prime, Number(x - y));
                Assert.Equal((Prime - a) % Prime, Number(-x));
                Assert.Equal(a * b % Prime, Number(x * y));
                Assert.Equal(a * a % Prime, Number(x.Square()));
                Assert.Equal(a.IsZero ? 0 : BigInteger.ModPow(a, Prime - 2, Prime), a.IsZero ? 0 : Number(x.Inverse()));
            });

    [Fact]
    public void Squares_have_roots_and_others_have_none() =>
        Holds(Numbers, a =>
        {
            var isSquare = a.IsZero || BigInteger.ModPow(a, (Prime - 1) / 2, Prime).IsOne;

            Assert.Equal(isSquare, Element(a).TrySquareRoot(out var root));
            Assert.True(!isSquare || Number(root.Square()) == a);
        });

    [Fact]
    public void Only_numbers_below_the_prime_are_coordinates()
    {
        Assert.True(FieldElement.TryFrom(UInt256.From(Prime - 1), out _));
        Assert.False(FieldElement.TryFrom(UInt256.From(Prime), out _));
        Assert.False(FieldElement.TryFrom(UInt256.From(BigInteger.Pow(2, 256) - 1), out _));
    }

    [Fact]
    public void A_sum_of_multiples_is_the_multiple_of_the_sum_whatever_meets_on_the_way() =>
        Holds(
            from a in Numbers from b in Numbers from k in Gen.OneOf(Gen.Elements(Limits), Numbers).Where(k => k % Order != 0)
            select (a, b, k),
            numbers =>
            {
                var (a, b, k) = numbers;
                var point = Multiple(k);
                Assert.Equal(Affine(Multiple(a + (b * k))), Affine(Sum(a, b, point)));
                Assert.Equal(Affine(Multiple(a).Plus(Sum(0, b, point))), Affine(Sum(a, b, point)));
            });

    [Fact]
    public void Points_add_up_as_they_should_at_the_edges()
    {
        var g = CurvePoint.Generator;

        Assert.True(g.Plus(g.Negated()).IsInfinity);
        Assert.True(Multiple(Order).IsInfinity);
        Assert.True(CurvePoint.Infinity.Doubled().IsInfinity);
        Assert.Equal(g, CurvePoint.Infinity.Plus(g));
        Assert.Equal(g, g.Plus(CurvePoint.Infinity));
        Assert.Equal(Affine(g.Doubled()), Affine(g.Plus(g)));
        Assert.Equal(g.Negated(), Affine(Multiple(Order - 1)));
        Assert.Equal(
            BigInteger.Parse("0C6047F9441ED7D6D3045406E95C07CD85C778E4B8CEF3CA7ABAC09B95C709EE5", NumberStyles.HexNumber, null),
            Number(Affine(g.Doubled()).X));
    }

    [Fact]
    public void Public_keys_are_those_of_the_platform() =>
        Holds(Numbers.Where(k => k > 0 && k < Order), k =>
        {
            var secret = new byte[32];
            UInt256.From(k).CopyTo(secret);
            using var key = SigningKey.FromSecret(secret);
            Assert.Equal(key.PublicKey, PublicKey.Of(Affine(Multiple(k))));
            Assert.Equal(key.PublicKey, PublicKey.Parse(key.PublicKey.ToString().ToUpperInvariant()));
        });

    [Fact]
    public void What_is_no_point_is_no_public_key()
    {
        var good = CurvePoint.Generator.X.Value;
        var bytes = PublicKey.Of(CurvePoint.Generator).ToBytes();

        Assert.True(PublicKey.TryFromBytes(bytes, out _));
        Assert.False(PublicKey.TryFromBytes([4, .. bytes[1..]], out _));
        Assert.False(PublicKey.TryFromBytes([0, .. bytes[1..]], out _));
        Assert.False(PublicKey.TryFromBytes(bytes.AsSpan(..^1), out _));
        Assert.False(PublicKey.TryFromBytes([.. bytes, 0], out _));
        Assert.False(PublicKey.TryFromBytes([2, .. Enumerable.Repeat((byte)255, 32)], out _));
        Assert.False(PublicKey.TryFromBytes([2, .. new byte[31], 5], out _));
        Assert.Throws<FormatException>(() => PublicKey.Parse("0x" + new PublicKey()));
        Assert.True(CurvePoint.TryLift(good, isOdd: true, out _));
    }

    [Fact]
    public void The_platforms_signatures_hold_and_lead_back_to_their_keys() =>
        Holds(Gen.Choose(0, 255).ArrayOf(32).Select(b => b.Select(v => (byte)v).ToArray()), digest =>
        {
            using var theirs = ECDsa.Create(ECCurve.CreateFromValue("1.3.132.0.10"));
            var q = theirs.ExportParameters(includePrivateParameters: false).Q;
            Assert.True(PublicKey.TryFromBytes([(byte)(2 + (q.Y![^1] & 1)), .. q.X!], out var key));

            var bytes = theirs.SignHash(digest);
            var r = UInt256.FromBigEndian(bytes);
            var s = UInt256.FromBigEndian(bytes.AsSpan(32));

            Assert.True(Secp256k1.Verify(digest, r, s, key.ToPoint()));
            Assert.True(Secp256k1.Verify(digest, r, Secp256k1.Negated(s), key.ToPoint()));
            Assert.NotEqual(Secp256k1.IsLow(s), Secp256k1.IsLow(Secp256k1.Negated(s)));
            Assert.Single(Enumerable.Range(0, 4), id =>
                Secp256k1.TryRecover(digest, r, s, id, out var point) && PublicKey.Of(point) == key);

            byte[] other = [.. digest[..^1], (byte)(digest[^1] ^ 1)];
            Assert.False(Secp256k1.Verify(other, r, s, key.ToPoint()));
            Assert.False(theirs.VerifyHash(other, bytes));
            Assert.False(Secp256k1.Verify(digest, s, r, key.ToPoint()));
        });

    [Fact]
    public void Whatever_key_is_recovered_the_platform_agrees_that_it_signed() =>
        Holds(
            from r in Numbers from s in Numbers from digest in Numbers from id in Gen.Choose(0, 3) select (r, s, digest, id),
            parts =>
            {
                var signature = new byte[64];
                var digest = new byte[32];
                var (r, s) = (UInt256.From(parts.r), UInt256.From(parts.s));
                r.CopyTo(signature);
                s.CopyTo(signature.AsSpan(32));
                UInt256.From(parts.digest).CopyTo(digest);
                if (!Secp256k1.TryRecover(digest, r, s, parts.id, out var point))
                {
                    return;
                }

                Assert.True(Secp256k1.Verify(digest, r, s, point));
                var (x, y) = (new byte[32], new byte[32]);
                point.X.Value.CopyTo(x);
                point.Y.Value.CopyTo(y);
                using var theirs = ECDsa.Create(
                    new ECParameters { Curve = ECCurve.CreateFromValue("1.3.132.0.10"), Q = new() { X = x, Y = y } });
                Assert.True(theirs.VerifyHash(digest, signature));
            });

    [Fact]
    public void A_point_whose_x_is_above_the_order_is_found_by_its_recovery_id()
    {
        var digest = SHA256.HashData("any"u8);
        var found = Enumerable.Range(0, 50).Where(x =>
            CurvePoint.TryLift(UInt256.From(Order + x), isOdd: false, out _)).Where(r => r > 0).ToList();

        Assert.NotEmpty(found);
        Assert.All(found, x =>
        {
            var r = UInt256.From(x);
            Assert.True(Secp256k1.TryRecover(digest, r, UInt256.One, 2, out var key));
            Assert.True(Secp256k1.Verify(digest, r, UInt256.One, key));
        });
        Assert.False(Secp256k1.TryRecover(digest, UInt256.From(Prime - Order), UInt256.One, 2, out _));
    }

    [Fact]
    public void The_lower_half_ends_where_the_negated_numbers_begin()
    {
        var last = UInt256.From(Order / 2);
        var next = UInt256.From((Order / 2) + 1);

        Assert.True(Secp256k1.IsLow(last));
        Assert.False(Secp256k1.IsLow(next));
        Assert.Equal(next, Secp256k1.Negated(last));
    }

    [Fact]
    public void Numbers_out_of_range_never_hold()
    {
        var digest = SHA256.HashData("any"u8);
        var key = CurvePoint.Generator;
        var fine = UInt256.From(5);
        UInt256[] wrong = [UInt256.Zero, UInt256.From(Order), UInt256.From(BigInteger.Pow(2, 256) - 1)];

        Assert.All(wrong, w =>
        {
            Assert.False(Secp256k1.Verify(digest, w, fine, key));
            Assert.False(Secp256k1.Verify(digest, fine, w, key));
            Assert.False(Secp256k1.TryRecover(digest, w, fine, 0, out _));
            Assert.False(Secp256k1.TryRecover(digest, fine, w, 0, out _));
        });
    }

    private static CurvePoint Multiple(BigInteger k) => Sum(k, 0, CurvePoint.Generator);

    private static CurvePoint Sum(BigInteger ofGenerator, BigInteger ofPoint, CurvePoint point) =>
        TwoMultiples.Sum(UInt256.From(ofGenerator % Order), UInt256.From(ofPoint % Order), point);

    private static CurvePoint Affine(CurvePoint point) => point.IsInfinity ? CurvePoint.Infinity : point.ToAffine();

    private static FieldElement Element(BigInteger number) =>
        FieldElement.TryFrom(UInt256.From(number), out var element) ? element : throw new ArgumentOutOfRangeException(nameof(number));

    private static BigInteger Number(FieldElement element) => element.Value.ToBigInteger();

    private static void Holds<T>(Gen<T> examples, Action<T> check) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(examples.ToArbitrary(), check));
}
