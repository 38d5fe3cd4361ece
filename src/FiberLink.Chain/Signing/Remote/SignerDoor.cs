namespace FiberLink.Chain.Signing.Remote;

/// <summary>What an operator asks a signer, over the same socket.</summary>
/// <param name="socketPath">Where it is.</param>
/// <param name="deadline">For a whole question.</param>
/// <param name="time">What the deadline goes by.</param>
public sealed class SignerDoor(string socketPath, TimeSpan deadline, TimeProvider time)
{
    private readonly SignerCalls _calls = new(socketPath, deadline, time);

    /// <summary>How the signer stands; null, and why, where it does not answer or refuses.</summary>
    public Task<(SignerStatus? Status, string? Problem)> StatusAsync(CancellationToken ct) => StatusAsync(_calls, ct);

    /// <summary>
    /// Tells the signer that a transaction will never be on the chain: other ones may spend its cells from now on. What it let out goes
    /// on counting for its hour.
    /// </summary>
    /// <returns>Whether the signer's journal knew it; null, and why, where it does not answer or refuses.</returns>
    public async Task<(bool? Forgotten, string? Problem)> ForgetAsync(Bytes32 transaction, string reason, CancellationToken ct)
    {
        var request = new SignerWire.Request(SignerWire.Version, SignerWire.AskForget) { Forget = new(transaction, reason) };
        return await _calls.AskAsync(request, ct) switch
        {
            SignerReply.Answered { Answer.Forgotten: { } forgotten } => (forgotten, null),
            var other => (null, Problem(other)),
        };
    }

    internal static async Task<(SignerStatus? Status, string? Problem)> StatusAsync(SignerCalls calls, CancellationToken ct) =>
        await calls.AskAsync(new(SignerWire.Version, SignerWire.AskStatus), ct) switch
        {
            SignerReply.Answered { Answer.Status: { } status } => (status, null),
            var other => (null, Problem(other)),
        };

    private static string Problem(SignerReply reply) => reply switch
    {
        SignerReply.Answered { Answer.Refusal: { } refusal } => $"{refusal.Reason}: {refusal.Detail}",
        SignerReply.None none => none.Detail,
        _ => "The signer answered another question.",
    };
}
