using System.Numerics;
using FiberLink.Chain.Signing;
using FiberLink.Chain.Transactions;
using FiberLink.Chain.Transfers;
using FsCheck;
using FsCheck.Fluent;

namespace FiberLink.Chain.Tests.Transfers;

/// <summary>What holds for every transfer, reckoned here once more and in other ways.</summary>
public sealed class Whatever_is_ordered
{
    private static readonly Config Thousands = Config.QuickThrowOnFailure.WithMaxTest(4000);

    private static readonly Arbitrary<int> Seeds = Gen.Choose(int.MinValue, int.MaxValue).ToArbitrary();

    [Fact]
    public void Coins_and_tokens_are_neither_made_nor_lost() => Planned((scene, transfer) =>
    {
        var tx = transfer.Transaction;
        var spent = tx.Inputs.Select(i => scene.Cells.First(c => c.OutPoint == i.PreviousOutput)).ToList();
        Assert.Equal(spent, transfer.Spent);
        Assert.Equal(
            Sum(spent.Select(c => (BigInteger)c.Output.Capacity)),
            Sum(tx.Outputs.Select(o => (BigInteger)o.Capacity)) + (BigInteger)transfer.Fee);
        Assert.All(new[] { Scene.Token, Scene.OtherToken }, token => Assert.Equal(
            Sum(spent.Where(c => c.Output.Type == token).Select(c => (BigInteger)c.UdtAmount!.Value)),
            Sum(tx.Outputs.Zip(tx.OutputsData).Where(o => o.First.Type == token)
                .Select(o => new BigInteger(o.Second.Span, isUnsigned: true)))));
    });

    [Fact]
    public void The_fee_is_at_least_the_rate_of_the_real_size_and_at_most_the_cap() => Planned((scene, transfer) =>
    {
        var policy = scene.Order.Fee;
        var size = transfer.Transaction.ToMolecule().Length + 4;
        Assert.True((BigInteger)transfer.Fee * 1000 >= (BigInteger)policy.Rate * size);
        Assert.True(transfer.Fee <= policy.Cap);
    });

    /// <summary>Tokens and the room of their cells stay as they are; more for the fee comes out of the coins that come back.</summary>
    [Fact]
    public void What_takes_its_place_pays_everybody_the_same_from_the_same_cells() => Planned((scene, transfer) =>
    {
        var fee = new FeePolicy(scene.Order.Fee.Rate, ulong.MaxValue);
        if (FeeBump.Of(transfer.Transaction, transfer.Spent, Scene.Wallet, fee) is not { } more)
        {
            return;
        }

        var (before, after) = (transfer.Transaction, more.Transaction);
        Assert.Null(more.Objection());
        Assert.Equal(before.Inputs, after.Inputs);
        Assert.Equal(before.OutputsData, after.OutputsData);
        Assert.Equal(before.Outputs[..^1], after.Outputs[..^1]);
        Assert.Equal(before.Outputs[^1] with { Capacity = after.Outputs[^1].Capacity }, after.Outputs[^1]);
        Assert.Null(after.Outputs[^1].Type);
        Assert.True(more.Fee > transfer.Fee);
    });

    [Fact]
    public void No_cell_is_spent_twice_or_that_is_reserved_or_not_the_wallets_or_of_another_kind() => Planned((scene, transfer) =>
    {
        Assert.Equal(transfer.Spent.Length, transfer.Spent.Select(c => c.OutPoint).Distinct().Count());
        Assert.InRange(transfer.Spent.Length, 1, scene.Order.InputsMax);
        Assert.All(transfer.Spent, c =>
        {
            Assert.DoesNotContain(c.OutPoint, scene.Reserved);
            Assert.Equal(Scene.Wallet, c.Output.Lock);
            Assert.True(c.Output.Type is null
                ? c.Data.Length == 0
                : c.UdtAmount > 0 && scene.Order.Payments.Any(p => p.Udt == c.Output.Type));
        });
    });

    [Fact]
    public void Everybody_gets_what_was_ordered_and_the_wallet_the_rest() => Planned((scene, transfer) =>
    {
        var tx = transfer.Transaction;
        foreach (var (i, payment) in scene.Order.Payments.Index())
        {
            Assert.Equal((payment.Recipient, payment.Udt), (tx.Outputs[i].Lock, tx.Outputs[i].Type));
            Assert.Equal(
                payment.Amount,
                payment.Udt is null ? tx.Outputs[i].Capacity : (UInt128)new BigInteger(tx.OutputsData[i].Span, isUnsigned: true));
        }

        Assert.All(transfer.Change, c => Assert.Equal(Scene.Wallet, c.Lock));
        Assert.Equal(transfer.Change.Length, transfer.Change.Select(c => c.Type).Distinct().Count());
    });

    [Fact]
    public void Every_cell_that_is_made_has_room_for_itself() => Planned((_, transfer) =>
    {
        var tx = transfer.Transaction;
        Assert.Equal(tx.Outputs.Length, tx.OutputsData.Length);
        Assert.All(tx.Outputs.Zip(tx.OutputsData), o =>
        {
            var scripts = new[] { o.First.Lock, o.First.Type }.OfType<Script>();
            var bytes = 8 + o.Second.Length + scripts.Sum(s => 33 + s.Args.Length);
            Assert.True(o.First.Capacity >= (ulong)bytes * 100_000_000);
        });
    });

    [Fact]
    public void The_order_in_which_cells_are_told_changes_nothing_and_a_signer_has_no_objection() => Planned((scene, transfer) =>
    {
        var again = Assert.IsType<TransferPlan.Planned>((scene with { Cells = [.. scene.Cells.Reverse()] }).Plan());
        Assert.Equal(transfer.Transaction, again.Transfer.Transaction);
        Assert.Null(transfer.Objection());
    });

    [Fact]
    public void A_signature_does_not_change_the_size_or_the_hash() => Planned((_, transfer) =>
    {
        using var key = SigningKey.Generate();
        var signature = key.Sign(Sighash.Digest(transfer.Transaction, [.. Enumerable.Range(0, transfer.Spent.Length)]).ToBytes());
        var signed = Sighash.WithSignature(transfer.Transaction, 0, signature);
        Assert.Equal((transfer.Transaction.SizeInBlock, transfer.Transaction.Hash()), (signed.SizeInBlock, signed.Hash()));
        Assert.Equal(signature, Sighash.SignatureAt(signed, 0));
    }, 300);

    [Fact]
    public void What_is_refused_for_want_of_coins_cannot_be_done_with_any_of_the_cells() =>
        Check.One(Thousands, Prop.ForAll(Seeds, seed =>
        {
            var scene = Scene.Any(seed);
            var payments = scene.Order.Payments.Where(p => p.Udt is null);
            scene = scene with { Order = scene.Order with { Payments = [.. payments], InputsMax = 99 } };
            if (scene.Plan() is not TransferPlan.Refused { Reason: TransferRefusal.NotEnough or TransferRefusal.DustChange } refused)
            {
                return;
            }

            var coins = scene.Cells.DistinctBy(c => c.OutPoint)
                .Where(c => c.Output.Lock == Scene.Wallet && c.Output.Type is null && c.Data.Length == 0)
                .Where(c => !scene.Reserved.Contains(c.OutPoint)).ToList();
            for (var subset = 1; subset < 1 << coins.Count; subset++)
            {
                var chosen = coins.Where((_, i) => ((subset >> i) & 1) != 0).ToList();
                Assert.False(CanPay(scene.Order, chosen), $"{refused.Reason}, but {chosen.Count} cells would do.");
            }
        }));

    [Fact]
    public void Each_reason_to_refuse_comes_up_among_all_these()
    {
        var reasons = Enumerable.Range(0, 3000).Select(seed => (Scene.Any(seed).Plan() as TransferPlan.Refused)?.Reason).ToHashSet();

        Assert.Equal(Enum.GetValues<TransferRefusal>().Length + 1, reasons.Count);
    }

    /// <summary>Whether these cells, all of them, can pay: with change, or with what is left as fee.</summary>
    private static bool CanPay(TransferOrder order, List<Cell> chosen)
    {
        var paid = order.Payments.Select(p => new CellOutput((ulong)p.Amount, p.Recipient, Type: null)).ToList();
        var rest = Sum(chosen.Select(c => (BigInteger)c.Output.Capacity)) - Sum(paid.Select(o => (BigInteger)o.Capacity));
        var (plain, withChange) = (FeeOf(paid), FeeOf([.. paid, new(0, Scene.Wallet, Type: null)]));
        return (rest >= plain && rest <= order.Fee.Cap)
            || (rest >= withChange + ((BigInteger)61 * Scene.Coin) && withChange <= order.Fee.Cap);

        BigInteger FeeOf(List<CellOutput> outputs)
        {
            var tx = new Transaction
            {
                CellDeps = Scene.Chain.Sighash.CellDeps,
                Inputs = [.. chosen.Select(c => new CellInput(c.OutPoint))],
                Outputs = [.. outputs],
                OutputsData = [.. outputs.Select(_ => ByteString.Empty)],
                Witnesses = [ByteString.From(new byte[85]), .. chosen.Skip(1).Select(_ => ByteString.Empty)],
            };
            return (((BigInteger)order.Fee.Rate * (tx.ToMolecule().Length + 4)) + 999) / 1000;
        }
    }

    private static void Planned(Action<Scene, UnsignedTransfer> holds, int count = 4000)
    {
        var planned = 0;
        Check.One(Thousands.WithMaxTest(count), Prop.ForAll(Seeds, seed =>
        {
            var scene = Scene.Any(seed);
            if (scene.Plan() is TransferPlan.Planned plan)
            {
                planned++;
                holds(scene, plan.Transfer);
            }
        }));
        Assert.True(planned > count / 5, $"Only {planned} of {count} could be planned.");
    }

    private static BigInteger Sum(IEnumerable<BigInteger> numbers) => numbers.Aggregate(BigInteger.Zero, BigInteger.Add);
}
