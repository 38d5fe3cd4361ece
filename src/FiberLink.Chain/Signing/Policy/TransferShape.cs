using FiberLink.Chain.Transactions;
using FiberLink.Chain.Transfers;

namespace FiberLink.Chain.Signing.Policy;

/// <summary>What of a transaction can be judged without knowing which cells it spends: its form, and where it goes.</summary>
internal static class TransferShape
{
    private static readonly ByteString PlaceOfSignature = new WitnessArgs(Sighash.EmptyLock).ToWitness();

    /// <summary>Why it is none that is signed; null if it is one.</summary>
    /// <param name="transaction">Unsigned.</param>
    /// <param name="own">The lock of the signer's key.</param>
    /// <param name="policy">What is allowed.</param>
    public static SigningAnswer.Refused? Objection(Transaction transaction, Script own, SignerPolicy policy) =>
        FrameObjection(transaction, policy)
        ?? (ChannelFunding.IsMeant(transaction, policy.Chain) ? FundingObjection(policy) : PaymentObjection(transaction, own, policy));

    // The rest of what funds a channel can be judged only when it is known whose cells it spends.
    private static SigningAnswer.Refused? FundingObjection(SignerPolicy policy) => policy.FundsChannels
        ? null
        : Refuse(SigningRefusal.ShapeNotAllowed, "It funds a channel, and the signer is not set up to sign such.");

    private static SigningAnswer.Refused? PaymentObjection(Transaction transaction, Script own, SignerPolicy policy) =>
        WitnessObjection(transaction)
        ?? transaction.Outputs.Select((o, i) => OutputObjection(o, transaction.OutputsData[i], i, own, policy))
            .FirstOrDefault(o => o is not null);

    private static SigningAnswer.Refused? FrameObjection(Transaction transaction, SignerPolicy policy)
    {
        var inputs = transaction.Inputs;
        return transaction.Version != 0 ? Refuse(SigningRefusal.ShapeNotAllowed, "The transaction's version isn't 0.")
            : inputs.IsEmpty || transaction.Outputs.IsEmpty ? Refuse(SigningRefusal.ShapeNotAllowed, "It has no input or no output.")
            : inputs.Length > policy.InputsMax
                ? Refuse(SigningRefusal.TooLarge, $"It has {inputs.Length} inputs; {policy.InputsMax} are signed for at once.")
            : inputs.Select(i => i.PreviousOutput).Distinct().Count() != inputs.Length
                ? Refuse(SigningRefusal.ShapeNotAllowed, "A cell is spent twice.")
            : transaction.Outputs.Length != transaction.OutputsData.Length
                ? Refuse(SigningRefusal.ShapeNotAllowed, "Not every output has its data.")
            : inputs.Any(i => i.Since != 0) ? Refuse(SigningRefusal.SinceNotAllowed, "An input waits for a time or a block.")
            : !transaction.HeaderDeps.IsEmpty ? Refuse(SigningRefusal.HeaderDepsNotAllowed, "It names headers.")
            : transaction.CellDeps.Except(policy.CellDeps).Select(d => (OutPoint?)d.OutPoint).FirstOrDefault() is { } dep
                ? Refuse(SigningRefusal.CellDepNotListed, $"It names the cell {dep}, which is not on the list, or not in that way.")
            : null;
    }

    private static SigningAnswer.Refused? WitnessObjection(Transaction transaction)
    {
        var witnesses = transaction.Witnesses;
        return witnesses.Length != transaction.Inputs.Length
                ? Refuse(SigningRefusal.WitnessNotAllowed, $"It has {witnesses.Length} witnesses for {transaction.Inputs.Length} inputs.")
            : witnesses[0] != PlaceOfSignature
                ? Refuse(SigningRefusal.WitnessNotAllowed, "The first witness isn't an empty place for a signature and nothing else.")
            : witnesses.Skip(1).Any(w => w.Length != 0)
                ? Refuse(SigningRefusal.WitnessNotAllowed, "A witness after the first one isn't empty.")
            : null;
    }

    private static SigningAnswer.Refused? OutputObjection(CellOutput output, ByteString data, int index, Script own, SignerPolicy policy)
    {
        var dataLength = output.Type is null ? 0 : Cell.UdtDataLength;
        return policy.LimitOf(output.Type) is null
                ? Refuse(SigningRefusal.TokenNotListed, $"Output {index} has a type that is not on the list.")
            : data.Length != dataLength
                ? Refuse(SigningRefusal.OutputNotAllowed, $"Output {index} has {data.Length} bytes of data, and not {dataLength}.")
            : output.Capacity < output.OccupiedShannon(data.Length)
                ? Refuse(SigningRefusal.OutputNotAllowed, $"Output {index} has less capacity than it takes up.")
            : policy.Chain.Funding.IsCodeOf(output.Lock)
                ? Refuse(SigningRefusal.OutputNotAllowed, $"Output {index} goes into a channel, and only the first one may.")
            : output.Lock == own ? null
            : policy.DeniedDestinations.Contains(output.Lock)
                ? Refuse(SigningRefusal.DestinationDenied, $"Output {index} goes to a lock on the deny list.")
            : policy.AllowedDestinations is { } allowed && !allowed.Contains(output.Lock)
                ? Refuse(SigningRefusal.DestinationNotAllowed, $"Output {index} goes to a lock that is not on the allow list.")
            : null;
    }

    private static SigningAnswer.Refused Refuse(SigningRefusal reason, string detail) => new(reason, detail);
}
