using System.Diagnostics;
using FiberLink.Domain.Tips;
using FiberLink.Messaging;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Messages;
using FiberLink.Service.NodeLanguage;

using Handled = FiberLink.Service.CommandHandling.Handled<FiberLink.Domain.Tips.TipState, FiberLink.Domain.Tips.TipRefusal>;

namespace FiberLink.Service.Tips;

/// <summary>Records what the node said about a tip's invoice. Paid becomes the recipient's balance in this one commit.</summary>
internal sealed class InvoiceObservedHandler(TipCommands tips, StopPoints stops, TimeProvider time)
{
    public async Task<MarkerCommitted> Handle(InvoiceObserved observed, MessageContext context, CancellationToken ct)
    {
        var invoice = NodeWords.ToDomain(observed.Invoice);
        var now = time.GetUtcNow();
        TipCommand command = observed.Status switch
        {
            ObservedStatus.Received => new TipCommand.ReportReceived(invoice, now),
            ObservedStatus.Paid => new TipCommand.ReportPaid(invoice, now),
            ObservedStatus.Expired => new TipCommand.ReportExpired(invoice, now),
            ObservedStatus.Cancelled => new TipCommand.ReportCancelled(invoice, now),
            _ => throw new UnreachableException($"{observed.Status} is not observed."),
        };

        stops.Reach(StopPoints.SettleBeforeCommit);
        var standing = new CommandContext(context.CorrelationId, context.Id.ToString("N"), "node");
        var handled = await tips.ApplyAsync(context.Tenant, observed.TipId, command, [context.Marker], standing, ct);
        stops.Reach(StopPoints.SettleCommitted);
        return handled switch
        {
            Handled.Accepted => context.Committed(),
            Handled.ConstraintBroken broken => context.Refused(broken.Constraint),
            _ => throw new InvalidOperationException($"A report of {observed.Status} cannot end in {handled.GetType().Name}."),
        };
    }
}
