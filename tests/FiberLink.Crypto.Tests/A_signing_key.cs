using FsCheck;
using FsCheck.Fluent;

namespace FiberLink.Crypto.Tests;

public sealed class A_signing_key
{
    [Fact]
    public void Signs_with_the_lower_s_so_that_the_signature_leads_back_to_it() =>
        Prop.ForAll<byte[]>(data =>
        {
            using var key = SigningKey.Generate();
            var digest = CkbHash.Compute(data);
            var signature = key.Sign(digest);
            var read = RecoverableSignature.FromBytes(signature.ToBytes());
            return signature.IsInRange && signature.IsLow && read == signature
                && read.TryRecover(digest, out var signer) && signer == key.PublicKey
                && !(read.TryRecover(CkbHash.Compute(digest), out var other) && other == key.PublicKey);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void That_is_none_is_refused_and_not_repeated()
    {
        byte[][] wrong =
        [
            [], new byte[31], new byte[32], new byte[33],
            Convert.FromHexString("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141"),
            [.. Enumerable.Repeat((byte)0xff, 32)],
        ];

        Assert.All(wrong, secret =>
        {
            var refused = Assert.Throws<ArgumentException>(() => SigningKey.FromSecret(secret));
            Assert.Null(refused.InnerException);
        });
    }

    [Fact]
    public void A_recovery_id_that_there_is_not_leads_to_no_key()
    {
        using var key = SigningKey.Generate();
        var digest = CkbHash.Compute([1]);
        var bytes = key.Sign(digest).ToBytes();

        Assert.False(RecoverableSignature.FromBytes([.. bytes[..^1], 4]).TryRecover(digest, out _));
        Assert.False(RecoverableSignature.FromBytes([.. bytes[..^1], 255]).TryRecover(digest, out _));
        Assert.Throws<ArgumentException>(() => RecoverableSignature.FromBytes(bytes.AsSpan(1)));
    }
}
