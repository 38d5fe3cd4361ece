using FiberLink.Chain.Transactions;
using FiberLink.Chain.Transfers;

namespace FiberLink.Chain.Signing;

/// <summary>What came of having a transfer signed.</summary>
public abstract record SignedTransfer
{
    private SignedTransfer()
    {
    }

    /// <summary>Ready to be kept, and then sent.</summary>
    public sealed record Ready(Transaction Transaction) : SignedTransfer;

    /// <summary>It is not signed.</summary>
    /// <param name="Reason">Why: decide by this, or by its <see cref="SigningRefusals.Advice"/>.</param>
    /// <param name="Detail">For people and logs; it holds no secret.</param>
    /// <param name="Figures">By how much, where the reason is a limit.</param>
    public sealed record Refused(SigningRefusal Reason, string Detail, SigningFigures? Figures = null) : SignedTransfer;
}

/// <summary>Has a transfer signed by whoever holds the wallet's key.</summary>
public static class TransferSigning
{
    /// <summary>Asks the signer, and believes the signature only when it leads back to the key.</summary>
    /// <param name="transfer">All its cells have the usual lock of the signer's key.</param>
    /// <param name="signer">Holds the key.</param>
    /// <param name="chain">Whose lock it is.</param>
    /// <param name="ct">The caller's own.</param>
    public static Task<SignedTransfer> SignAsync(
        UnsignedTransfer transfer, ISigner signer, ChainParameters chain, CancellationToken ct)
    {
        var group = transfer.InputsOf(chain.LockOf(signer.PublicKey));
        return group.Count != transfer.Spent.Length || group.Count == 0
            ? Task.FromResult<SignedTransfer>(new SignedTransfer.Refused(
                SigningRefusal.NotOurCells, "Not every cell that is spent has the lock of the signer's key."))
            : SignAsync(transfer, group, signer, ct);
    }

    /// <summary>As for a transfer, for our cells alone: the peer signs for its own, and the node puts the two together.</summary>
    /// <param name="funding">Over cells of the signer's key.</param>
    /// <param name="signer">Holds the key.</param>
    /// <param name="chain">Whose lock it is.</param>
    /// <param name="ct">The caller's own.</param>
    public static Task<SignedTransfer> SignAsync(
        ChannelFunding funding, ISigner signer, ChainParameters chain, CancellationToken ct)
    {
        var transfer = funding.ToTransfer();
        var group = transfer.InputsOf(chain.LockOf(signer.PublicKey));
        return group.SequenceEqual(funding.Own)
            ? SignAsync(transfer, group, signer, ct)
            : Task.FromResult<SignedTransfer>(new SignedTransfer.Refused(
                SigningRefusal.NotOurCells, "The cells that are to be ours have not the lock of the signer's key."));
    }

    private static async Task<SignedTransfer> SignAsync(
        UnsignedTransfer transfer, IReadOnlyList<int> group, ISigner signer, CancellationToken ct)
    {
        var digest = Sighash.Digest(transfer.Transaction, group);
        return await signer.SignAsync(new(digest, transfer), ct) switch
        {
            SigningAnswer.Refused refused => new SignedTransfer.Refused(refused.Reason, refused.Detail, refused.Figures),
            SigningAnswer.Agreed { Signature: var signature } when Leads(signature, digest, signer.PublicKey) =>
                new SignedTransfer.Ready(Sighash.WithSignature(transfer.Transaction, group[0], signature)),
            _ => new SignedTransfer.Refused(SigningRefusal.OtherKey, "The signer's signature doesn't lead back to its key."),
        };
    }

    private static bool Leads(RecoverableSignature signature, Bytes32 digest, PublicKey key) =>
        signature.IsLow && signature.TryRecover(digest.ToBytes(), out var found) && found == key;
}
