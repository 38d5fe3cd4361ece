using System.Diagnostics;
using FiberLink.Domain.Tips;
using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Withdrawals;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Rates;

using Settling = FiberLink.Domain.Decision<FiberLink.Events.Tips.TipEvent, FiberLink.Domain.Tips.TipRefusal>;
using Transferring = FiberLink.Domain.Decision<
    FiberLink.Events.Withdrawals.WithdrawalEvent, FiberLink.Domain.Withdrawals.WithdrawalRefusal>;

namespace FiberLink.Service.Withdrawals.Paying;

/// <summary>
/// Pays tips of this hub. The payer's half and the recipient's are one commit on both streams' versions, or neither is: whoever settles
/// the tip otherwise in the same moment moves its version. No node is asked; that the node's invoice is cancelled is left as a message.
/// </summary>
internal sealed class TransferRail(
    WithdrawalCommands withdrawals,
    PayoutStore payouts,
    IHubTips tips,
    UsdRates rates,
    LateQuote late,
    StopPoints stops,
    TimeProvider time)
{
    private static readonly PayoutMove.Wait HasChanged = new("The tip or the withdrawal has changed meanwhile.", TimeSpan.Zero);

    public Task<PayoutMove> NextAsync(PayoutStep step, CancellationToken ct) =>
        step.State switch
        {
            WithdrawalState.Queued s => TransferAsync(step, s, ct),
            WithdrawalState.Completed s => Task.FromResult(late.Next(s)),
            _ => throw new UnreachableException($"Within the hub nothing is {step.State.GetType().Name}."),
        };

    private async Task<PayoutMove> TransferAsync(PayoutStep step, WithdrawalState.Queued s, CancellationToken ct)
    {
        var (now, terms) = (time.GetUtcNow(), s.Terms);
        if (terms.Destination.ExpiresAt is { } end && end <= now)
        {
            return GiveUp(WithdrawalFailure.InvoiceExpired, "The invoice expired before it was paid.", now);
        }

        var tip = await tips.FindAsync(terms.Destination.PaymentHash!, ct)
            ?? throw new InvalidOperationException($"The tip that withdrawal {terms.WithdrawalId} pays is gone.");
        var payer = tip.Tenant == step.Tenant ? terms.Member : null;
        var settling = TipDecider.Decide(new TipCommand.SettleWithin(terms.Destination.Text, terms.Pays, payer, now), tip.State);
        if (settling is not Settling.Accepted { Events: var settled })
        {
            var why = ((Settling.Refused)settling).Reason;
            return GiveUp(
                tip.State is TipState.Expired ? WithdrawalFailure.InvoiceExpired : WithdrawalFailure.CannotBePaid,
                DestinationFinder.WhyNot(why),
                now);
        }

        if (WithdrawalDecider.Decide(new WithdrawalCommand.Transfer(rates.Quote(terms.Pays), now), s)
            is not Transferring.Accepted { Events: var transferred })
        {
            return HasChanged;
        }

        stops.Reach(StopPoints.TransferDecided);
        var (tenant, id) = (step.Tenant, terms.WithdrawalId);
        var move = await payouts.StoreAsync(
            step,
            [
                payouts.PartOf(step, tenant, id, step.Stored, transferred),
                tips.HalfOf(tip, settled, now, step.Context.CorrelationId),
            ],
            now,
            ct);
        if (move is PayoutMove.Stored { IsNew: true })
        {
            stops.Reach(StopPoints.TransferStored);
            withdrawals.Tell(tenant, transferred[0]);
            tips.Tell(tip, settled);
        }

        return move;
    }

    private static PayoutMove.Record GiveUp(WithdrawalFailure reason, string detail, DateTimeOffset now) =>
        new(new WithdrawalCommand.GiveUp(reason, detail, now));
}
