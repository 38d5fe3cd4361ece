using System.Diagnostics;
using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Withdrawals;
using FiberLink.HubNode;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Messages;
using FiberLink.Service.Rates;

namespace FiberLink.Service.Withdrawals.Paying;

/// <summary>
/// Pays invoices. The node is asked to pay once the intent is stored, and from then on what it has under the payment's hash decides, and
/// nothing else: no lost answer, no refusal and no outage is taken for a failure.
/// </summary>
internal sealed class PaymentRail(IHubNode node, UsdRates rates, LateQuote late, StopPoints stops, TimeProvider time)
{
    // The node's queue is not bounded in time; a call whose answer was lost may still wait in it. So long nothing is concluded from that
    // the node does not have the payment.
    private static readonly TimeSpan DoubtLasts = TimeSpan.FromMinutes(3);

    // Asking again under the same hash is another matter: whichever of the two calls comes second finds the payment of the first.
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan NodeMayTry = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan InvoiceTimeLeftMin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LookSoon = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookLater = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SoonLasts = TimeSpan.FromSeconds(60);

    public Task<PayoutMove> NextAsync(PayoutStep step, CancellationToken ct) =>
        step.State switch
        {
            WithdrawalState.Queued s => Task.FromResult<PayoutMove>(Prepare(s)),
            WithdrawalState.Prepared s => PreparedAsync(step, s, ct),
            WithdrawalState.Sent s => SentAsync(s, ct),
            WithdrawalState.Completed s => Task.FromResult(late.Next(s)),
            _ => throw new UnreachableException($"A payment is never {step.State.GetType().Name}."),
        };

    private PayoutMove.Record Prepare(WithdrawalState.Queued s)
    {
        var now = time.GetUtcNow();
        return s.Terms.Destination.ExpiresAt is { } end && end <= now + InvoiceTimeLeftMin
            ? new PayoutMove.Record(new WithdrawalCommand.GiveUp(
                WithdrawalFailure.InvoiceExpired, "The invoice expired before it was paid.", now))
            : new PayoutMove.Record(new WithdrawalCommand.PreparePayment(s.Attempts.Length + 1, s.Terms.FeeMax, now));
    }

    private async Task<PayoutMove> PreparedAsync(PayoutStep step, WithdrawalState.Prepared s, CancellationToken ct)
    {
        stops.Reach(StopPoints.PayoutPrepared);

        // Whoever comes second does not know whether the first one got as far as asking.
        if (step.Context.Attempt > 1 || step.Message.Doubt is not null)
        {
            var found = await node.FindPaymentAsync(HashOf(s), ct);
            if (found is NodeAnswer<HubPayment>.Ok { Value: var payment } && !IsOfEarlierAttempt(payment, s))
            {
                return await SeenAsync(s, payment, ct);
            }

            if (found is NodeAnswer<HubPayment>.Failed { Failure: not NodeFailure.PaymentNotFound })
            {
                return new PayoutMove.Wait("The node does not say whether it has the payment.", LookLater);
            }

            if (Doubted(step, s) is { } move)
            {
                return move;
            }
        }

        return await SendAsync(s, ct);
    }

    // All attempts have one hash: a failure from before this one was prepared says nothing of this one.
    private static bool IsOfEarlierAttempt(HubPayment payment, WithdrawalState.Prepared s) =>
        payment.Status is HubPaymentStatus.Failed && s.Attempts.Length > 1 && payment.LastUpdatedAt < s.Last!.PreparedAt;

    /// <summary>The node has no such payment. Null when it may be asked to pay again, which under one hash it does once.</summary>
    private PayoutMove? Doubted(PayoutStep step, WithdrawalState.Prepared s)
    {
        var now = time.GetUtcNow();
        if (step.Message.Doubt is not { } doubt)
        {
            return new PayoutMove.Doubt(new(PayoutDoubtKind.Unanswered, now, null, "A process died on the way to the node."), LookSoon);
        }

        var isUnanswered = doubt.Kind is PayoutDoubtKind.Unanswered;
        return doubt.Since + (isUnanswered ? AskAgainAfter : DoubtLasts) > now
            ? new PayoutMove.Wait("The node may still come to it.", isUnanswered ? LookSoon : LookLater)
            : isUnanswered ? null
            : Failed(s, doubt.Detail, doubt.Kind is PayoutDoubtKind.RefusedForGood);
    }

    private async Task<PayoutMove> SendAsync(WithdrawalState.Prepared s, CancellationToken ct)
    {
        var outcome = await node.SendPaymentAsync(
            new(s.Terms.Destination.Text, HashOf(s), s.Terms.Pays.Units, s.Last!.Fee.Units, NodeMayTry), ct);
        stops.Reach(StopPoints.PayoutSent);
        return outcome switch
        {
            PaymentOutcome.Known { Payment: var payment } => await SeenAsync(s, payment, ct),
            PaymentOutcome.NotSent notSent => new PayoutMove.Wait($"The node is away: {notSent.Failure}.", LookLater),
            PaymentOutcome.Refused { Failure: var failure } => new PayoutMove.Doubt(
                new(
                    failure.Kind is PaymentFailureKind.PermanentForInvoice ? PayoutDoubtKind.RefusedForGood : PayoutDoubtKind.Refused,
                    time.GetUtcNow(),
                    null,
                    failure.Text),
                LookLater),
            PaymentOutcome.Unknown unknown => new PayoutMove.Doubt(
                new(PayoutDoubtKind.Unanswered, time.GetUtcNow(), null, unknown.Detail), LookSoon),
            _ => throw new UnreachableException($"{outcome.GetType().Name} is no outcome."),
        };
    }

    private async Task<PayoutMove> SentAsync(WithdrawalState.Sent s, CancellationToken ct) =>
        await node.FindPaymentAsync(HashOf(s), ct) switch
        {
            NodeAnswer<HubPayment>.Ok { Value: var payment } => await SeenAsync(s, payment, ct),

            // It was there. A node that has lost it may still pay it, or have paid it: an operator looks.
            NodeAnswer<HubPayment>.Failed { Failure: NodeFailure.PaymentNotFound } =>
                new PayoutMove.Wait("The node does not know a payment that it had.", LookLater),
            _ => new PayoutMove.Wait("The node does not answer.", LookLater),
        };

    private async Task<PayoutMove> SeenAsync(WithdrawalState.UnderWay s, HubPayment payment, CancellationToken ct)
    {
        stops.Reach(StopPoints.PayoutSeen);
        var (now, attempt) = (time.GetUtcNow(), s.Last!.Number);
        switch (payment.Status)
        {
            case HubPaymentStatus.Success:
                return new PayoutMove.Record(new WithdrawalCommand.ReportPaid(
                    attempt, s.Terms.Pays with { Units = payment.Fee }, rates.Quote(s.Terms.Pays), now));

            case HubPaymentStatus.Failed:
                return await FailedAsync(s, payment, ct);
            default:
                return s is WithdrawalState.Prepared
                    ? new PayoutMove.Record(new WithdrawalCommand.ReportSent(attempt, now))
                    : new PayoutMove.Wait(
                        "The payment is under way.", now - s.Last.PreparedAt < SoonLasts ? LookSoon : LookLater);
        }
    }

    private async Task<PayoutMove> FailedAsync(WithdrawalState.UnderWay s, HubPayment payment, CancellationToken ct)
    {
        // A payment has failed when no channel holds a part of it any longer.
        var channels = await node.ListChannelsAsync(withClosed: false, ct);
        if (channels is not NodeAnswer<IReadOnlyList<HubChannel>>.Ok { Value: var open })
        {
            return new PayoutMove.Wait("The node does not say what its channels hold.", LookLater);
        }

        return open.SelectMany(c => c.UnderWay).Any(p => p.IsOutbound && p.PaymentHash == payment.PaymentHash)
            ? new PayoutMove.Wait("A channel still holds a part of the payment.", LookLater)
            : payment.IsMultiPart && payment.LastUpdatedAt + DoubtLasts > time.GetUtcNow()
                ? new PayoutMove.Wait("Parts of the payment may still arrive.", LookLater)
            : Failed(
                s, payment.Failure?.Text ?? "The node says no more.", payment.Failure?.Kind is PaymentFailureKind.PermanentForInvoice);
    }

    private PayoutMove.Record Failed(WithdrawalState.UnderWay s, string detail, bool isForGood)
    {
        var now = time.GetUtcNow();
        return new(new WithdrawalCommand.ReportFailed(
            s.Last!.Number,
            detail,
            now + (FirstRetry * (1 << (s.Attempts.Length - 1))),
            isForGood ? WithdrawalFailure.CannotBePaid : null,
            now));
    }

    private static PaymentHash HashOf(WithdrawalState.UnderWay s) => PaymentHash.Parse(s.Last!.Evidence);
}
