using FiberLink.Chain.Transactions;
using FiberLink.Chain.Transfers;

namespace FiberLink.Chain.Tests.Transfers;

public sealed class Planning_a_transfer
{
    private const ulong Coin = Scene.Coin;

    // One input, two outputs, one dependency: what most withdrawals are.
    private const ulong UsualFee = 464;

    [Fact]
    public void The_usual_withdrawal_costs_less_than_five_hundred_shannon()
    {
        var transfer = Planned(Scene.Of(100 * Coin, 1000 * Coin));

        Assert.Equal((UInt128)UsualFee, transfer.Fee);
        Assert.Equal(100 * Coin, transfer.Transaction.Outputs[0].Capacity);
        Assert.Equal((900 * Coin) - UsualFee, Assert.Single(transfer.Change).Capacity);
    }

    [Fact]
    public void Change_is_made_from_61_coins_on_and_one_shannon_less_takes_another_cell()
    {
        var just = Planned(Scene.Of(100 * Coin, (161 * Coin) + UsualFee, 61 * Coin));
        var less = Planned(Scene.Of(100 * Coin, (161 * Coin) + UsualFee - 1, 61 * Coin));

        Assert.Equal((1, 61 * Coin), (just.Spent.Length, just.Change[0].Capacity));
        Assert.Equal(2, less.Spent.Length);
        Assert.InRange(less.Change[0].Capacity, (122 * Coin) - 1000, 122 * Coin);
    }

    [Fact]
    public void What_is_too_little_for_a_cell_goes_to_the_fee_up_to_the_cap()
    {
        var cap = Scene.Fee.Cap;
        var within = Planned(Scene.Of(100 * Coin, (100 * Coin) + cap));
        var above = Scene.Of(100 * Coin, (100 * Coin) + cap + 1);

        Assert.Equal(((UInt128)cap, 0), (within.Fee, within.Change.Length));
        Assert.Equal(TransferRefusal.DustChange, Refused(above).Reason);
        Assert.Equal(2, Planned(above with { Cells = [.. above.Cells, Scene.CoinCell(9, 61 * Coin)] }).Spent.Length);
    }

    [Fact]
    public void A_recipient_who_gets_less_than_a_cell_needs_is_refused_with_the_least()
    {
        Assert.Contains("6100000000", Refused(Scene.Of((61 * Coin) - 1, 1000 * Coin)).Detail, StringComparison.Ordinal);
        Assert.Equal(TransferRefusal.BelowMinimum, Refused(Scene.Of((61 * Coin) - 1, 1000 * Coin)).Reason);
        Planned(Scene.Of(61 * Coin, 1000 * Coin));
    }

    [Fact]
    public void What_is_missing_is_said_and_would_have_been_enough()
    {
        var refused = Refused(Scene.Of(100 * Coin, 70 * Coin));
        Assert.Equal(TransferRefusal.NotEnough, refused.Reason);

        var enough = Scene.Of(100 * Coin, (70 * Coin) + (ulong)refused.Missing);
        Assert.Empty(Planned(enough).Change);
        Assert.Equal(
            TransferRefusal.NotEnough, Refused(Scene.Of(100 * Coin, (70 * Coin) + (ulong)refused.Missing - 1)).Reason);
    }

    [Fact]
    public void Reserved_cells_are_as_if_they_were_not_there()
    {
        var scene = Scene.Of(100 * Coin, 1000 * Coin, 500 * Coin);

        Assert.Equal(scene.Cells[1], Planned(scene with { Reserved = [scene.Cells[0].OutPoint] }).Spent.Single());
        Assert.Equal(TransferRefusal.NotEnough, Refused(scene with { Reserved = [.. scene.Cells.Select(c => c.OutPoint)] }).Reason);
    }

    [Fact]
    public void A_fee_above_its_cap_is_refused_and_more_cells_are_not_tried()
    {
        var scene = Scene.Of(100 * Coin, 1000 * Coin, 1000 * Coin);
        var dear = scene with { Order = scene.Order with { Fee = new(1000, UsualFee - 1) } };

        Assert.Equal(TransferRefusal.FeeAboveCap, Refused(dear).Reason);
        Assert.Equal((UInt128)UsualFee, Planned(scene with { Order = scene.Order with { Fee = new(1000, UsualFee) } }).Fee);
    }

    [Fact]
    public void More_cells_than_may_be_spent_are_refused_unless_all_would_not_do()
    {
        var scene = Scene.Of(250 * Coin, 100 * Coin, 100 * Coin, 100 * Coin, 100 * Coin);

        Assert.Equal(TransferRefusal.TooManyInputs, Refused(scene with { Order = scene.Order with { InputsMax = 2 } }).Reason);
        Assert.Equal(
            TransferRefusal.NotEnough,
            Refused(scene with { Order = scene.Order with { InputsMax = 2, Payments = [new(Scene.Member, null, 500 * Coin)] } }).Reason);
    }

    [Fact]
    public void A_token_takes_the_room_of_its_recipients_cell_and_of_its_change()
    {
        var scene = Tokens(30, Scene.TokenCell(0, 100), Scene.CoinCell(1, 1000 * Coin));

        var transfer = Planned(scene);

        Assert.Equal([Scene.Token, Scene.Token, null], transfer.Transaction.Outputs.Select(o => o.Type));
        Assert.Equal([Cell.UdtData(30), Cell.UdtData(70), ByteString.Empty], transfer.Transaction.OutputsData);
        Assert.Equal((142 * Coin, 142 * Coin), (transfer.Transaction.Outputs[0].Capacity, transfer.Transaction.Outputs[1].Capacity));
        Assert.Equal((UInt128)142 * Coin, transfer.CapacityWithTokens);
        Assert.Equal(2, transfer.Transaction.CellDeps.Length);
    }

    [Fact]
    public void Coins_too_few_for_a_cell_stay_with_a_tokens_change()
    {
        var transfer = Planned(Tokens(30, Scene.TokenCell(0, 100), Scene.CoinCell(1, 180 * Coin)));

        Assert.Equal(Scene.Token, Assert.Single(transfer.Change).Type);
        Assert.Equal((180 * Coin) - transfer.Fee, transfer.Change[0].Capacity);
        Assert.InRange(transfer.Fee, (UInt128)1, (UInt128)1000);
    }

    [Fact]
    public void A_token_paid_whole_has_no_change_and_one_that_is_short_is_named()
    {
        Assert.DoesNotContain(Planned(Tokens(100, Scene.TokenCell(0, 100), Scene.CoinCell(1, 300 * Coin))).Change, c => c.Type is not null);

        var refused = Refused(Tokens(130, Scene.TokenCell(0, 100), Scene.CoinCell(1, 1000 * Coin)));
        Assert.Equal((TransferRefusal.NotEnough, Scene.Token, (UInt128)30), (refused.Reason, refused.Udt, refused.Missing));
    }

    [Fact]
    public void Many_are_paid_at_once()
    {
        var scene = Scene.Of(61 * Coin, 100_000 * Coin);
        var payments = Enumerable.Range(0, 200).Select(i => new Payment(Scene.Member, Udt: null, (ulong)(61 + i) * Coin));

        var transfer = Planned(scene with { Order = scene.Order with { Payments = [.. payments] } });

        Assert.Equal(201, transfer.Transaction.Outputs.Length);
        Assert.Single(transfer.Spent);
    }

    [Fact]
    public void An_order_that_makes_no_sense_is_refused()
    {
        var scene = Scene.Of(100 * Coin, 1000 * Coin);

        Bad(scene.Order with { Payments = [] });
        Bad(scene.Order with { InputsMax = 0 });
        Bad(scene.Order with { Wallet = new RandomChain(9).Script() });
        Bad(scene.Order with { Payments = [new(Scene.Member, null, 0)] });
        Bad(scene.Order with { Payments = [new(Scene.Member, null, (UInt128)ulong.MaxValue + 1)] });
        Bad(scene.Order with { Payments = [new(Scene.Member, Scene.Token, 0)] });
        Bad(scene.Order with { Payments = [new(Scene.Member, new RandomChain(9).Script(), 1)] });
        Bad(scene.Order with { Payments = [new(Scene.Member, Scene.Token, UInt128.MaxValue), new(Scene.Member, Scene.Token, 1)] });

        void Bad(TransferOrder order) => Assert.Equal(TransferRefusal.BadOrder, Refused(scene with { Order = order }).Reason);
    }

    private static Scene Tokens(UInt128 amount, params Cell[] cells) =>
        new(new(Scene.Wallet, [new(Scene.Member, Scene.Token, amount)], Scene.Fee), cells, []);

    private static UnsignedTransfer Planned(Scene scene) => Assert.IsType<TransferPlan.Planned>(scene.Plan()).Transfer;

    private static TransferPlan.Refused Refused(Scene scene) => Assert.IsType<TransferPlan.Refused>(scene.Plan());
}
