using FiberLink.Chain.Transactions;

namespace FiberLink.Chain.Signing.Remote;

/// <summary>Where a signer is, and whose key it must have.</summary>
public sealed record RemoteSignerOptions
{
    /// <summary>The path of its socket.</summary>
    public required string SocketPath { get; init; }

    /// <summary>The key that is expected there, as <c>fiberlink signer status</c> tells it. No other one's signature is taken.</summary>
    public required PublicKey PublicKey { get; init; }

    /// <summary>For a whole request. It should be longer than the signer takes to look its cells up.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(40);
}

/// <summary>
/// A signer in another process, over its unix socket. Asking for one transaction any number of times is asking once: the signer counts it
/// once, and any of the signatures will do.
/// </summary>
/// <param name="options">Where and whose.</param>
/// <param name="chain">The same as the signer's.</param>
/// <param name="time">What deadlines go by.</param>
public sealed class RemoteSigner(RemoteSignerOptions options, ChainParameters chain, TimeProvider time) : ISigner
{
    private readonly SignerCalls _calls = new(options.SocketPath, options.Deadline, time);

    public PublicKey PublicKey => options.PublicKey;

    public async Task<SigningAnswer> SignAsync(SigningRequest request, CancellationToken ct)
    {
        if (request.Transfer.Objection() is { } objection)
        {
            return new SigningAnswer.Refused(SigningRefusal.ShapeNotAllowed, objection);
        }

        var reply = await _calls.AskAsync(Wire(request, chain.NodeName), ct);
        return reply switch
        {
            SignerReply.Answered { Answer.Refusal: { } refusal } => Refused(refusal),
            SignerReply.Answered { Answer.Signature: { } text } => Checked(text, request.Digest),
            SignerReply.None none => new SigningAnswer.Refused(SigningRefusal.Unavailable, none.Detail),
            _ => new SigningAnswer.Refused(SigningRefusal.Unavailable, "The signer answered another question."),
        };
    }

    /// <summary>How the signer stands; null, and why, where it does not answer.</summary>
    public Task<(SignerStatus? Status, string? Problem)> StatusAsync(CancellationToken ct) =>
        SignerDoor.StatusAsync(_calls, ct);

    internal static SignerWire.Request Wire(SigningRequest request, string network) => new(SignerWire.Version, SignerWire.AskSign)
    {
        Sign = new(
            network,
            HexBytes.Format(request.Transfer.Transaction.ToMolecule()),
            [.. request.Transfer.Spent.Select(Wire)],
            request.Digest),
    };

    private static SigningAnswer.Refused Refused(SignerWire.Refusal refusal) => new(
        SigningRefusals.Parse(refusal.Reason) ?? SigningRefusal.ShapeNotAllowed, $"{refusal.Reason}: {refusal.Detail}", refusal.Figures);

    private static SignerWire.SpentCell Wire(Cell cell) => new(
        cell.Output.Capacity,
        ScriptForm.Of(cell.Output.Lock),
        cell.Output.Type is { } type ? ScriptForm.Of(type) : null,
        cell.Data.ToString());

    private SigningAnswer Checked(string text, Bytes32 digest)
    {
        if (!HexBytes.TryParse(text, RecoverableSignature.Length, out var bytes) || bytes.Length != RecoverableSignature.Length)
        {
            return new SigningAnswer.Refused(SigningRefusal.Unavailable, "The signer's answer holds no signature.");
        }

        var signature = RecoverableSignature.FromBytes(bytes);
        return signature.IsLow && signature.TryRecover(digest.ToBytes(), out var key) && key == PublicKey
            ? new SigningAnswer.Agreed(signature)
            : new SigningAnswer.Refused(SigningRefusal.OtherKey, "The signature isn't of the key that is expected at the signer.");
    }
}
