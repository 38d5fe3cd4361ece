using System.Runtime.Versioning;
using FiberLink.Chain.Signing;
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
    [InlineData("one cell less")]
    [InlineData("nothing")]
    public async Task Is_refused_with(string what)
    {
        await _scene.StartAsync(Ct);
        var first = _scene.Transfer(1, 6000 * Coin / 10);
        await _scene.AgreedAsync(first, Ct);
        var more = More(first);
        var outputs = more.Transaction.Outputs;
        var other = what switch
        {
            "another amount" => more with
            {
                Transaction = more.Transaction with { Outputs = outputs.SetItem(0, outputs[0] with { Capacity = outputs[0].Capacity + 1 }) },
                Payments = [more.Payments[0] with { Amount = more.Payments[0].Amount + 1 }],
            },
            "another recipient" => more with
            {
                Transaction = more.Transaction with { Outputs = outputs.SetItem(0, outputs[0] with { Lock = Stranger }) },
                Payments = [more.Payments[0] with { Recipient = Stranger }],
            },
            "nothing" => more with
            {
                Transaction = more.Transaction with { Outputs = outputs.RemoveAt(0), OutputsData = more.Transaction.OutputsData.RemoveAt(0) },
                Payments = [],
            },
            _ => WithAnotherCell(first),
        };

        var refused = await _scene.RefusedAsync(other, Ct);

        Assert.Contains(refused.Reason, new[] { SigningRefusal.InputsSignedFor, SigningRefusal.FeeAboveCap, SigningRefusal.AboveTransactionLimit });
        Assert.Equal(first.Fee + (600 * Coin), await _scene.UsedAsync(Ct));
    }

    private static Script Stranger { get; } = new RandomChain(77).Sighash(SignerScene.Chain);

    private UnsignedTransfer More(UnsignedTransfer transfer, ulong rate = 1_000) => Assert.IsType<UnsignedTransfer>(
        FeeBump.Of(transfer.Transaction, transfer.Spent, _scene.Own, new(rate, 100 * Coin)));

    // The same payment with a cell of the first one's and one that is nobody's yet.
    private UnsignedTransfer WithAnotherCell(UnsignedTransfer first)
    {
        var stranger = first.Spent[0] with { OutPoint = new(new RandomChain(99).Hash(), 0) };
        return SignerScene.Plan(
            new(_scene.Own, [new(SignerScene.Member, null, 6000 * Coin)], Transfers.Scene.Fee), [first.Spent[0], stranger]) is var both
            ? both with { Payments = both.Payments }
            : throw new InvalidOperationException();
    }
}
