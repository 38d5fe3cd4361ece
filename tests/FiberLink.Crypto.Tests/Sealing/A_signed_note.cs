using System.Security.Cryptography;
using System.Text;
using FiberLink.Crypto.Sealing;

namespace FiberLink.Crypto.Tests.Sealing;

public sealed class A_signed_note
{
    private const string Origin = "hub.example/log";

    private static readonly Checkpoint Three = new(Origin, 3, MerkleHash.Leaf([3]));

    [Fact]
    public void It_is_read_as_it_was_written_and_its_signature_holds()
    {
        using var signer = NoteSigner.Generate(Origin);
        var note = new SignedNote(Three.ToText(), [signer.Sign(Three.ToText())]);

        Assert.True(SignedNote.TryParse(note.ToString(), out var read));
        Assert.True(read.IsSignedBy([signer.Key]));
        Assert.Equal(note.ToString(), read.ToString());
        Assert.True(Checkpoint.TryParse(read.Text, out var checkpoint));
        Assert.Equal(Three, checkpoint);
    }

    [Fact]
    public void A_changed_text_is_signed_by_nobody()
    {
        using var signer = NoteSigner.Generate(Origin);
        var note = new SignedNote(Three.ToText(), [signer.Sign(Three.ToText())]).ToString();
        for (var i = 0; i < note.Length; i++)
        {
            var changed = note[..i] + (note[i] == 'A' ? 'B' : 'A') + note[(i + 1)..];

            Assert.False(SignedNote.TryParse(changed, out var read) && read.IsSignedBy([signer.Key]), changed);
        }
    }

    [Fact]
    public void Strangers_beside_a_known_signer_are_passed_over_and_a_false_one_of_his_name_spoils_all()
    {
        using var signer = NoteSigner.Generate(Origin);
        using var stranger = NoteSigner.Generate("witness.example");
        var text = Three.ToText();
        var good = signer.Sign(text);

        Assert.True(new SignedNote(text, [stranger.Sign(text), good]).IsSignedBy([signer.Key]));
        Assert.False(new SignedNote(text, [good, good with { Bytes = stranger.Sign(text).Bytes }]).IsSignedBy([signer.Key]));
        Assert.False(new SignedNote(text, [stranger.Sign(text)]).IsSignedBy([signer.Key]));
    }

    [Fact]
    public void A_key_is_handed_out_as_one_line_and_read_back()
    {
        using var signer = NoteSigner.Generate(Origin);

        Assert.True(NoteKey.TryParse(signer.Key.ToString(), out var read));
        Assert.Equal(signer.Key, read);
        Assert.False(NoteKey.TryParse(signer.Key.ToString().Replace(Origin, "another", StringComparison.Ordinal) + "x", out _));
    }

    [Fact]
    public void The_key_s_id_is_what_its_type_says()
    {
        using var signer = NoteSigner.Generate(Origin);
        var spki = Convert.FromBase64String(signer.Key.ToString().Split('+', 3)[2])[1..];

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(spki)[..4]), $"{signer.Key.Id:x8}");
    }

    [Fact]
    public void Another_curve_s_key_is_none()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        byte[] bytes = [2, .. other.ExportSubjectPublicKeyInfo()];
        var id = Convert.ToHexStringLower(SHA256.HashData(bytes.AsSpan(1))[..4]);

        Assert.False(NoteKey.TryParse($"{Origin}+{id}+{Convert.ToBase64String(bytes)}", out _));
    }

    [Fact]
    public void A_private_key_is_read_with_its_passphrase_and_with_no_other()
    {
        using var signer = NoteSigner.Generate(Origin);
        var pem = signer.ToPem("a passphrase");
        using var read = NoteSigner.FromPem(Origin, pem, "a passphrase");

        Assert.Equal(signer.Key, read.Key);
        Assert.StartsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----", pem, StringComparison.Ordinal);
        Assert.ThrowsAny<CryptographicException>(() => NoteSigner.FromPem(Origin, pem, "another passphrase"));
        Assert.ThrowsAny<CryptographicException>(() => NoteSigner.FromPem(Origin, "nothing", "a passphrase"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("\n\n")]
    [InlineData("a\n1\nAAAA\n\n")]
    [InlineData("a\n\n— k AAAAAA==\n\n")]
    public void What_has_no_signature_is_no_note(string text) => Assert.False(SignedNote.TryParse(text, out _));

    [Theory]
    [InlineData("")]
    [InlineData("a\n1\n\n")]
    [InlineData("a\n01\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")]
    [InlineData("a\n-1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")]
    [InlineData("a\n1\nAAAA\n")]
    [InlineData("a\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n")]
    [InlineData("a\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    public void What_is_no_checkpoint_is_not_read_as_one(string text) => Assert.False(Checkpoint.TryParse(text, out _));

    [Fact]
    public void A_proof_shows_what_was_logged_and_with_any_letter_changed_it_shows_nothing()
    {
        using var signer = NoteSigner.Generate(Origin);
        var disclosed = Encoding.UTF8.GetBytes("""{"amount":"1"}""");
        var leaves = Enumerable.Range(0, 5).Select(i => MerkleHash.Leaf([(byte)i])).ToArray();
        leaves[2] = MerkleHash.Leaf(SHA256.HashData(disclosed));
        NodeSource nodes = (level, index) =>
            Tiles.Over(leaves[(int)(index << level)..(int)((index + 1) << level)].SelectMany(l => l.ToBytes()).ToArray());
        var text = new Checkpoint(Origin, 5, MerkleTree.Root(5, nodes)).ToText();
        var proof = new LogProof(disclosed, 2, MerkleTree.Inclusion(2, 5, nodes), new(text, [signer.Sign(text)])).ToString();

        Assert.IsType<ProofVerdict.Shown>(LogProof.TryParse(proof, out var whole) ? whole.Check([signer.Key]) : null);

        // Several stand behind each other in a file: so many and no more, and none when one of them is broken.
        foreach (var (count, read) in new[] { (0, 0), (1, 1), (2, 2), (16, 16), (17, 0) })
        {
            Assert.Equal(read, LogProof.ParseAll(string.Concat(Enumerable.Repeat(proof, count))).Count);
        }

        Assert.Empty(LogProof.ParseAll($"{proof}\n{proof}"));
        Assert.Empty(LogProof.ParseAll(proof + proof[..^1]));
        for (var i = 0; i < proof.Length; i++)
        {
            var changed = proof[..i] + (proof[i] == 'A' ? 'B' : 'A') + proof[(i + 1)..];

            Assert.False(LogProof.TryParse(changed, out var read) && read.Check([signer.Key]) is ProofVerdict.Shown, changed);
        }
    }
}
