using FiberLink.Crypto.Liabilities;
using FiberLink.Crypto.Sealing;

namespace FiberLink.Crypto.Tests.Liabilities;

public sealed class A_proof_of_a_liability
{
    private static readonly Bytes32 Scope = LiabilityHash.Scope("demo", "CKB", 7);

    [Theory]
    [InlineData("9")]
    [InlineData("ünï \"quoted\" \\ \n and a line")]
    public void Is_read_as_it_was_written(string member)
    {
        var proof = Proof(member);

        Assert.True(LiabilityProof.TryParse(proof.ToString(), out var read));
        Assert.Equal(proof.ToString(), read.ToString());
        Assert.Equal(proof.Path.RootIn(Scope), read.Path.RootIn(Scope));
    }

    [Fact]
    public void Has_one_form()
    {
        var text = Proof("9").ToString();

        Assert.False(LiabilityProof.TryParse(text.Replace("units 5", "units 05", StringComparison.Ordinal), out _));
        Assert.False(LiabilityProof.TryParse(text.Replace("units 5", "units -5", StringComparison.Ordinal), out _));
        Assert.False(LiabilityProof.TryParse(text.Replace("\"9\"", " \"9\"", StringComparison.Ordinal), out _));
        Assert.False(LiabilityProof.TryParse(text.Replace("\"9\"", "9", StringComparison.Ordinal), out _));
        Assert.False(LiabilityProof.TryParse(text.Replace("proof v1", "proof v2", StringComparison.Ordinal), out _));
        Assert.False(LiabilityProof.TryParse(text + "\n", out _));
    }

    // Whatever is changed, it is no proof any more, or says something else.
    [Fact]
    public void Says_something_else_when_any_byte_of_it_is_another()
    {
        var proof = Proof("9");
        var text = proof.ToString();
        var end = text.IndexOf("\n\n", StringComparison.Ordinal);
        for (var i = 0; i < end; i++)
        {
            var changed = $"{text[..i]}{(char)(text[i] ^ 1)}{text[(i + 1)..]}";
            if (LiabilityProof.TryParse(changed, out var read))
            {
                Assert.NotEqual(proof.Path.RootIn(Scope), read.Path.RootIn(Scope));
            }
        }
    }

    private static LiabilityProof Proof(string member)
    {
        using var signer = NoteSigner.Generate("hub.example/log");
        var tree = LiabilityTree.Of(Scope, new(1, 2, 3, 4), [(member, 5), ("2", 7), ("3", UInt128.MaxValue >> 1)]);
        var text = new Checkpoint("hub.example/log", 1, MerkleHash.Leaf([1])).ToText();
        return new(tree.PathOf(member)!, new("{}"u8.ToArray(), 0, [], new(text, [signer.Sign(text)])));
    }
}
