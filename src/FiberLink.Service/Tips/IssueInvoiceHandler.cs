using FiberLink.Domain.Tips;
using FiberLink.HubNode;
using FiberLink.Messaging;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Messages;

using Handled = FiberLink.Service.CommandHandling.Handled<FiberLink.Domain.Tips.TipState, FiberLink.Domain.Tips.TipRefusal>;

namespace FiberLink.Service.Tips;

/// <summary>Repairs what a crash or a node's outage left undone between the intent and its invoice.</summary>
internal sealed class IssueInvoiceHandler(TipCommands tips, InvoiceIssuer issuer, TimeProvider time) : IMessageHandler
{
    /// <summary>A node that has refused for this long will not change its mind.</summary>
    private static readonly TimeSpan RefusedForMax = TimeSpan.FromHours(1);

    private static readonly RetrySchedule Waits = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), int.MaxValue);

    public string Name => IssueInvoice.Name;

    public async Task HandleAsync(WaitingMessage message, HandledMarker marker, CancellationToken ct)
    {
        var tipId = IssueInvoice.Read(message).TipId;
        var context = new CommandContext(message.CorrelationId, message.Id.ToString("N"), "service");
        if (await tips.LoadAsync(message.Tenant, tipId, ct) is not TipState.Requested tip)
        {
            // Nothing to give up on; the marker alone is what is left to write.
            await GiveUpAsync(message, tipId, marker, context, ct);
            return;
        }

        if (await issuer.IssueAsync(message.Tenant, tip.Terms, [marker], context, ct) is not Issued.NodeFailed failed)
        {
            return;
        }

        var waited = time.GetUtcNow() - tip.Terms.RequestedAt;
        if (failed.Failure is NodeFailure.Rejected && waited > RefusedForMax)
        {
            await GiveUpAsync(message, tipId, marker, context, ct);
            return;
        }

        // An outage fails nothing: it waits. The pause grows with how long the tip has waited already.
        var pause = Waits.Pause((int)Math.Clamp(waited.TotalSeconds / 10, 1, 10));
        throw new TryLaterException($"The node did not make the invoice: {failed.Failure}.", pause);
    }

    private async Task GiveUpAsync(WaitingMessage message, Guid tipId, HandledMarker marker, CommandContext context, CancellationToken ct)
    {
        var command = new TipCommand.GiveUpOnInvoice(time.GetUtcNow());
        if (await tips.ApplyAsync(message.Tenant, tipId, command, [marker], context, ct) is Handled.Refused refused)
        {
            throw new CannotBeHandledException($"Tip {tipId:N}: {refused.Reason}.");
        }
    }
}
