namespace FiberLink.Chain.Signing;

/// <summary>
/// Signs in this process, with no limits of its own: for tests, for the sandbox, and as the inner part of a signer that has limits.
/// It signs nothing but what it has reckoned itself.
/// </summary>
public sealed class KeySigner(SigningKey key, ChainParameters chain) : ISigner
{
    public PublicKey PublicKey => key.PublicKey;

    public Task<SigningAnswer> SignAsync(SigningRequest request, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return Task.FromResult(Sign(request));
    }

    private SigningAnswer Sign(SigningRequest request)
    {
        var transfer = request.Transfer;
        if (transfer.Objection() is { } objection)
        {
            return new SigningAnswer.Refused(SigningRefusal.ShapeNotAllowed, objection);
        }

        var group = transfer.InputsOf(chain.LockOf(PublicKey));
        return group.Count == 0
            ? new SigningAnswer.Refused(SigningRefusal.NotOurCells, "No cell that is spent has this key's lock.")
            : Sighash.Digest(transfer.Transaction, group) != request.Digest
                ? new SigningAnswer.Refused(SigningRefusal.DigestMismatch, "The digest isn't that of the transaction.")
                : new SigningAnswer.Agreed(key.Sign(request.Digest.ToBytes()));
    }
}
