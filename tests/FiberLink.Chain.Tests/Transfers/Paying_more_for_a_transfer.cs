using System.Collections.Immutable;
using FiberLink.Chain.Transactions;
using FiberLink.Chain.Transfers;

namespace FiberLink.Chain.Tests.Transfers;

/// <summary>The same cells, the same payments, a smaller change; or nothing, where that cannot be.</summary>
public sealed class Paying_more_for_a_transfer
{
    private const ulong Coin = CellOutput.ShannonPerByte;
    private const ulong Cap = 100_000;

    private static readonly Script Wallet = new RandomChain(5).Sighash(ChainParameters.Testnet);
    private static readonly Script Member = new RandomChain(6).Sighash(ChainParameters.Testnet);

    [Theory]
    [InlineData(1_000, 1_105)]
    [InlineData(10_000, 4_270)]
    public void Takes_what_is_added_to_the_fee_from_the_change(ulong rate, ulong fee)
    {
        var sent = Transfer(paid: 100, change: 200);

        var more = Assert.IsType<UnsignedTransfer>(Bump(sent, rate, Cap));

        Assert.Equal(sent.Transaction.Inputs, more.Transaction.Inputs);
        Assert.Equal(sent.Transaction.Outputs[..^1], more.Transaction.Outputs[..^1]);
        Assert.Equal(sent.Payments, more.Payments);
        Assert.Equal(fee, more.Fee);
        Assert.Equal(sent.Fee + sent.Change[0].Capacity, more.Fee + more.Change[0].Capacity);
        Assert.Equal(sent.Transaction.SizeInBlock, more.Transaction.SizeInBlock);
    }

    [Fact]
    public void Pays_more_each_time_until_the_cap_and_never_above_it()
    {
        var (last, steps) = (Transfer(paid: 100, change: 200), 0);
        while (Bump(last, 1_000, Cap) is { } more)
        {
            Assert.InRange(more.Fee, last.Fee + 1, Cap);
            (last, steps) = (more, steps + 1);
        }

        Assert.InRange(steps, 5, 30);
        Assert.InRange(last.Fee, Cap - 2_000, Cap);
    }

    [Fact]
    public void Leaves_it_where_there_is_no_change() => Assert.Null(Bump(Transfer(paid: 100, change: 0), 1_000, Cap));

    /// <summary>What would be left of it is less than a cell takes up.</summary>
    [Fact]
    public void Leaves_it_where_the_change_would_be_too_little() => Assert.Null(Bump(Transfer(paid: 100, change: 61), 1_000, Cap));

    private static UnsignedTransfer? Bump(UnsignedTransfer sent, ulong rate, ulong cap) =>
        FeeBump.Of(sent.Transaction, sent.Spent, Wallet, new(rate, cap));

    /// <summary>So many coins are paid; what comes back to the wallet is left out where it is nothing.</summary>
    private static UnsignedTransfer Transfer(ulong paid, ulong change)
    {
        const ulong Fee = 464;
        ImmutableArray<CellOutput> outputs =
            [new(paid * Coin, Member, null), .. change == 0 ? [] : (CellOutput[])[new(change * Coin, Wallet, null)]];
        var cell = new Cell(new(new RandomChain(7).Hash(), 0), new(((paid + change) * Coin) + Fee, Wallet, null), ByteString.Empty);
        return new(
            new()
            {
                Inputs = [new(cell.OutPoint)],
                Outputs = outputs,
                OutputsData = [.. outputs.Select(_ => ByteString.Empty)],
                Witnesses = [new WitnessArgs(FiberLink.Chain.Signing.Sighash.EmptyLock).ToWitness()],
            },
            [cell],
            [new(Member, null, paid * Coin)]);
    }
}
