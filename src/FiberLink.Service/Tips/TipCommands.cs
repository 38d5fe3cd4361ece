using FiberLink.Domain.Tips;
using FiberLink.Events.Tips;
using FiberLink.EventStore;
using FiberLink.Messaging;
using FiberLink.Postgres;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Messages;

using Handled = FiberLink.Service.CommandHandling.Handled<FiberLink.Domain.Tips.TipState, FiberLink.Domain.Tips.TipRefusal>;

namespace FiberLink.Service.Tips;

/// <summary>Commands on tips, with what belongs into the same commit.</summary>
internal sealed partial class TipCommands(CommandHandler commands, ILogger<TipCommands> logger)
{
    /// <summary>The scope in which a sender's wish is claimed for one tip.</summary>
    public const string RepeatScope = "tip.create";

    private static readonly Folding<TipState, TipEvent> Folding = new(TipState.Initial, TipState.Evolve);

    public static StreamId StreamOf(string tenant, Guid tipId) => new(tenant, $"tip-{tipId:N}");

    public Task<TipState> LoadAsync(string tenant, Guid tipId, CancellationToken ct) =>
        commands.LoadAsync(StreamOf(tenant, tipId), Folding, ct);

    /// <summary>The state, and how many events made it.</summary>
    public Task<StreamState<TipState>> LoadWithVersionAsync(string tenant, Guid tipId, CancellationToken ct) =>
        commands.LoadWithVersionAsync(StreamOf(tenant, tipId), Folding, ct);

    /// <summary>Requests a tip: the intent, the claim on the sender's wish, and the message that sees to its invoice.</summary>
    public Task<Handled> RequestAsync(
        string tenant, TipCommand.Request command, Claim claim, CommandContext context, CancellationToken ct) =>
        commands.HandleAsync(
            StreamOf(tenant, command.TipId),
            Folding,
            state => TipDecider.Decide(command, state),
            (_, events) => events.Count == 0
                ? Attachments.None
                : new Attachments
                {
                    Claims = [claim],
                    Rows = [IssueInvoice.For(tenant, command.TipId, command.Now, context.CorrelationId)],
                },
            context,
            isNew: true,
            ct);

    /// <summary>Applies what the node said, and whatever rows the caller wants in the same commit.</summary>
    public async Task<Handled> ApplyAsync(
        string tenant, Guid tipId, TipCommand command, IReadOnlyList<CommitRow> rows, CommandContext context, CancellationToken ct)
    {
        var handled = await commands.HandleAsync(
            StreamOf(tenant, tipId),
            Folding,
            state => TipDecider.Decide(command, state),
            (before, events) => Attach(tenant, before, tipId, events, rows),
            context,
            isNew: false,
            ct);
        if (handled is Handled.Accepted accepted)
        {
            foreach (var @event in accepted.Events)
            {
                Tell(tenant, @event.Body);
            }
        }

        return handled;
    }

    /// <summary>What commits with events of a tip, whoever appends them.</summary>
    public static Attachments Attach(
        string tenant, TipState before, Guid tipId, IReadOnlyList<TipEvent> events, IReadOnlyList<CommitRow> rows)
    {
        var issueInvoice = new HandledMarker(IssueInvoice.IdFor(tipId), IssueInvoice.Name);

        // Done by whatever follows the request first. An invoice that turns up after that finds the order marked as done, and a
        // second mark would undo the commit that credits its payment.
        var isOrderDone = before is TipState.Requested && events.Count > 0;
        return new Attachments
        {
            // The tip has left the state in which the same wish means the same tip.
            Releases = events.Any(e => e is not TipEvent.InvoiceIssued)
                ? [new(tenant, RepeatScope, tipId.ToString("N"))]
                : [],
            Rows = isOrderDone && !rows.OfType<HandledMarker>().Any(m => m.MessageId == issueInvoice.MessageId)
                ? [.. rows, issueInvoice]
                : rows,
        };
    }

    public void Tell(string tenant, object @event)
    {
        switch (@event)
        {
            case TipEvent.Settled e:
                TipTelemetry.CountSettled(tenant, e);
                LogSettled(tenant, e.TipId, e.Late);
                break;
            case TipEvent.PaidTwice e:
                TipTelemetry.CountPaidTwice(tenant, e);
                LogPaidTwice(tenant, e.TipId, e.Difference is null ? "The recipient has both" : "It differs, and is in suspense");
                break;
            case TipEvent.Suspended e:
                TipTelemetry.CountSuspended(tenant, e);
                LogSuspended(tenant, e.TipId, e.Difference, e.Reported.PaymentHash, e.Reported.Asset, e.Reported.Units);
                break;
            case TipEvent.Cancelled { Reason: CancelReason.InvoiceDiffers } e:
                LogInvoiceDiffers(tenant, e.TipId);
                break;
            default:
                break;
        }
    }

    [LoggerMessage(2000, LogLevel.Information, "Tip {TipId} of {App} settled (late: {Late})")]
    private partial void LogSettled(string app, Guid tipId, bool late);

    // Nobody upstream can put this right, so it must reach an operator.
    [LoggerMessage(2001, LogLevel.Critical,
        "Tip {TipId} of {App} was paid, but not as ordered: {Difference} differs; the node says {PaymentHash}, {Asset}, {Units}. "
        + "The money is in suspense")]
    private partial void LogSuspended(
        string app, Guid tipId, InvoiceDifference difference, string paymentHash, string asset, string? units);

    [LoggerMessage(2003, LogLevel.Warning,
        "Tip {TipId} of {App} was paid within the hub, and by somebody outside as well. {What}")]
    private partial void LogPaidTwice(string app, Guid tipId, string what);

    [LoggerMessage(2002, LogLevel.Critical,
        "The node made an invoice for tip {TipId} of {App} that is not the one ordered; nobody is shown it")]
    private partial void LogInvoiceDiffers(string app, Guid tipId);
}
