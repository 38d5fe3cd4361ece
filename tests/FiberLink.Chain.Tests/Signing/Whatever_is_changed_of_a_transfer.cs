using System.Collections.Immutable;
using System.Numerics;
using FiberLink.Chain.Signing;
using FiberLink.Chain.Signing.Policy;
using FiberLink.Chain.Transactions;
using FiberLink.Chain.Transfers;
using FsCheck;
using FsCheck.Fluent;

namespace FiberLink.Chain.Tests.Signing;

/// <summary>
/// A transfer is planned, allowed to the unit, and then changed in some ways by somebody who wants the money. What is still signed may
/// cost the wallet no more than before, and may pay nobody else.
/// </summary>
public sealed class Whatever_is_changed_of_a_transfer
{
    private static readonly Config Thousands = Config.QuickThrowOnFailure.WithMaxTest(6000);

    private static readonly Arbitrary<int> Seeds = Gen.Choose(int.MinValue, int.MaxValue).ToArbitrary();

    private static readonly Script Own = Transfers.Scene.Wallet;

    private static readonly Script Thief = new RandomChain(90).Sighash(Transfers.Scene.Chain);

    [Fact]
    public void What_was_planned_is_signed() => Planned((transfer, policy, _) =>
        Assert.Null(Refusal(transfer.Transaction, transfer.Spent, policy)));

    [Fact]
    public void Nothing_that_is_still_signed_costs_more_or_pays_another()
    {
        var refused = new HashSet<SigningRefusal>();
        var signed = 0;
        Planned((transfer, policy, random) =>
        {
            var truth = transfer.Spent.ToDictionary(c => c.OutPoint);
            var changed = transfer.Transaction;
            for (var i = 1 + random.Number(2); i > 0; i--)
            {
                changed = Change(changed, truth, random);
            }

            ImmutableArray<Cell> spent = [.. changed.Inputs.Select(i => truth[i.PreviousOutput])];
            if (Refusal(changed, spent, policy) is { } reason)
            {
                refused.Add(reason);
                return;
            }

            signed++;
            Assert.All(changed.Outputs, o => Assert.True(o.Lock == Own || policy.AllowedDestinations!.Contains(o.Lock)));
            Assert.All(policy.Limits, l => Assert.True(
                Lost(changed, spent, l.Type) <= Lost(transfer.Transaction, transfer.Spent, l.Type), $"{l.Name} is lost."));
            Assert.Empty(changed.HeaderDeps);
            Assert.All(changed.Inputs, i => Assert.Equal(0UL, i.Since));
        });

        Assert.True(signed > 100, $"Only {signed} changes were harmless.");
        Assert.True(refused.Count > 12, string.Join(", ", refused));
    }

    /// <summary>What the wallet has less afterwards, reckoned from its own cells alone.</summary>
    private static BigInteger Lost(Transaction transaction, IEnumerable<Cell> spent, Script? type)
    {
        var made = transaction.Outputs.Select((o, i) => new Cell(default, o, transaction.OutputsData[i])).Where(c => c.Output.Lock == Own);
        return Has(spent) - Has(made);

        BigInteger Has(IEnumerable<Cell> cells) => cells
            .Where(c => type is null || c.Output.Type == type)
            .Aggregate(BigInteger.Zero, (sum, c) => sum + (type is null ? c.Output.Capacity : (BigInteger)(c.UdtAmount ?? 0)));
    }

    private static SigningRefusal? Refusal(Transaction transaction, ImmutableArray<Cell> spent, SignerPolicy policy) =>
        (TransferShape.Objection(transaction, Own, policy) ?? Outflow.Of(transaction, spent, Own, policy).Refused)?.Reason;

    private static Transaction Change(Transaction tx, Dictionary<OutPoint, Cell> truth, RandomChain random)
    {
        if (tx.Outputs.IsEmpty || tx.Inputs.IsEmpty || tx.Outputs.Length != tx.OutputsData.Length || tx.Witnesses.IsEmpty)
        {
            return tx;
        }

        var (one, two) = (random.Number(tx.Outputs.Length - 1), random.Number(tx.Outputs.Length - 1));
        return random.Number(19) switch
        {
            0 => WithOutput(tx, one, o => o with { Lock = Thief }),
            1 => WithOutput(tx, one, o => o with { Lock = tx.Outputs[two].Lock }),
            2 => WithOutput(tx, one, o => o with { Type = tx.Outputs[two].Type }),
            3 => WithOutput(tx, one, o => o with { Capacity = Moved(o.Capacity, random) }),
            4 => Shift(tx, one, two, (ulong)random.Number(200) * Transfers.Scene.Coin),
            5 => tx with { OutputsData = tx.OutputsData.SetItem(one, tx.OutputsData[two]) },
            6 => tx with { OutputsData = tx.OutputsData.SetItem(one, Cell.UdtData((UInt128)random.Number(400))) },
            7 => tx with { OutputsData = tx.OutputsData.SetItem(one, random.Bytes(random.Number(20))) },
            8 => tx with { Outputs = tx.Outputs.RemoveAt(one), OutputsData = tx.OutputsData.RemoveAt(one) },
            9 => tx with { Outputs = tx.Outputs.Add(tx.Outputs[one]), OutputsData = tx.OutputsData.Add(tx.OutputsData[one]) },
            10 => Split(tx, one),
            11 => WithInput(tx, truth, random),
            12 => tx with { Inputs = tx.Inputs[..^1], Witnesses = tx.Witnesses[..^1] },
            13 => tx with { Inputs = tx.Inputs.SetItem(0, tx.Inputs[0] with { Since = (ulong)random.Number(1) }) },
            14 => tx with { HeaderDeps = [random.Hash()] },
            15 => tx with { CellDeps = tx.CellDeps.Add(new(random.OutPoint(), (CellDepType)random.Number(1))) },
            16 => tx with
            {
                Witnesses = tx.Witnesses.SetItem(random.Number(tx.Witnesses.Length - 1), random.Bytes(random.Number(90))),
            },
            17 => tx with { Witnesses = tx.Witnesses.Add(random.Bytes(random.Number(3))) },
            18 => tx with { Outputs = [.. tx.Outputs.Reverse()], OutputsData = [.. tx.OutputsData.Reverse()] },
            _ => tx with { CellDeps = [.. tx.CellDeps.Reverse()] },
        };
    }

    private static Transaction WithOutput(Transaction tx, int index, Func<CellOutput, CellOutput> change) =>
        tx with { Outputs = tx.Outputs.SetItem(index, change(tx.Outputs[index])) };

    private static ulong Moved(ulong capacity, RandomChain random) => random.Number(3) switch
    {
        0 => capacity + 1,
        1 => capacity - 1,
        2 => capacity - (ulong)random.Number(10_000),
        _ => ulong.MaxValue,
    };

    private static Transaction Shift(Transaction tx, int from, int to, ulong coins) => tx.Outputs[from].Capacity < coins
        ? tx
        : WithOutput(
            WithOutput(tx, from, o => o with { Capacity = o.Capacity - coins }), to, o => o with { Capacity = o.Capacity + coins });

    /// <summary>Half of an output's coins go to the thief, or to the wallet itself.</summary>
    private static Transaction Split(Transaction tx, int index)
    {
        var half = tx.Outputs[index].Capacity / 2;
        return WithOutput(tx, index, o => o with { Capacity = o.Capacity - half }) with
        {
            Outputs = tx.Outputs.SetItem(index, tx.Outputs[index] with { Capacity = tx.Outputs[index].Capacity - half })
                .Add(new(half, index % 2 == 0 ? Thief : Own, Type: null)),
            OutputsData = tx.OutputsData.Add(ByteString.Empty),
        };
    }

    /// <summary>One more cell is spent: the wallet's, with a token perhaps, or somebody else's.</summary>
    private static Transaction WithInput(Transaction tx, Dictionary<OutPoint, Cell> truth, RandomChain random)
    {
        var cell = random.Number(3) switch
        {
            0 => Transfers.Scene.TokenCell(0, (UInt128)random.Number(400)),
            1 => Transfers.Scene.TokenCell(0, 50, token: random.Script(30)),
            2 => Transfers.Scene.CoinCell(0, 90 * Transfers.Scene.Coin) is var c ? c with { Output = c.Output with { Lock = Thief } } : c,
            _ => Transfers.Scene.CoinCell(0, 90 * Transfers.Scene.Coin),
        };
        cell = cell with { OutPoint = random.OutPoint() };
        truth[cell.OutPoint] = cell;
        var receiver = random.Number(tx.Outputs.Length - 1);
        return WithOutput(tx, receiver, o => o with { Capacity = o.Capacity + cell.Output.Capacity }) with
        {
            Inputs = tx.Inputs.Add(new(cell.OutPoint)), Witnesses = tx.Witnesses.Add(ByteString.Empty),
        };
    }

    private static void Planned(Action<UnsignedTransfer, SignerPolicy, RandomChain> holds)
    {
        var planned = 0;
        Check.One(Thousands, Prop.ForAll(Seeds, seed =>
        {
            var scene = Transfers.Scene.Any(seed);
            if (scene.Plan() is TransferPlan.Planned { Transfer: var transfer })
            {
                planned++;
                holds(transfer, PolicyFor(transfer), new RandomChain(seed));
            }
        }));
        Assert.True(planned > 1000, $"Only {planned} could be planned.");
    }

    /// <summary>Limits that are just what the transfer needs.</summary>
    private static SignerPolicy PolicyFor(UnsignedTransfer transfer)
    {
        Script?[] types = [null, Transfers.Scene.Token, Transfers.Scene.OtherToken];
        return new()
        {
            Chain = Transfers.Scene.Chain,
            Limits = [.. types.Select((t, i) => Limit(t, i == 0 ? AssetLimit.Coins : $"token {i}"))],
            FeeCap = (ulong)transfer.Fee,
            AllowedDestinations = [.. transfer.Payments.Select(p => p.Recipient)],
        };

        AssetLimit Limit(Script? type, string name)
        {
            var most = (UInt128)Lost(transfer.Transaction, transfer.Spent, type);
            return new(name, type, most, most);
        }
    }
}
