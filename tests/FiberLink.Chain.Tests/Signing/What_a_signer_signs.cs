using System.Runtime.Versioning;
using FiberLink.Chain.Signing;
using FiberLink.Chain.Transactions;
using FiberLink.Chain.Transfers;

namespace FiberLink.Chain.Tests.Signing;

[SupportedOSPlatform("linux")]
public sealed class What_a_signer_signs
{
    private const ulong Coin = SignerScene.Coin;

    private static readonly Script Stranger = new RandomChain(77).Sighash(SignerScene.Chain);

    private static readonly CellDep OtherDep = new(new RandomChain(78).OutPoint(), CellDepType.Code);

    // What is changed of a transfer of coins and a token that would be signed, and why it is refused then. The description of its cells
    // fits each time.
    private static readonly (string Change, SigningRefusal Reason, Func<UnsignedTransfer, UnsignedTransfer> Changed)[] Table =
    [
        ("version", SigningRefusal.ShapeNotAllowed, t => With(t, x => x with { Version = 1 })),
        ("no inputs", SigningRefusal.ShapeNotAllowed, t => With(t, x => x with { Inputs = [] }) with { Spent = [] }),
        ("no outputs", SigningRefusal.ShapeNotAllowed, t => With(t, x => x with { Outputs = [], OutputsData = [] })),
        ("a cell twice", SigningRefusal.ShapeNotAllowed, t => WithInput(t, t.Spent[0])),
        ("since", SigningRefusal.SinceNotAllowed, t => With(t, x => x with
        {
            Inputs = x.Inputs.SetItem(1, x.Inputs[1] with { Since = 1 }),
        })),
        ("a header", SigningRefusal.HeaderDepsNotAllowed, t => With(t, x => x with { HeaderDeps = [new RandomChain(79).Hash()] })),
        ("other code", SigningRefusal.CellDepNotListed, t => With(t, x => x with { CellDeps = x.CellDeps.Add(OtherDep) })),
        ("code as a group", SigningRefusal.CellDepNotListed, t => With(t, x => x with
        {
            CellDeps = [.. x.CellDeps.Select(d => d with { DepType = CellDepType.Code })],
        })),
        ("one more witness", SigningRefusal.WitnessNotAllowed, t => With(t, x => x with { Witnesses = x.Witnesses.Add(ByteString.Empty) })),
        ("a witness with content", SigningRefusal.WitnessNotAllowed, t => With(t, x => x with
        {
            Witnesses = x.Witnesses.SetItem(1, ByteString.From(1)),
        })),
        ("a witness with more", SigningRefusal.WitnessNotAllowed, t => With(t, x => x with
        {
            Witnesses = x.Witnesses.SetItem(0, new WitnessArgs(Sighash.EmptyLock, OutputType: ByteString.From(1)).ToWitness()),
        })),
        ("data with coins", SigningRefusal.OutputNotAllowed, t => With(t, x => x with
        {
            OutputsData = x.OutputsData.SetItem(Last(x), ByteString.From(1)),
        })),
        ("more data with a token", SigningRefusal.OutputNotAllowed, t => With(t, x => x with
        {
            OutputsData = x.OutputsData.SetItem(0, ByteString.From([.. x.OutputsData[0].Span, 0])),
        })),
        ("too little capacity", SigningRefusal.OutputNotAllowed, t => WithOutput(t, 0, o => o with { Capacity = 142 * Coin - 1 })),
        ("another type", SigningRefusal.TokenNotListed, t => WithOutput(t, 0, o => o with { Type = Transfers.Scene.OtherToken })),
        ("more of the token", SigningRefusal.TokensNotConserved, t => With(t, x => x with
        {
            OutputsData = x.OutputsData.SetItem(0, Cell.UdtData(301)),
        })),
        ("less of the token", SigningRefusal.TokensNotConserved, t => With(t, x => x with
        {
            OutputsData = x.OutputsData.SetItem(0, Cell.UdtData(299)),
        })),
        ("change to a stranger", SigningRefusal.AboveTransactionLimit, t => WithOutput(t, ^1, o => o with { Lock = Stranger })),
        ("no change", SigningRefusal.FeeAboveCap, t => With(t, x => x with
        {
            Outputs = x.Outputs.RemoveAt(Last(x)), OutputsData = x.OutputsData.RemoveAt(Last(x)),
        })),
        ("less change", SigningRefusal.FeeAboveCap, t => WithOutput(t, ^1, o => o with { Capacity = o.Capacity - Coin })),
        ("more change than there is", SigningRefusal.MoreOutThanIn, t => WithOutput(t, ^1, o => o with { Capacity = o.Capacity + Coin })),
        ("a stranger's cell", SigningRefusal.NotOurCells, t => WithInput(t, Coins(c => c with { Lock = Stranger }))),
        ("a cell with data", SigningRefusal.InputNotAllowed, t => WithInput(t, Coins(c => c) with { Data = ByteString.From(1) })),
        ("a cell of another token", SigningRefusal.TokenNotListed, t => WithInput(t, Coins(c => c with
        {
            Type = Transfers.Scene.OtherToken,
        }))),
    ];

    // Stands for the lock of a key that is only known when the signer is there.
    private static readonly Script PlaceOfOwn = new RandomChain(76).Sighash(SignerScene.Chain);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Changes => [.. Table.Select(r => r.Change)];

    [Fact]
    public async Task Is_a_transfer_of_coins_and_listed_tokens()
    {
        await using var scene = await new SignerScene().StartAsync(Ct);

        await scene.AgreedAsync(scene.Transfer(1, 100 * Coin), Ct);
        await scene.AgreedAsync(scene.Transfer(2, 300, SignerScene.Token), Ct);
    }

    [Fact]
    public async Task Is_what_every_client_of_ours_can_use()
    {
        await using var scene = await new SignerScene().StartAsync(Ct);

        var signed = await TransferSigning.SignAsync(scene.Transfer(1, 100 * Coin), scene.Client, SignerScene.Chain, Ct);

        Assert.IsType<SignedTransfer.Ready>(signed);
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Is_nothing_else(string change)
    {
        var (_, reason, changed) = Table.Single(r => r.Change == change);
        await using var scene = await new SignerScene().StartAsync(Ct);
        var good = scene.Transfer(1, 300, SignerScene.Token);
        var bad = Owned(scene, changed(good));

        var refused = Assert.IsType<SigningAnswer.Refused>(
            await scene.AskBlindlyAsync(bad.Transaction, bad.Spent, DigestOrNone(bad.Transaction), Ct));

        Assert.True(reason == refused.Reason, $"{refused}");
        Assert.Contains($"refused reason={reason.Text()}", scene.Log, StringComparison.Ordinal);
        await scene.AgreedAsync(good, Ct);
    }

    [Fact]
    public async Task Is_not_what_goes_where_it_may_not()
    {
        await using var scene = new SignerScene();
        scene.Policy = scene.Policy with { DeniedDestinations = [SignerScene.Member], AllowedDestinations = [SignerScene.Member] };
        await scene.StartAsync(Ct);
        Assert.Equal(SigningRefusal.DestinationDenied, (await scene.RefusedAsync(scene.Transfer(1, 100 * Coin), Ct)).Reason);

        scene.Policy = scene.Policy with { DeniedDestinations = [], AllowedDestinations = [Stranger] };
        await scene.RestartAsync(Ct);
        Assert.Equal(SigningRefusal.DestinationNotAllowed, (await scene.RefusedAsync(scene.Transfer(1, 100 * Coin), Ct)).Reason);

        scene.Policy = scene.Policy with { AllowedDestinations = [SignerScene.Member] };
        await scene.RestartAsync(Ct);
        await scene.AgreedAsync(scene.Transfer(1, 100 * Coin), Ct);
    }

    [Fact]
    public async Task Is_not_what_has_more_inputs_than_are_allowed()
    {
        await using var scene = new SignerScene();
        scene.Policy = scene.Policy with { InputsMax = 1 };
        await scene.StartAsync(Ct);

        Assert.Equal(SigningRefusal.TooLarge, (await scene.RefusedAsync(scene.Transfer(1, 300, SignerScene.Token), Ct)).Reason);
    }

    [Fact]
    public async Task Is_not_what_is_reckoned_otherwise_or_for_another_chain()
    {
        await using var scene = await new SignerScene().StartAsync(Ct);
        var transfer = scene.Transfer(1, 100 * Coin);

        var otherDigest = await scene.AskBlindlyAsync(transfer.Transaction, transfer.Spent, new RandomChain(5).Hash(), Ct);
        var otherChain = await scene.AskBlindlyAsync(
            transfer.Transaction, transfer.Spent, SignerScene.DigestOf(transfer.Transaction), Ct, "ckb");
        var fewerCells = await scene.AskBlindlyAsync(transfer.Transaction, [], SignerScene.DigestOf(transfer.Transaction), Ct);

        Assert.Equal(
            [SigningRefusal.DigestMismatch, SigningRefusal.WrongNetwork, SigningRefusal.BadRequest],
            new[] { otherDigest, otherChain, fewerCells }.Select(a => Assert.IsType<SigningAnswer.Refused>(a).Reason));
        Assert.Equal(UInt128.Zero, await scene.UsedAsync(Ct));
    }

    [Fact]
    public void Is_refused_by_names_that_can_be_read_back() => Assert.All(
        Enum.GetValues<SigningRefusal>(),
        r =>
        {
            Assert.Matches("^[a-z]+(_[a-z]+)*$", r.Text());
            Assert.Equal(r, SigningRefusals.Parse(r.Text()));
            Assert.True(Enum.IsDefined(r.Advice()));
        });

    private static UnsignedTransfer With(UnsignedTransfer transfer, Func<Transaction, Transaction> change) =>
        transfer with { Transaction = change(transfer.Transaction) };

    private static UnsignedTransfer WithOutput(UnsignedTransfer transfer, Index index, Func<CellOutput, CellOutput> change)
    {
        var at = index.GetOffset(transfer.Transaction.Outputs.Length);
        return With(transfer, x => x with { Outputs = x.Outputs.SetItem(at, change(x.Outputs[at])) });
    }

    /// <summary>One more cell is spent, and its coins go to the change.</summary>
    private static UnsignedTransfer WithInput(UnsignedTransfer transfer, Cell cell) =>
        WithOutput(
            With(transfer, x => x with
            {
                Inputs = x.Inputs.Add(new(cell.OutPoint)), Witnesses = x.Witnesses.Add(ByteString.Empty),
            }) with { Spent = transfer.Spent.Add(cell) },
            ^1,
            o => o with { Capacity = o.Capacity + cell.Output.Capacity });

    private static Cell Coins(Func<CellOutput, CellOutput> change) =>
        new(new RandomChain(80).OutPoint(), change(new(500 * Coin, PlaceOfOwn, Type: null)), ByteString.Empty);

    private static UnsignedTransfer Owned(SignerScene scene, UnsignedTransfer transfer) => transfer with
    {
        Spent =
        [
            .. transfer.Spent.Select(
                c => c.Output.Lock == PlaceOfOwn ? c with { Output = c.Output with { Lock = scene.Own } } : c),
        ],
    };

    private static int Last(Transaction transaction) => transaction.Outputs.Length - 1;

    private static Bytes32 DigestOrNone(Transaction transaction) =>
        transaction.Inputs.IsEmpty || transaction.Witnesses[0].Length < RecoverableSignature.Length
            ? default
            : SignerScene.DigestOf(transaction);
}
