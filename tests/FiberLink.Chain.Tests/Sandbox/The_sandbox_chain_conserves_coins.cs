using FiberLink.Chain.Signing;
using FiberLink.Chain.Transactions;
using FiberLink.Sandbox.Chain;
using FsCheck;
using FsCheck.Fluent;

namespace FiberLink.Chain.Tests.Sandbox;

/// <summary>Whatever is funded, paid, replaced, dropped and taken back.</summary>
public sealed class The_sandbox_chain_conserves_coins : IDisposable
{
    private const int StepsMax = 30;

    private static readonly Config Hundred = Config.QuickThrowOnFailure.WithMaxTest(100);

    private static readonly ChainParameters Chain = ChainParameters.Testnet;

    private readonly SigningKey _key = SigningKey.Generate();

    private Script Wallet => Chain.LockOf(_key.PublicKey);

    public void Dispose() => _key.Dispose();

    [Fact]
    public void No_cell_is_spent_twice_and_what_is_live_and_the_fees_are_what_was_funded() =>
        Check.One(Hundred, Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var random = new RandomChain(seed);
            var book = new ChainBook(new(), journal: null, TimeProvider.System);
            for (var step = 0; step < StepsMax; step++)
            {
                Step(book, random);
                book.Read(Hold);
            }

            book.MineBlocks(10);
            Assert.Empty(book.Read(s => s.Pool));
            book.Read(Hold);
        }));

    private void Step(ChainBook book, RandomChain random)
    {
        switch (random.Number(9))
        {
            case 0:
                book.Fund(Wallet, token: null, (ulong)(61 + random.Number(400)) * ChainScene.Coin, amount: 0, 1 + random.Number(3));
                break;
            case 1 or 2 or 3:
                book.MineBlocks(1 + random.Number(2));
                break;
            case 4 when book.Read(s => s.Pool) is { Count: > 0 } pool:
                book.Drop(pool[random.Number(pool.Count - 1)].Hash, random.Number(1) == 0 ? null : "why");
                break;
            case 5:
                var conflict = random.Number(2) == 0 ? Payment(book, random) : null;
                book.Reorganise(1 + random.Number(4), conflict, forget: random.Number(3) == 0);
                break;
            default:
                if (Payment(book, random) is { } payment)
                {
                    book.Send(payment);
                }

                break;
        }
    }

    /// <summary>Of any cells that are or were, in blocks or in the pool, so that many are refused.</summary>
    private Transaction? Payment(ChainBook book, RandomChain random)
    {
        var cells = book.Read(s => s.Cells.Where(c => c.SpentIn is null || random.Number(4) == 0).Select(c => c.Cell)
            .Concat(s.Pool.SelectMany(e => e.Transaction.Outputs.Select((o, i) => new Cell(new(e.Hash, (uint)i), o, ByteString.Empty))))
            .ToList());
        if (cells.Count == 0)
        {
            return null;
        }

        List<Cell> spent = [.. Enumerable.Range(0, 1 + random.Number(1)).Select(_ => cells[random.Number(cells.Count - 1)]).Distinct()];
        var sum = spent.Aggregate(0UL, (s, c) => s + c.Output.Capacity) - (ulong)random.Number(5000);
        var half = (sum / 2) - 1;
        var transaction = new Transaction
        {
            CellDeps = Chain.Sighash.CellDeps,
            Inputs = [.. spent.Select(c => new CellInput(c.OutPoint))],
            Outputs = [new(half, Wallet, Type: null), new(sum - half, Wallet, Type: null)],
            OutputsData = [ByteString.Empty, ByteString.Empty],
            Witnesses = [new WitnessArgs(Sighash.EmptyLock).ToWitness()],
        };
        var digest = Sighash.Digest(transaction, [.. Enumerable.Range(0, spent.Count)]);
        return Sighash.WithSignature(transaction, 0, _key.Sign(digest.ToBytes()));
    }

    /// <summary>Reckoned anew from the blocks alone.</summary>
    private static bool Hold(ChainState state)
    {
        var live = new Dictionary<OutPoint, ulong>();
        var (funded, fees) = (UInt128.Zero, UInt128.Zero);
        foreach (var transaction in state.Blocks.SelectMany(b => b.Transactions))
        {
            UInt128 taken = 0;
            foreach (var input in transaction.Inputs.Where(_ => !Fundings.IsOne(transaction)))
            {
                Assert.True(live.Remove(input.PreviousOutput, out var capacity), "A cell is spent that is not there.");
                taken += capacity;
            }

            var given = transaction.Outputs.Aggregate(UInt128.Zero, (sum, o) => sum + o.Capacity);
            foreach (var (i, output) in transaction.Outputs.Index())
            {
                live.Add(new(transaction.Hash(), (uint)i), output.Capacity);
            }

            funded += Fundings.IsOne(transaction) ? given : 0;
            fees += Fundings.IsOne(transaction) ? 0 : taken - given;
            Assert.True(Fundings.IsOne(transaction) || taken >= given, "Coins are made.");
        }

        Assert.Equal(funded, fees + live.Values.Aggregate(UInt128.Zero, (sum, c) => sum + c));
        Assert.Equal(
            live.OrderBy(c => c.Key),
            state.Cells.Where(c => c.SpentIn is null)
                .Select(c => KeyValuePair.Create(c.Cell.OutPoint, c.Cell.Output.Capacity)).OrderBy(c => c.Key));
        var waiting = state.Pool.SelectMany(e => ChainState.SpentBy(e.Transaction)).ToList();
        Assert.Equal(waiting.Count, waiting.Distinct().Count());
        Assert.All(state.Blocks.Skip(1).Zip(state.Blocks), b => Assert.Equal(b.Second.Hash, b.First.ParentHash));
        return true;
    }
}
