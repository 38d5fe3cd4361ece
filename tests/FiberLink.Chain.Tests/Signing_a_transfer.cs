using FiberLink.Chain.Signing;
using FiberLink.Chain.Transactions;
using FiberLink.Chain.Transfers;

namespace FiberLink.Chain.Tests;

public sealed class Signing_a_transfer : IDisposable
{
    private static readonly ChainParameters Chain = ChainParameters.Testnet;

    private readonly SigningKey _key = SigningKey.Generate();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private KeySigner Signer => new(_key, Chain);

    public void Dispose() => _key.Dispose();

    [Fact]
    public async Task Gives_the_transaction_that_was_planned_with_a_signature_of_the_key()
    {
        var transfer = Transfer(3);

        var signed = Assert.IsType<SignedTransfer.Ready>(await TransferSigning.SignAsync(transfer, Signer, Chain, Ct)).Transaction;

        Assert.Equal(transfer.Transaction.Hash(), signed.Hash());
        Assert.Equal(transfer.Transaction.SizeInBlock, signed.SizeInBlock);
        Assert.Equal(signed, Transaction.FromMolecule(signed.ToMolecule()));
        var digest = Sighash.Digest(signed, [0, 1, 2]).ToBytes();
        Assert.True(Sighash.SignatureAt(signed, 0)!.Value.TryRecover(digest, out var signer));
        Assert.Equal(_key.PublicKey, signer);
    }

    [Fact]
    public void A_witness_that_is_changed_or_comes_in_changes_what_is_signed()
    {
        var random = new RandomChain(31);
        var tx = Transfer(2).Transaction;
        var digest = Sighash.Digest(tx, [0, 1]);

        Assert.NotEqual(digest, Sighash.Digest(tx with { Witnesses = tx.Witnesses.SetItem(1, random.Bytes(1)) }, [0, 1]));
        Assert.NotEqual(digest, Sighash.Digest(tx with { Witnesses = tx.Witnesses.Add(ByteString.Empty) }, [0, 1]));
        Assert.NotEqual(digest, Sighash.Digest(tx, [0]));
        Assert.Equal(digest, Sighash.Digest(Sighash.WithSignature(tx, 0, _key.Sign(new byte[32])), [0, 1]));
        Assert.Throws<ArgumentException>(() => Sighash.Digest(tx, []));
        Assert.Throws<ArgumentException>(() => Sighash.Digest(tx, [1]));
    }

    [Fact]
    public async Task A_signer_signs_no_digest_but_its_own()
    {
        var transfer = Transfer(1);

        Assert.Equal(SigningRefusal.DigestMismatch, await RefusalOf(transfer, new RandomChain(32).Hash()));
    }

    [Fact]
    public async Task A_signer_signs_nothing_that_is_not_what_it_is_said_to_be()
    {
        var transfer = Transfer(2);
        var (tx, spent) = (transfer.Transaction, transfer.Spent);
        var (change, stranger) = (tx.Outputs[1], new RandomChain(33).Sighash(Chain));
        UnsignedTransfer[] lies =
        [
            transfer with { Spent = [spent[0]] },
            transfer with { Spent = [spent[1], spent[0]] },
            transfer with { Spent = [.. spent.Select(c => c with { Output = c.Output with { Capacity = 1 } })] },
            transfer with { Payments = [] },
            transfer with { Payments = [transfer.Payments[0] with { Amount = 61 * Transfers.Scene.Coin }] },
            transfer with { Payments = [transfer.Payments[0] with { Recipient = stranger }] },
            WithChange(change with { Lock = stranger }),
            WithChange(change with { Type = Transfers.Scene.Token }),
            WithChange(change with { Capacity = 1 }),
            transfer with { Transaction = tx with { OutputsData = [ByteString.Empty] } },
            transfer with { Transaction = tx with { OutputsData = tx.OutputsData.SetItem(0, ByteString.From(1)) } },
            transfer with { Transaction = tx with { Inputs = [tx.Inputs[0], tx.Inputs[0]] }, Spent = [spent[0], spent[0]] },
        ];

        foreach (var (i, lie) in lies.Index())
        {
            var refusal = await RefusalOf(lie, Sighash.Digest(lie.Transaction, lie.InputsOf(Chain.LockOf(_key.PublicKey))));
            Assert.True(refusal == SigningRefusal.ShapeNotAllowed, $"{i}: {refusal}");
        }

        UnsignedTransfer WithChange(CellOutput output) =>
            transfer with { Transaction = tx with { Outputs = tx.Outputs.SetItem(1, output) } };
    }

    [Fact]
    public async Task Cells_of_another_key_are_not_signed_for()
    {
        using var other = SigningKey.Generate();
        var transfer = Transfer(2);

        Assert.Equal(
            SigningRefusal.NotOurCells,
            Assert.IsType<SignedTransfer.Refused>(
                await TransferSigning.SignAsync(transfer, new KeySigner(other, Chain), Chain, Ct)).Reason);
        var answer = await new KeySigner(other, Chain).SignAsync(new(default, transfer), Ct);
        Assert.Equal(SigningRefusal.NotOurCells, Assert.IsType<SigningAnswer.Refused>(answer).Reason);
    }

    [Fact]
    public async Task A_signature_that_is_not_the_keys_is_not_believed()
    {
        using var other = SigningKey.Generate();
        var liar = new Liar(_key.PublicKey, digest => other.Sign(digest));
        var hasty = new Liar(_key.PublicKey, _ => _key.Sign(new byte[32]));
        var honest = new Liar(_key.PublicKey, digest => _key.Sign(digest));

        Assert.IsType<SignedTransfer.Refused>(await TransferSigning.SignAsync(Transfer(1), liar, Chain, Ct));
        Assert.IsType<SignedTransfer.Refused>(await TransferSigning.SignAsync(Transfer(1), hasty, Chain, Ct));
        Assert.IsType<SignedTransfer.Ready>(await TransferSigning.SignAsync(Transfer(1), honest, Chain, Ct));
    }

    private async Task<SigningRefusal> RefusalOf(UnsignedTransfer transfer, Bytes32 digest) =>
        Assert.IsType<SigningAnswer.Refused>(await Signer.SignAsync(new(digest, transfer), Ct)).Reason;

    private UnsignedTransfer Transfer(int inputs)
    {
        var owner = Chain.LockOf(_key.PublicKey);
        var cells = Enumerable.Range(0, inputs).Select(i => Transfers.Scene.CoinCell((uint)i, 100 * Transfers.Scene.Coin))
            .Select(c => c with { Output = c.Output with { Lock = owner } });

        // With change, where there is enough for a cell of it.
        var amount = inputs == 1 ? 99_99999000 : (((ulong)inputs * 100) - 70) * Transfers.Scene.Coin;
        var order = new TransferOrder(owner, [new(Transfers.Scene.Member, Udt: null, amount)], Transfers.Scene.Fee);
        return Assert.IsType<TransferPlan.Planned>(TransferPlanner.Plan(order, cells, new HashSet<OutPoint>(), Chain)).Transfer;
    }

    private sealed class Liar(PublicKey key, Func<byte[], RecoverableSignature> sign) : ISigner
    {
        public PublicKey PublicKey => key;

        public Task<SigningAnswer> SignAsync(SigningRequest request, CancellationToken ct) =>
            Task.FromResult<SigningAnswer>(new SigningAnswer.Agreed(sign(request.Digest.ToBytes())));
    }
}
