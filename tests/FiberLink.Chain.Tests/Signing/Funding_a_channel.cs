using System.Collections.Immutable;
using System.Runtime.Versioning;
using FiberLink.Chain.Signing;
using FiberLink.Chain.Transactions;
using FiberLink.Chain.Transfers;

namespace FiberLink.Chain.Tests.Signing;

/// <summary>
/// A node has made the transaction, and a peer takes part in it. It is signed where the signer is set up for it, within its limits, and
/// only when all that is ours goes into the channel or comes back.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class Funding_a_channel : IAsyncDisposable
{
    private const ulong Coin = SignerScene.Coin;
    private const ulong OurFee = 1_000;
    private const ulong PeersFee = 500;

    private static readonly ByteString Place = new WitnessArgs(Sighash.EmptyLock).ToWitness();

    private readonly SignerScene _scene = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Changes =>
    [
        "change to another", "peer takes more than it gives", "second channel", "token beside", "data beside", "longer lock", "wait",
        "header", "unknown code", "witness", "too big a fee", "too much", "no cell of ours", "a cell twice",
    ];

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Fact]
    public async Task Is_signed_for_our_cells_alone_and_counts_as_what_leaves()
    {
        await StartAsync(fundsChannels: true);
        var (transaction, cells) = Funding(1, 500 * Coin);

        var signed = Assert.IsType<SignedTransfer.Ready>(
            await TransferSigning.SignAsync(Read(transaction, cells), _scene.Client, SignerScene.Chain, Ct));

        Assert.Equal(transaction.Hash(), signed.Transaction.Hash());
        Assert.True(Sighash.SignatureAt(signed.Transaction, 0)!.Value.TryRecover(
            Sighash.Digest(signed.Transaction, [0, 1]).ToBytes(), out var key));
        Assert.Equal(_scene.Key.PublicKey, key);
        Assert.Equal(Place, signed.Transaction.Witnesses[2]);
        Assert.Equal((500 * Coin) + OurFee, await _scene.UsedAsync(Ct));
    }

    [Fact]
    public async Task Is_refused_by_a_signer_that_is_not_set_up_for_it()
    {
        await StartAsync(fundsChannels: false);
        var (transaction, cells) = Funding(1, 500 * Coin);

        var refused = Assert.IsType<SignedTransfer.Refused>(
            await TransferSigning.SignAsync(Read(transaction, cells), _scene.Client, SignerScene.Chain, Ct));

        Assert.Equal(SigningRefusal.ShapeNotAllowed, refused.Reason);
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Is_refused_by_whoever_looks_and_by_the_signer_with(string change)
    {
        await StartAsync(fundsChannels: true);
        var (transaction, cells) = Changed(change, Funding(1, 500 * Coin));

        if (change is not ("too big a fee" or "too much" or "unknown code" or "witness"))
        {
            Assert.NotNull(ChannelFunding.Read(transaction, cells, _scene.Own, SignerScene.Chain).Objection);
        }

        IReadOnlyList<int> own = [.. Enumerable.Range(0, cells.Length).Where(i => cells[i].Output.Lock == _scene.Own)];
        var digest = own.Count == 0 ? default : Sighash.Digest(transaction, own);
        Assert.IsType<SigningAnswer.Refused>(await _scene.AskBlindlyAsync(transaction, cells, digest, Ct));
        Assert.Equal((UInt128)0, await _scene.UsedAsync(Ct));
    }

    [Fact]
    public async Task Is_refused_in_any_place_but_the_first()
    {
        await StartAsync(fundsChannels: true);
        var transfer = _scene.Transfer(1, 100 * Coin);
        var outputs = transfer.Transaction.Outputs;
        var channel = outputs[1] with { Lock = SignerScene.Chain.Funding.With(new RandomChain(9).Bytes(20)) };
        var hidden = transfer.Transaction with { Outputs = outputs.SetItem(1, channel) };

        var answer = await _scene.AskBlindlyAsync(hidden, transfer.Spent, Sighash.Digest(hidden, [0, 1]), Ct);

        Assert.Equal(SigningRefusal.OutputNotAllowed, Assert.IsType<SigningAnswer.Refused>(answer).Reason);
    }

    [Fact]
    public async Task Is_not_asked_for_when_other_cells_are_ours_than_was_found()
    {
        await StartAsync(fundsChannels: true);
        var (transaction, cells) = Funding(1, 500 * Coin);

        var refused = Assert.IsType<SignedTransfer.Refused>(await TransferSigning.SignAsync(
            Read(transaction, cells) with { Own = [0] }, _scene.Client, SignerScene.Chain, Ct));

        Assert.Equal(SigningRefusal.NotOurCells, refused.Reason);
    }

    /// <summary>The node may have let the channel go: the cells are not kept from their way home.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Leaves_the_way_home_open_where_channels_are_funded_at_all(bool fundsChannels)
    {
        await StartAsync(fundsChannels);
        var transfer = _scene.Transfer(1, 500 * Coin);
        await _scene.AgreedAsync(transfer, Ct);
        var home = transfer.Transaction with
        {
            Outputs = [new(transfer.Spent.Aggregate(0UL, (sum, c) => sum + c.Output.Capacity) - OurFee, _scene.Own, null)],
            OutputsData = [ByteString.Empty],
        };

        var answer = await _scene.AskAsync(new(home, transfer.Spent, []), Ct);

        Assert.Equal(fundsChannels, answer is SigningAnswer.Agreed);
        Assert.Equal(fundsChannels ? null : SigningRefusal.InputsSignedFor, (answer as SigningAnswer.Refused)?.Reason);
    }

    /// <summary>The node may have let the first channel go, and the peer offers the cell that it had set aside for it.</summary>
    [Fact]
    public async Task Keeps_our_cells_for_what_was_signed_and_no_cell_of_the_peers()
    {
        await StartAsync(fundsChannels: true);
        var (first, second) = (Funding(1, 500 * Coin), Funding(2, 500 * Coin));
        Assert.IsType<SignedTransfer.Ready>(await SignAsync(first));

        Assert.IsType<SignedTransfer.Ready>(await SignAsync(second, peersOf: first));
        Assert.Equal(
            SigningRefusal.InputsSignedFor,
            Assert.IsType<SignedTransfer.Refused>(await SignAsync(first, peersOf: Funding(3, 500 * Coin))).Reason);
    }

    private Task<SignedTransfer> SignAsync(
        (Transaction Transaction, ImmutableArray<Cell> Cells) funding,
        (Transaction Transaction, ImmutableArray<Cell> Cells)? peersOf = null)
    {
        var (transaction, cells) = funding;
        if (peersOf is { } other)
        {
            transaction = transaction with { Inputs = transaction.Inputs.SetItem(2, other.Transaction.Inputs[2]) };
            cells = cells.SetItem(2, other.Cells[2]);
        }

        return TransferSigning.SignAsync(Read(transaction, cells), _scene.Client, SignerScene.Chain, Ct);
    }

    private async Task StartAsync(bool fundsChannels)
    {
        _scene.Policy = _scene.Policy with { FundsChannels = fundsChannels };
        await _scene.StartAsync(Ct);
    }

    private ChannelFunding Read(Transaction transaction, ImmutableArray<Cell> cells)
    {
        var (funding, objection) = ChannelFunding.Read(transaction, cells, _scene.Own, SignerScene.Chain);
        Assert.Null(objection);
        Assert.Equal((500 * Coin) + OurFee, funding!.Leaving);
        Assert.Equal(599 * Coin, funding.Capacity);
        Assert.Equal(OurFee + PeersFee, funding.Fee);
        return funding;
    }

    /// <summary>Two cells of ours, one of the peer's, who adds 99 CKB; both get change.</summary>
    private (Transaction Transaction, ImmutableArray<Cell> Cells) Funding(int number, ulong amount)
    {
        var chain = SignerScene.Chain;
        Cell CellOf(uint index, ulong capacity, Script owner) =>
            new(new(new RandomChain(number).Hash(), index), new(capacity, owner, null), ByteString.Empty);
        ImmutableArray<Cell> cells =
        [
            CellOf(0, 400 * Coin, _scene.Own), CellOf(1, 400 * Coin, _scene.Own), CellOf(2, 300 * Coin, SignerScene.Member),
        ];
        return (
            new Transaction
            {
                CellDeps = chain.Sighash.CellDeps,
                Inputs = [.. cells.Select(c => new CellInput(c.OutPoint))],
                Outputs =
                [
                    new(amount + (99 * Coin), chain.Funding.With(new RandomChain(9).Bytes(20)), null),
                    new((800 * Coin) - amount - OurFee, _scene.Own, null),
                    new((201 * Coin) - PeersFee, SignerScene.Member, null),
                ],
                OutputsData = [ByteString.Empty, ByteString.Empty, ByteString.Empty],
                Witnesses = [Place, ByteString.Empty, Place],
            },
            cells);
    }

    private static (Transaction Transaction, ImmutableArray<Cell> Cells) Changed(
        string change, (Transaction Transaction, ImmutableArray<Cell> Cells) funding)
    {
        var (transaction, cells) = funding;
        var outputs = transaction.Outputs;
        Transaction With(int output, CellOutput made) => transaction with { Outputs = outputs.SetItem(output, made) };
        Transaction Shift(int from, int to, ulong units) => transaction with
        {
            Outputs = outputs
                .SetItem(from, outputs[from] with { Capacity = outputs[from].Capacity - units })
                .SetItem(to, outputs[to] with { Capacity = outputs[to].Capacity + units }),
        };
        return change switch
        {
            "change to another" => (With(1, outputs[1] with { Lock = new RandomChain(4).Sighash(SignerScene.Chain) }), cells),
            "peer takes more than it gives" => (Shift(1, 2, 150 * Coin), cells),
            "second channel" => (With(1, outputs[1] with { Lock = outputs[0].Lock }), cells),
            "token beside" => (With(1, outputs[1] with { Type = SignerScene.Token }), cells),
            "data beside" => (
                transaction with { OutputsData = transaction.OutputsData.SetItem(1, new RandomChain(5).Bytes(16)) }, cells),
            "longer lock" => (
                With(0, outputs[0] with { Lock = SignerScene.Chain.Funding.With(new RandomChain(9).Bytes(32)) }), cells),
            "wait" => (transaction with { Inputs = transaction.Inputs.SetItem(0, transaction.Inputs[0] with { Since = 1 }) }, cells),
            "header" => (transaction with { HeaderDeps = [new RandomChain(6).Hash()] }, cells),
            "unknown code" => (
                transaction with { CellDeps = [new(new(new RandomChain(7).Hash(), 0), CellDepType.Code)] }, cells),
            "witness" => (transaction with { Witnesses = transaction.Witnesses.SetItem(1, new RandomChain(8).Bytes(9)) }, cells),
            "too big a fee" => (With(1, outputs[1] with { Capacity = outputs[1].Capacity - (Coin / 100) }), cells),
            "too much" => (Shift(1, 0, 238 * Coin) is var more ? more with
            {
                Inputs = [.. more.Inputs, new(new(new RandomChain(11).Hash(), 0))],
                Outputs = more.Outputs.SetItem(0, more.Outputs[0] with { Capacity = more.Outputs[0].Capacity + (900 * Coin) }),
                Witnesses = [.. more.Witnesses, ByteString.Empty],
            }
            : more, [.. cells, new(new(new RandomChain(11).Hash(), 0), new(900 * Coin, cells[0].Output.Lock, null), ByteString.Empty)]),
            "no cell of ours" => (transaction, [.. cells.Select(c => c with { Output = c.Output with { Lock = SignerScene.Member } })]),
            "a cell twice" => (
                transaction with { Inputs = transaction.Inputs.SetItem(1, transaction.Inputs[0]) }, cells.SetItem(1, cells[0])),
            _ => throw new ArgumentOutOfRangeException(nameof(change)),
        };
    }
}
