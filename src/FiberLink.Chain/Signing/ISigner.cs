using FiberLink.Chain.Transfers;

namespace FiberLink.Chain.Signing;

/// <summary>
/// Holds a key, and signs with it what it agrees to. It may live in another process, so asking it takes time and can fail; whoever asks
/// never sees the key.
/// </summary>
public interface ISigner
{
    /// <summary>The key's public half.</summary>
    PublicKey PublicKey { get; }

    /// <summary>Asks for a signature. Failures are values; only the caller's own cancellation is an exception.</summary>
    Task<SigningAnswer> SignAsync(SigningRequest request, CancellationToken ct);
}

/// <summary>
/// What is to be signed, with all that a signer needs to see for itself what it would agree to: which cells are spent, what they hold,
/// and where it goes. It must not believe the digest, but reckon it (<see cref="Sighash"/>).
/// </summary>
/// <remarks>
/// A signature of CKB covers which cells are spent, not what they hold. Whoever describes a cell as smaller than it is hides a fee, so a
/// signer with limits looks the cells up itself, or counts every cell as a loss.
/// </remarks>
/// <param name="Digest">The 32 bytes to sign.</param>
/// <param name="Transfer">The transaction, unsigned, and the cells that it spends.</param>
public sealed record SigningRequest(Bytes32 Digest, UnsignedTransfer Transfer);

/// <summary>What a signer says.</summary>
public abstract record SigningAnswer
{
    private SigningAnswer()
    {
    }

    public sealed record Agreed(RecoverableSignature Signature) : SigningAnswer;

    /// <summary>There is no signature.</summary>
    /// <param name="Reason">Why: decide by this.</param>
    /// <param name="Detail">For people and logs; it holds no secret.</param>
    /// <param name="Figures">By how much, where the reason is a limit.</param>
    public sealed record Refused(SigningRefusal Reason, string Detail, SigningFigures? Figures = null) : SigningAnswer;
}
