using FiberLink.HubNode;

namespace FiberLink.Service.Reconciliation;

/// <summary>
/// Compares every payment that the node lists with the log's, and the log's with the node's. What differs is looked at twice, the log
/// before the node: a service that runs beside it pays meanwhile.
/// </summary>
internal sealed class PaymentReconciliation(IHubNode node, ILoggedPayments logged, TimeProvider time)
{
    private const int PageMax = 100;
    private const int SuspectsMax = 50 * PageMax;
    private static readonly TimeSpan SecondLook = TimeSpan.FromSeconds(2);

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
        var suspects = new List<HubPayment>();
        while (true)
        {
            var answer = await node.ListPaymentsAsync(status: null, after, PageMax, ct);
            if (answer is not NodeAnswer<PaymentPage>.Ok { Value: var page })
            {
                await ConfirmAsync(suspects, report, tellAsync, ct);
                return ((NodeAnswer<PaymentPage>.Failed)answer).Failure;
            }

            report.Payments += page.Payments.Count;
            var known = await logged.FindAsync([.. page.Payments.Select(p => p.PaymentHash)], ct);
            suspects.AddRange(
                page.Payments.Where(p => PaymentComparison.Compare(p, known.GetValueOrDefault(p.PaymentHash)) is not null));

            // A node that says that the next page begins where this one did would keep us for ever.
            var isOver = page.Next is not { } next || next == after;
            if (isOver || suspects.Count >= SuspectsMax)
            {
                await ConfirmAsync(suspects, report, tellAsync, ct);
            }

            if (isOver)
            {
                return page.Next is null ? null : NodeFailure.NoAnswer;
            }

            after = page.Next;
        }
    }

    private async Task ConfirmAsync(
        List<HubPayment> suspects, ReconcileReport report, Func<Difference, Task> tellAsync, CancellationToken ct)
    {
        if (suspects.Count > 0)
        {
            await Task.Delay(SecondLook, time, ct);
        }

        foreach (var page in suspects.Chunk(PageMax))
        {
            var known = await logged.FindAsync([.. page.Select(p => p.PaymentHash)], ct);
            foreach (var listed in page)
            {
                var now = await node.FindPaymentAsync(listed.PaymentHash, ct) is NodeAnswer<HubPayment>.Ok { Value: var payment }
                    ? payment
                    : listed;
                await TellAsync(PaymentComparison.Compare(now, known.GetValueOrDefault(listed.PaymentHash)), report, tellAsync);
            }
        }

        suspects.Clear();
    }

    private async Task FindMissingAsync(ReconcileReport report, Func<Difference, Task> tellAsync, CancellationToken ct)
    {
        PaymentHash? after = null;
        while (await logged.PageAsync(after, PageMax, ct) is { Count: > 0 } page)
        {
            foreach (var payment in page)
            {
                if (await MissingAsync(payment, ct) is not null)
                {
                    await Task.Delay(SecondLook, time, ct);
                    var again = (await logged.FindAsync([payment.PaymentHash], ct)).GetValueOrDefault(payment.PaymentHash, payment);
                    await TellAsync(await MissingAsync(again, ct), report, tellAsync);
                }
            }

            after = page[^1].PaymentHash;
        }
    }

    private async Task<Difference?> MissingAsync(LoggedPayment payment, CancellationToken ct) =>
        await node.FindPaymentAsync(payment.PaymentHash, ct) switch
        {
            NodeAnswer<HubPayment>.Failed { Failure: NodeFailure.PaymentNotFound } => PaymentComparison.Missing(payment),
            NodeAnswer<HubPayment>.Failed failed => PaymentComparison.NoAnswer(payment, failed.Failure),
            _ => null,
        };

    private static async Task TellAsync(Difference? difference, ReconcileReport report, Func<Difference, Task> tellAsync)
    {
        if (difference is not null)
        {
            report.Add(difference);
            await tellAsync(difference);
        }
    }
}
