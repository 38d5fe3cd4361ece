using System.Text;
using FiberLink.Crypto.Sealing;

namespace FiberLink.Crypto.Tests.Sealing;

/// <summary>Two checkpoints that somebody kept, compared on a machine without the log.</summary>
public sealed class A_proof_of_consistency : IDisposable
{
    private const string Origin = "hub.example/log";

    private readonly NoteSigner _signer = NoteSigner.Generate(Origin);

    public void Dispose() => _signer.Dispose();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    [InlineData(4, 7)]
    [InlineData(7, 8)]
    [InlineData(8, 300)]
    [InlineData(257, 300)]
    public void Is_read_as_it_was_written_and_shows_that_a_log_has_grown(int before, int size)
    {
        var written = Proof(Leaves(size), before, size).ToString();

        Assert.True(ConsistencyProof.TryParse(written, out var read));
        var shown = Assert.IsType<ConsistencyVerdict.Shown>(read.Check([_signer.Key]));
        Assert.Equal((before, size), ((int)shown.Old.Size, (int)shown.New.Size));
    }

    [Fact]
    public void With_any_letter_changed_shows_nothing()
    {
        var written = Proof(Leaves(20), 6, 20).ToString();
        for (var at = 0; at < written.Length; at++)
        {
            var changed = $"{written[..at]}{(char)(written[at] ^ 1)}{written[(at + 1)..]}";

            Assert.False(
                ConsistencyProof.TryParse(changed, out var read) && read.Check([_signer.Key]) is ConsistencyVerdict.Shown, changed);
        }

        Assert.False(ConsistencyProof.TryParse($"{written}\n", out _));
        Assert.False(ConsistencyProof.TryParse(written[..^1], out _));
        Assert.False(ConsistencyProof.TryParse(Proof(Leaves(20), 6, 20, over: 200).ToString(), out _));
    }

    [Fact]
    public void Of_a_log_that_was_rewritten_cannot_be_made()
    {
        var (leaves, others) = (Leaves(20), Leaves(20, changed: 3));
        foreach (var path in new[] { MerkleTree.Consistency(6, 20, NodesOf(leaves)), MerkleTree.Consistency(6, 20, NodesOf(others)) })
        {
            var proof = new ConsistencyProof(path, Note(leaves, 6), Note(others, 20));

            Assert.Contains("rewritten or forked", Broken(proof), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Says_of_two_logs_of_one_size_that_it_was_forked()
    {
        var proof = new ConsistencyProof([], Note(Leaves(20), 20), Note(Leaves(20, changed: 19), 20));

        Assert.Contains("THE LOG WAS FORKED", Broken(proof), StringComparison.Ordinal);
    }

    [Fact]
    public void Says_of_a_log_that_was_cut_off_that_its_end_is_gone()
    {
        var leaves = Leaves(20);
        var proof = new ConsistencyProof(MerkleTree.Consistency(6, 20, NodesOf(leaves)), Note(leaves, 20), Note(leaves, 6));

        Assert.Contains("its end was cut off", Broken(proof), StringComparison.Ordinal);
    }

    [Fact]
    public void Shows_nothing_without_the_key_of_each_checkpoint_and_nothing_of_two_logs()
    {
        using var next = NoteSigner.Generate(Origin);
        using var other = NoteSigner.Generate("other.example/log");
        var leaves = Leaves(20);
        var rotated = Proof(leaves, 6, 20) with { New = Note(leaves, 20, next) };

        Assert.IsType<ConsistencyVerdict.Shown>(rotated.Check([_signer.Key, next.Key]));
        Assert.Contains("signed the newer checkpoint", Worthless(rotated, _signer.Key), StringComparison.Ordinal);
        Assert.Contains("signed the older checkpoint", Worthless(rotated, next.Key), StringComparison.Ordinal);
        var strange = rotated with { New = Note(leaves, 20, other) };
        Assert.Contains("of two logs", Worthless(strange, _signer.Key, other.Key), StringComparison.Ordinal);
    }

    private string Broken(ConsistencyProof proof) => Assert.IsType<ConsistencyVerdict.Broken>(proof.Check([_signer.Key])).Because;

    private static string Worthless(ConsistencyProof proof, params NoteKey[] keys) =>
        Assert.IsType<ConsistencyVerdict.Worthless>(proof.Check(keys)).Because;

    private ConsistencyProof Proof(Bytes32[] leaves, int before, int size, int over = 0) => new(
        [.. MerkleTree.Consistency(before, size, NodesOf(leaves)), .. Enumerable.Repeat(leaves[0], over)],
        Note(leaves, before),
        Note(leaves, size));

    private SignedNote Note(Bytes32[] leaves, int size, NoteSigner? signer = null)
    {
        signer ??= _signer;
        var text = new Checkpoint(signer.Key.Name, size, MerkleTree.Root(size, NodesOf(leaves))).ToText();
        return new(text, [signer.Sign(text)]);
    }

    private static Bytes32[] Leaves(int count, int? changed = null) =>
        [.. Enumerable.Range(0, count).Select(n => MerkleHash.Leaf(Encoding.UTF8.GetBytes(n == changed ? "changed" : $"event {n}")))];

    private static NodeSource NodesOf(Bytes32[] leaves) => (level, index) => level == 0
        ? leaves[index]
        : MerkleHash.Node(NodesOf(leaves)(level - 1, 2 * index), NodesOf(leaves)(level - 1, (2 * index) + 1));
}
