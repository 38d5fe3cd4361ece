using FiberLink.Domain.Tips;
using FiberLink.HubNode;
using FiberLink.Messaging;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Messages;

using Handled = FiberLink.Service.CommandHandling.Handled<FiberLink.Domain.Tips.TipState, FiberLink.Domain.Tips.TipRefusal>;

namespace FiberLink.Service.Tips;

/// <summary>Repairs what a crash or a node's outage left undone between the intent and its invoice.</summary>
internal sealed class IssueInvoiceHandler(TipCommands tips, InvoiceIssuer issuer, TimeProvider time)
{
    /// <summary>A node that has refused for this long will not change its mind.</summary>
    private static readonly TimeSpan RefusedForMax = TimeSpan.FromHours(1);

    private static readonly RetrySchedule Waits = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), int.MaxValue);

    public async Task<MarkerCommitted> Handle(IssueInvoice order, MessageContext context, CancellationToken ct)
    {
        if (await tips.LoadAsync(context.Tenant, order.TipId, ct) is not TipState.Requested tip)
        {
            // Nothing to give up on; the marker alone is what is left to write.
            return await GiveUpAsync(order, context, ct);
        }

        var issued = await issuer.IssueAsync(context.Tenant, tip.Terms, [context.Marker], StandingOf(context), ct);
        if (issued is not Issued.NodeFailed failed)
        {
            return Told(((Issued.Answered)issued).Handled, order, context);
        }

        var waited = time.GetUtcNow() - tip.Terms.RequestedAt;
        if (failed.Failure is NodeFailure.Rejected && waited > RefusedForMax)
        {
            return await GiveUpAsync(order, context, ct);
        }

        // An outage fails nothing: it waits. The pause grows with how long the tip has waited already.
        var pause = Waits.Pause((int)Math.Clamp(waited.TotalSeconds / 10, 1, 10));
        throw new TryLaterException($"The node did not make the invoice: {failed.Failure}.", pause)
        {
            IsDestinationAway = failed.Failure is not NodeFailure.Rejected,
        };
    }

    private async Task<MarkerCommitted> GiveUpAsync(IssueInvoice order, MessageContext context, CancellationToken ct)
    {
        var command = new TipCommand.GiveUpOnInvoice(time.GetUtcNow());
        return Told(
            await tips.ApplyAsync(context.Tenant, order.TipId, command, [context.Marker], StandingOf(context), ct), order, context);
    }

    private static MarkerCommitted Told(Handled handled, IssueInvoice order, MessageContext context) => handled switch
    {
        Handled.Accepted => context.Committed(),
        Handled.ConstraintBroken broken => context.Refused(broken.Constraint),
        Handled.Refused refused => throw new CannotBeHandledException($"Tip {order.TipId:N}: {refused.Reason}."),
        _ => throw new InvalidOperationException($"An invoice cannot end in {handled.GetType().Name}."),
    };

    private static CommandContext StandingOf(MessageContext context) => new(context.CorrelationId, context.Id.ToString("N"), "service");
}
