using FiberLink.HubNode;

namespace FiberLink.Service.Reconciliation;

/// <summary>Compares every payment that the node lists with the log's, and the log's with the node's.</summary>
internal sealed class PaymentReconciliation(IHubNode node, ILoggedPayments logged)
{
    private const int PageMax = 100;

    public async Task RunAsync(ReconcileReport report, Func<Difference, Task> tellAsync, CancellationToken ct)
    {
        if (await CompareListedAsync(report, tellAsync, ct) is { } failure)
        {
            report.PaymentsFailure = failure;
            return;
        }

        await FindMissingAsync(report, tellAsync, ct);
    }

    /// <returns>Why the node did not list all of them; null when it did.</returns>
    private async Task<NodeFailure?> CompareListedAsync(ReconcileReport report, Func<Difference, Task> tellAsync, CancellationToken ct)
    {
        PaymentHash? after = null;
        while (true)
        {
            var answer = await node.ListPaymentsAsync(status: null, after, PageMax, ct);
            if (answer is not NodeAnswer<PaymentPage>.Ok { Value: var page })
            {
                return ((NodeAnswer<PaymentPage>.Failed)answer).Failure;
            }

            report.Payments += page.Payments.Count;
            var known = await logged.FindAsync([.. page.Payments.Select(p => p.PaymentHash)], ct);
            foreach (var difference in page.Payments.Select(p => PaymentComparison.Compare(p, known.GetValueOrDefault(p.PaymentHash))))
            {
                if (difference is not null)
                {
                    report.Add(difference);
                    await tellAsync(difference);
                }
            }

            // A node that says that the next page begins where this one did would keep us for ever.
            if (page.Next is not { } next || next == after)
            {
                return page.Next is null ? null : NodeFailure.NoAnswer;
            }

            after = next;
        }
    }

    private async Task FindMissingAsync(ReconcileReport report, Func<Difference, Task> tellAsync, CancellationToken ct)
    {
        PaymentHash? after = null;
        while (await logged.PageAsync(after, PageMax, ct) is { Count: > 0 } page)
        {
            foreach (var payment in page)
            {
                Difference? difference = await node.FindPaymentAsync(payment.PaymentHash, ct) switch
                {
                    NodeAnswer<HubPayment>.Failed { Failure: NodeFailure.PaymentNotFound } => PaymentComparison.Missing(payment),
                    NodeAnswer<HubPayment>.Failed failed =>
                        new(DifferenceKind.NoAnswer, payment.PaymentHash.ToString(), $"the node: {failed.Failure}"),
                    _ => null,
                };
                if (difference is not null)
                {
                    report.Add(difference);
                    await tellAsync(difference);
                }
            }

            after = page[^1].PaymentHash;
        }
    }
}
