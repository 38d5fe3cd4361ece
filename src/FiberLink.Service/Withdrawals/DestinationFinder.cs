using FiberLink.Domain;
using FiberLink.Domain.Tips;
using FiberLink.Events.Tips;
using FiberLink.Events.Withdrawals;
using FiberLink.Service.CommandHandling;

namespace FiberLink.Service.Withdrawals;

/// <summary>
/// Reads where a withdrawal is to go, and finds out whether that is a tip of this hub. Such an invoice is never shown to the node: with
/// its payment hash nothing but the tip's own text is paid, and that within the hub.
/// </summary>
internal sealed class DestinationFinder(DestinationReader reader, IHubTips tips, TimeProvider time)
{
    public async Task<DestinationReading> ReadAsync(string app, WithdrawalWish wish, CancellationToken ct)
    {
        if (wish.Kind is DestinationKind.CkbAddress
            || DestinationReader.PaymentHashOf(wish.Destination) is not { } hash
            || await tips.FindAsync(hash, ct) is not { } tip)
        {
            return reader.Read(wish.Kind, wish.Destination, wish.Amount);
        }

        var reading = reader.Read(DestinationKind.TipInvoice, wish.Destination, wish.Amount);
        if (reading is not DestinationReading.Read { Destination: var destination })
        {
            return reading;
        }

        // As it will be asked again when it is paid: what would be refused then is not granted now.
        var command = new TipCommand.SettleWithin(destination.Text, wish.Amount, tip.Tenant == app ? wish.Member : null, time.GetUtcNow());
        return TipDecider.Decide(command, tip.State) is Decision<TipEvent, TipRefusal>.Refused refused
            ? new DestinationReading.Refused($"payment request cannot be paid: {WhyNot(refused.Reason)}")
            : reading;
    }

    /// <summary>Why an invoice of this hub is not paid, for the member to read.</summary>
    public static string WhyNot(TipRefusal refusal) =>
        refusal switch
        {
            TipRefusal.IsPaid => "It is paid already, or a payment of it is under way.",
            TipRefusal.CannotBePaid => "It has expired, or was cancelled.",
            TipRefusal.InvoiceDiffers => "It has the payment hash of another invoice.",
            TipRefusal.PayerIsRecipient => "It is a tip to the member who would pay it.",
            _ => refusal.ToString(),
        };
}
