using System.Runtime.Versioning;
using FiberLink.Chain.Signing;
using FiberLink.Chain.Transactions;
using FiberLink.Chain.Transfers;

namespace FiberLink.Chain.Tests.Signing;

/// <summary>Another transaction is signed over cells that are signed for only when it pays the same people the same.</summary>
[SupportedOSPlatform("linux")]
public sealed class Paying_more_for_what_was_signed : IAsyncDisposable
{
    private const ulong Coin = SignerScene.Coin;

    private readonly SignerScene _scene = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Fact]
    public async Task Is_signed_and_only_what_is_added_counts_towards_the_hour()
    {
        await _scene.StartAsync(Ct);
        var first = _scene.Leaving(1, 1000 * Coin - 100_000);
        await _scene.AgreedAsync(first, Ct);
        var second = More(first);
        await _scene.AgreedAsync(second, Ct);
        var third = More(second);
        await _scene.AgreedAsync(third, Ct);

        Assert.Equal(1000 * Coin - 100_000 + (third.Fee - first.Fee), await _scene.UsedAsync(Ct));

        // It is the same after a restart, and each of them is signed again as often as it is asked for.
        await _scene.RestartAsync(Ct);
        Assert.Equal(1000 * Coin - 100_000 + (third.Fee - first.Fee), await _scene.UsedAsync(Ct));
        await _scene.AgreedAsync(first, Ct);
        await _scene.AgreedAsync(More(third), Ct);
    }

    [Fact]
    public async Task Of_a_token_is_signed_too_and_neither_it_nor_the_room_of_its_cell_counts_again()
    {
        await _scene.StartAsync(Ct);
        var first = _scene.Transfer(1, 500, SignerScene.Token);
        await _scene.AgreedAsync(first, Ct);
        var more = More(first);
        await _scene.AgreedAsync(more, Ct);

        Assert.Equal((UInt128)500, await _scene.UsedAsync(Ct, "RUSD"));
        Assert.Equal((142 * Coin) + more.Fee, await _scene.UsedAsync(Ct));
        Assert.True(more.Fee > first.Fee);
    }

    [Fact]
    public async Task Keeps_to_the_limit_of_one_transaction_and_to_the_cap_of_fees()
    {
        await _scene.StartAsync(Ct);
        var first = _scene.Leaving(1, 1000 * Coin);
        await _scene.AgreedAsync(first, Ct);

        Assert.Equal(SigningRefusal.AboveTransactionLimit, (await _scene.RefusedAsync(More(first), Ct)).Reason);
        var second = _scene.Leaving(2, 100 * Coin);
        await _scene.AgreedAsync(second, Ct);
        Assert.Equal(SigningRefusal.FeeAboveCap, (await _scene.RefusedAsync(More(second, rate: 3_000_000), Ct)).Reason);
    }

    [Theory]
    [InlineData("another amount")]
    [InlineData("another recipient")]
    [InlineData("another cell beside")]
    public async Task Is_refused_with(string what)
    {
        await _scene.StartAsync(Ct);
        var first = _scene.Transfer(1, 600 * Coin);
        await _scene.AgreedAsync(first, Ct);
        var more = More(first);
        var paid = more.Transaction.Outputs[0];
        var other = what switch
        {
            "another amount" => Paying(more, paid with { Capacity = paid.Capacity - 1 }),
            "another recipient" => Paying(more, paid with { Lock = new RandomChain(77).Sighash(SignerScene.Chain) }),
            _ => WithAnotherCell(more),
        };

        Assert.Equal(SigningRefusal.InputsSignedFor, (await _scene.RefusedAsync(other, Ct)).Reason);
        Assert.Equal(first.Fee + (600 * Coin), await _scene.UsedAsync(Ct));
        await _scene.AgreedAsync(more, Ct);
    }

    private UnsignedTransfer More(UnsignedTransfer transfer, ulong rate = 1_000) => Assert.IsType<UnsignedTransfer>(
        FeeBump.Of(transfer.Transaction, transfer.Spent, _scene.Own, new(rate, 100 * Coin)));

    private static UnsignedTransfer Paying(UnsignedTransfer transfer, CellOutput output) => transfer with
    {
        Transaction = transfer.Transaction with { Outputs = transfer.Transaction.Outputs.SetItem(0, output) },
        Payments = [new(output.Lock, null, output.Capacity)],
    };

    private static UnsignedTransfer WithAnotherCell(UnsignedTransfer transfer)
    {
        var (transaction, cell) = (transfer.Transaction, transfer.Spent[0] with { OutPoint = new(new RandomChain(99).Hash(), 0) });
        var change = transaction.Outputs[^1];
        return transfer with
        {
            Transaction = transaction with
            {
                Inputs = transaction.Inputs.Add(new(cell.OutPoint)),
                Outputs = transaction.Outputs.SetItem(
                    transaction.Outputs.Length - 1, change with { Capacity = change.Capacity + cell.Output.Capacity }),
                Witnesses = transaction.Witnesses.Add(ByteString.Empty),
            },
            Spent = transfer.Spent.Add(cell),
        };
    }
}
