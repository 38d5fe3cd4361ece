using System.Collections.Immutable;
using FiberLink.Chain.Signing;
using FiberLink.Chain.Transactions;
using FiberLink.Chain.Transfers;

namespace FiberLink.Chain.Tests.Transfers;

/// <summary>Each thing that may be wrong with it has a sentence of its own, and is found whatever else is right.</summary>
public sealed class Reading_what_funds_a_channel
{
    private const ulong Coin = Scene.Coin;

    private static readonly Script Channel = Scene.Chain.Funding.With(new RandomChain(9).Bytes(20));

    /// <summary>What is changed of a good one, with the words that tell of it.</summary>
    private static readonly Dictionary<string, (string Says, Func<Funding, Funding> Change)> Changes = new(StringComparer.Ordinal)
    {
        ["another version"] = ("version isn't 0", f => f with { Transaction = f.Transaction with { Version = 1 } }),
        ["other cells"] = ("aren't those of the inputs", f => f with { Spent = [f.Spent[1], f.Spent[0], f.Spent[2]] }),
        ["a cell too few"] = ("aren't those of the inputs", f => f with { Spent = f.Spent[..2] }),
        ["a cell twice"] = ("spent twice", f => f.Spending(1, f.Spent[0])),
        ["a wait"] = ("waits for a time", f => f with { Transaction = f.Transaction with
        {
            Inputs = f.Transaction.Inputs.SetItem(2, f.Transaction.Inputs[2] with { Since = 1 }),
        } }),
        ["a header"] = ("names headers", f => f with { Transaction = f.Transaction with { HeaderDeps = [new RandomChain(6).Hash()] } }),
        ["an output without data"] = ("has its data", f => f with { Transaction = f.Transaction with
        {
            OutputsData = f.Transaction.OutputsData[..2],
        } }),
        ["a witness too many"] = ("witness of no input", f => f with { Transaction = f.Transaction with
        {
            Witnesses = [.. Enumerable.Repeat(ByteString.Empty, 4)],
        } }),
        ["a token is spent"] = ("spends a cell that holds more", f => f.Spending(0, f.Spent[0] with
        {
            Output = f.Spent[0].Output with { Type = Scene.Token },
        })),
        ["data is spent"] = ("spends a cell that holds more", f => f.Spending(2, f.Spent[2] with { Data = new RandomChain(5).Bytes(16) })),
        ["no channel"] = ("no channel's", f => f.Making(0, f.Outputs[0] with { Lock = Scene.Member })),
        ["a longer lock"] = ("no channel's", f => f.Making(0, f.Outputs[0] with
        {
            Lock = Scene.Chain.Funding.With(new RandomChain(9).Bytes(32)),
        })),
        ["change to another"] = ("has put nothing in", f => f.Making(1, f.Outputs[1] with
        {
            Lock = new RandomChain(4).Sighash(Scene.Chain),
        })),
        ["change into a channel that is spent"] = ("More than one output", f => f
            .Spending(2, f.Spent[2] with { Output = f.Spent[2].Output with { Lock = Channel } })
            .Making(2, f.Outputs[2] with { Lock = Channel })),
        ["a token is made"] = ("makes a cell that holds more", f => f.Making(1, f.Outputs[1] with { Type = Scene.Token })),
        ["data is made"] = ("makes a cell that holds more", f => f with { Transaction = f.Transaction with
        {
            OutputsData = f.Transaction.OutputsData.SetItem(2, new RandomChain(5).Bytes(1)),
        } }),
        ["too small a cell"] = ("less capacity", f => f.Moving(2, 0, 141 * Coin)),
        ["no other side"] = ("ours alone", f => new Funding(
            f.Transaction with
            {
                Inputs = [new(f.Spent[0].OutPoint)],
                Outputs = [new(300 * Coin, Channel, null)],
                OutputsData = [ByteString.Empty],
                Witnesses = [],
            },
            [f.Spent[0] with { Output = f.Spent[0].Output with { Lock = Channel } }],
            Channel)),
        ["no cell of ours"] = ("no cell of ours", f => f
            .Spending(0, f.Spent[2] with { OutPoint = f.Spent[0].OutPoint })
            .Spending(1, f.Spent[2] with { OutPoint = f.Spent[1].OutPoint })
            .Making(1, f.Outputs[1] with { Lock = Scene.Member })),
        ["more out than in"] = ("more coins than it spends", f => f.Making(0, f.Outputs[0] with { Capacity = 700 * Coin })),
        ["a gift"] = ("gives us more", f => f.Moving(0, 1, 530 * Coin)),
        ["the peer's gain"] = ("takes out more than it puts in", f => f.Moving(1, 2, 150 * Coin)),
    };

    public static TheoryData<string> Wrong => [.. Changes.Keys];

    [Fact]
    public void Tells_what_goes_in_what_is_ours_and_what_it_costs()
    {
        var good = Good();

        var (funding, objection) = good.Read();

        Assert.Null(objection);
        Assert.Equal(
            (599 * (UInt128)Coin, (500 * (UInt128)Coin) + 1_000, (UInt128)1_500), (funding!.Capacity, funding.Leaving, funding.Fee));
        Assert.Equal([0, 1], funding.Own);
        Assert.Equal(good.Transaction.Hash(), funding.Transaction.Hash());
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Finds(string change)
    {
        var (says, made) = (Changes[change].Says, Changes[change].Change(Good()));

        var (funding, objection) = made.Read();

        Assert.Null(funding);
        Assert.Contains(says, objection, StringComparison.Ordinal);
    }

    [Fact]
    public void Leaves_the_peers_witness_as_it_is_and_nothing_but_a_place_in_ours()
    {
        var good = Good();
        ImmutableArray<ByteString> witnesses = [.. Enumerable.Range(20, 3).Select(i => new RandomChain(i).Bytes(9))];

        var (funding, _) = (good with { Transaction = good.Transaction with { Witnesses = witnesses } }).Read();

        Assert.Equal(
            [new WitnessArgs(Sighash.EmptyLock).ToWitness(), ByteString.Empty, witnesses[2]], funding!.Transaction.Witnesses);
    }

    /// <summary>Two cells of ours, one of the peer's, who adds 99 CKB; both get change.</summary>
    private static Funding Good()
    {
        ImmutableArray<Cell> spent =
        [
            Scene.CoinCell(0, 400 * Coin),
            Scene.CoinCell(1, 400 * Coin),
            Scene.CoinCell(2, 300 * Coin) with { Output = new(300 * Coin, Scene.Member, null) },
        ];
        return new(
            new Transaction
            {
                Inputs = [.. spent.Select(c => new CellInput(c.OutPoint))],
                Outputs =
                [
                    new(599 * Coin, Channel, null),
                    new((300 * Coin) - 1_000, Scene.Wallet, null),
                    new((201 * Coin) - 500, Scene.Member, null),
                ],
                OutputsData = [ByteString.Empty, ByteString.Empty, ByteString.Empty],
                Witnesses = [ByteString.Empty, ByteString.Empty, ByteString.Empty],
            },
            spent,
            Scene.Wallet);
    }

    private sealed record Funding(Transaction Transaction, ImmutableArray<Cell> Spent, Script Own)
    {
        public ImmutableArray<CellOutput> Outputs => Transaction.Outputs;

        public (ChannelFunding? Funding, string? Objection) Read() => ChannelFunding.Read(Transaction, Spent, Own, Scene.Chain);

        public Funding Spending(int input, Cell cell) => new(
            Transaction with { Inputs = Transaction.Inputs.SetItem(input, new(cell.OutPoint)) }, Spent.SetItem(input, cell), Own);

        public Funding Making(int output, CellOutput made) =>
            this with { Transaction = Transaction with { Outputs = Outputs.SetItem(output, made) } };

        public Funding Moving(int from, int to, ulong shannon) => Making(from, Outputs[from] with
        {
            Capacity = Outputs[from].Capacity - shannon,
        }).Making(to, Outputs[to] with { Capacity = Outputs[to].Capacity + shannon });
    }
}
