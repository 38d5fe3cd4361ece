using FiberLink.HubNode;
using FiberLink.Messaging;
using FiberLink.Projections;
using FiberLink.Projections.InvoiceWatch;
using FiberLink.Service.Messages;
using FiberLink.Service.Settlements;
using FiberLink.Service.Startup;

namespace FiberLink.Service.Reconciliation;

/// <summary>
/// Asks the node about any number of invoices, within so many calls a second, and asks again where no answer came: a command that goes
/// through everything should outlive a node's restart. For one caller at a time.
/// </summary>
internal sealed class BoundedCheck(InvoiceCheck check, ServiceSettings settings, TimeProvider time)
{
    private static readonly TimeSpan[] Patience = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4)];

    private readonly CallBudget _budget = new(settings.SettlementCallsPerSecond, time);
    private bool _isAway;

    /// <summary>One answer for each, in no order.</summary>
    public async Task<IReadOnlyList<CheckedInvoice>> RunAsync(IReadOnlyCollection<WatchedInvoice> invoices, CancellationToken ct)
    {
        var seen = await OnceAsync(invoices, ct);

        // A node that stayed away once before is not waited for again, until it has answered something.
        foreach (var pause in _isAway ? [] : Patience)
        {
            WatchedInvoice[] unanswered = [.. seen.Where(s => !s.IsAnswered).Select(s => s.Invoice)];
            if (unanswered.Length == 0)
            {
                break;
            }

            await Task.Delay(pause, time, ct);
            seen = [.. seen.Where(s => s.IsAnswered), .. await OnceAsync(unanswered, ct)];
        }

        _isAway = seen.Count > 0 && seen.All(s => !s.IsAnswered);
        return seen;
    }

    /// <summary>What the answer means for the inbox; null when it is nothing that the log does not have.</summary>
    public OutgoingMessage? NewsOf(CheckedInvoice seen) =>
        seen switch
        {
            { News: { } news } => news,

            // Whoever asked the node for this invoice died before writing it down. The message that sees to it asks for it once more.
            { Invoice.Stage: TipStage.Requested, Answer: NodeAnswer<HubInvoice>.Ok { Value.Status: HubInvoiceStatus.Open } } =>
                IssueInvoice.For(seen.Invoice.Tenant, seen.Invoice.TipId, time.GetUtcNow(), correlationId: null)
                    with { DueAt = time.GetUtcNow() },
            _ => null,
        };

    private async Task<List<CheckedInvoice>> OnceAsync(IReadOnlyCollection<WatchedInvoice> invoices, CancellationToken ct)
    {
        var seen = new List<CheckedInvoice>(invoices.Count);
        while (seen.Count < invoices.Count)
        {
            var most = _budget.Take(invoices.Count - seen.Count);
            if (most == 0)
            {
                await Task.Delay(_budget.Until(invoices.Count - seen.Count), time, ct);
                continue;
            }

            seen.AddRange(await check.RunAsync([.. invoices.Skip(seen.Count).Take(most)], isTold: false, ct));
        }

        return seen;
    }
}
