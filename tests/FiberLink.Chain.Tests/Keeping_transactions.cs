using FiberLink.Chain.Transactions;

namespace FiberLink.Chain.Tests;

/// <summary>A signed transaction is kept as bytes, and sent again from them: what is read must be what was written.</summary>
public sealed class Keeping_transactions
{
    [Fact]
    public void Bytes_that_are_not_exactly_a_transaction_are_none()
    {
        var random = new RandomChain(11);
        for (var i = 0; i < 200; i++)
        {
            var bytes = random.Transaction(random.Number(3)).ToMolecule();

            Assert.Null(Transaction.FromMolecule([.. bytes, 0]));
            Assert.Null(Transaction.FromMolecule(bytes.AsSpan(..^1)));
            Assert.Null(Transaction.FromMolecule(bytes.AsSpan(1)));
        }

        Assert.Null(Transaction.FromMolecule([]));
    }

    [Fact]
    public void A_changed_byte_makes_another_transaction_or_none()
    {
        var random = new RandomChain(12);
        var whole = random.Transaction(2) with { Outputs = [random.Output()], OutputsData = [random.Bytes(5)] };
        var bytes = whole.ToMolecule();

        for (var at = 0; at < bytes.Length; at++)
        {
            var changed = bytes.ToArray();
            changed[at] ^= (byte)(1 << random.Number(7));
            var read = Transaction.FromMolecule(changed);
            Assert.NotEqual(whole, read);
            Assert.True(read is null || read.ToMolecule().AsSpan().SequenceEqual(changed));
        }
    }

    [Fact]
    public void Witnesses_are_in_the_bytes_and_not_in_the_hash()
    {
        var random = new RandomChain(13);
        var one = random.Transaction(1);
        var other = one with { Witnesses = [.. one.Witnesses, random.Bytes(9)] };

        Assert.Equal(one.Hash(), other.Hash());
        Assert.NotEqual(one, other);
        Assert.Equal(one.ToMolecule().Length + 4, one.SizeInBlock);
    }

    [Fact]
    public void A_cell_of_the_usual_lock_takes_up_61_coins_and_one_of_a_token_142()
    {
        var chain = ChainParameters.Mainnet;
        var owner = new RandomChain(14).Sighash(chain);
        var token = chain.TokenCodes[0].With(ByteString.From(new byte[32]));

        Assert.Equal(61_00000000UL, CellOutput.OccupiedShannon(owner, type: null, dataLength: 0));
        Assert.Equal(142_00000000UL, CellOutput.OccupiedShannon(owner, token, Cell.UdtDataLength));
    }

    [Fact]
    public void Only_an_amount_and_nothing_else_is_read_as_a_tokens_amount()
    {
        var random = new RandomChain(15);
        var token = random.Output() with { Type = random.Script() };

        Assert.Equal(UInt128.MaxValue - 1, new Cell(random.OutPoint(), token, Cell.UdtData(UInt128.MaxValue - 1)).UdtAmount);
        Assert.Null(new Cell(random.OutPoint(), token, random.Bytes(17)).UdtAmount);
        Assert.Null(new Cell(random.OutPoint(), token, random.Bytes(15)).UdtAmount);
        Assert.Null(new Cell(random.OutPoint(), token with { Type = null }, random.Bytes(16)).UdtAmount);
    }

    [Fact]
    public void A_witness_that_is_no_arguments_is_told_apart()
    {
        var full = new WitnessArgs(ByteString.From(1), ByteString.From(2, 3), ByteString.Empty);

        Assert.Equal(full, WitnessArgs.FromWitness(full.ToWitness()));
        Assert.Equal(new WitnessArgs(), WitnessArgs.FromWitness(new WitnessArgs().ToWitness()));
        Assert.Null(WitnessArgs.FromWitness(ByteString.Empty));
        Assert.Null(WitnessArgs.FromWitness(ByteString.From([.. full.ToWitness().Span, 0])));
    }
}
