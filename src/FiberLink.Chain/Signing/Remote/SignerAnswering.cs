using System.Globalization;
using System.Runtime.Versioning;
using FiberLink.Chain.Signing.Policy;
using FiberLink.Chain.Transactions;

namespace FiberLink.Chain.Signing.Remote;

/// <summary>Reads a line, has it answered by the desk, and says in the log what came of it.</summary>
[SupportedOSPlatform("linux")]
internal sealed class SignerAnswering(SignerDesk desk, SignerPolicy policy, Action<string> say)
{
    private const int ReasonLettersMax = 500;

    /// <param name="line">As it came; null for one that was too long or had no end.</param>
    /// <param name="userId">Who asks.</param>
    /// <param name="ct">The time is over, or the signer stops.</param>
    public async Task<SignerWire.Answer> AnswerAsync(ReadOnlyMemory<byte>? line, uint userId, CancellationToken ct)
    {
        if (line is not { } bytes)
        {
            return Refuse(SigningRefusal.TooLarge, $"A request is one line of at most {SignerWire.LineBytesMax} bytes.", userId);
        }

        return SignerLines.Parse(bytes.Span, SignerWireJson.Default.Request) switch
        {
            null => Refuse(SigningRefusal.BadRequest, "The line is no request.", userId),
            { Version: not SignerWire.Version } => Refuse(
                SigningRefusal.UnknownVersion, $"This signer speaks version {SignerWire.Version}.", userId),
            { Ask: SignerWire.AskSign, Sign: { } sign } => await SignAsync(sign, userId, ct),
            { Ask: SignerWire.AskStatus } => new(SignerWire.Version) { Status = await desk.StatusAsync(ct) },
            { Ask: SignerWire.AskForget, Forget: { } forget } => await ForgetAsync(forget, userId, ct),
            _ => Refuse(SigningRefusal.BadRequest, "The request asks for nothing that there is, or lacks what it needs.", userId),
        };
    }

    /// <summary>A refusal, said in the log.</summary>
    public SignerWire.Answer Refuse(SigningRefusal reason, string detail, uint userId)
    {
        say(Invariant($"refused reason={reason.Text()} user={userId}: {detail}"));
        return new(SignerWire.Version) { Refusal = new(reason.Text(), detail) };
    }

    private async Task<SignerWire.Answer> SignAsync(SignerWire.Sign sign, uint userId, CancellationToken ct)
    {
        if (sign.Network != policy.Chain.NodeName)
        {
            return Refuse(
                SigningRefusal.WrongNetwork, $"This signer is for '{policy.Chain.NodeName}', and not for another chain.", userId);
        }

        if (Read(sign) is not { } asked)
        {
            return Refuse(SigningRefusal.BadRequest, "The transaction or its cells cannot be read.", userId);
        }

        var hash = asked.Transaction.Hash();
        var answer = await desk.SignAsync(asked, ct);
        if (answer is SigningAnswer.Agreed { Signature: var signature })
        {
            say(Invariant($"signed transaction={hash} user={userId}"));
            return new(SignerWire.Version) { Signature = HexBytes.Format(signature.ToBytes()) };
        }

        var refused = (SigningAnswer.Refused)answer;
        say(Invariant($"refused reason={refused.Reason.Text()} transaction={hash} user={userId}: {refused.Detail}"));
        return new(SignerWire.Version) { Refusal = new(refused.Reason.Text(), refused.Detail, refused.Figures) };
    }

    private async Task<SignerWire.Answer> ForgetAsync(SignerWire.Forget forget, uint userId, CancellationToken ct)
    {
        if (userId != Posix.UserId && userId != 0)
        {
            return Refuse(SigningRefusal.PeerNotAllowed, "Only the signer's own user may have it forget.", userId);
        }

        if (string.IsNullOrWhiteSpace(forget.Reason) || forget.Reason.Length > ReasonLettersMax)
        {
            return Refuse(SigningRefusal.BadRequest, $"A reason has up to {ReasonLettersMax} letters.", userId);
        }

        try
        {
            var wasKnown = await desk.ForgetAsync(forget.Transaction, forget.Reason, userId, ct);
            say(Invariant($"forgotten transaction={forget.Transaction} known={(wasKnown ? "yes" : "no")} user={userId}"));
            return new(SignerWire.Version) { Forgotten = wasKnown };
        }
        catch (IOException)
        {
            return Refuse(SigningRefusal.JournalFailed, "The journal cannot be written.", userId);
        }
    }

    private static SignatureAsked? Read(SignerWire.Sign sign)
    {
        if (!HexBytes.TryParse(sign.Transaction, SignerWire.LineBytesMax, out var bytes)
            || Transaction.FromMolecule(bytes) is not { } transaction
            || transaction.Inputs.Length != sign.Cells.Length)
        {
            return null;
        }

        var cells = sign.Cells.Select((c, i) => Read(c, transaction.Inputs[i].PreviousOutput)).ToList();
        return cells.Contains(null) ? null : new(transaction, [.. cells.Select(c => c!)], sign.Digest);
    }

    private static Cell? Read(SignerWire.SpentCell? cell, OutPoint name) =>
        cell is not null && cell.Capacity <= ulong.MaxValue
        && cell.Lock.Read() is { } owner
        && (cell.Type is null ? (true, null) : (cell.Type.Read() is { } read, cell.Type.Read())) is (true, var type)
        && ByteString.TryParse(cell.Data, out var data)
            ? new(name, new((ulong)cell.Capacity, owner, type), data)
            : null;

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
