using System.Diagnostics;
using FiberLink.Domain.Tips;
using FiberLink.HubNode;
using FiberLink.Messaging;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Messages;

namespace FiberLink.Service.Tips;

/// <summary>
/// Cancels the node's invoice of a tip that was paid within the hub. It only spares somebody a second payment: one that was under way
/// arrives all the same, and is credited when the node reports it.
/// </summary>
internal sealed class CancelInvoiceHandler(TipCommands tips, IHubNode node, IMessageStore messages, StopPoints stops)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    public async Task<MarkerCommitted> Handle(CancelInvoice message, MessageContext context, CancellationToken ct)
    {
        if (await tips.LoadAsync(context.Tenant, message.TipId, ct) is not TipState.Settled { IsPaidWithin: true } tip)
        {
            throw new CannotBeHandledException($"Tip {message.TipId:N} was not paid within the hub.");
        }

        var answer = await node.CancelInvoiceAsync(PaymentHash.Parse(tip.Terms.Order.PaymentHash), ct);
        stops.Reach(StopPoints.TransferInvoiceCancelled);
        return answer switch
        {
            NodeAnswer<HubInvoice>.Ok => await FinishAsync(context, ct),

            // Somebody was faster, or there is nothing that could be paid.
            NodeAnswer<HubInvoice>.Failed
            {
                Failure: NodeFailure.InvoiceAlreadyPaid or NodeFailure.InvoiceAlreadyCancelled or NodeFailure.InvoiceNotFound,
            } => await FinishAsync(context, ct),
            NodeAnswer<HubInvoice>.Failed failed => throw new TryLaterException($"The node did not cancel it: {failed.Failure}.", Pause)
            {
                IsDestinationAway = failed.Failure is not NodeFailure.Rejected,
            },
            _ => throw new UnreachableException($"{answer.GetType().Name} is no answer."),
        };
    }

    private async Task<MarkerCommitted> FinishAsync(MessageContext context, CancellationToken ct) =>
        await messages.FinishAsync(context.Marker, [], ct) is { } constraint ? context.Refused(constraint) : context.Committed();
}
