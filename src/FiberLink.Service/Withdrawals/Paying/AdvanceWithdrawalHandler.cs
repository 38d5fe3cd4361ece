using System.Diagnostics;
using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Withdrawals;
using FiberLink.Messaging;
using FiberLink.Projections.PayoutRules;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Messages;

using Handled = FiberLink.Service.CommandHandling.Handled<
    FiberLink.Domain.Withdrawals.WithdrawalState, FiberLink.Domain.Withdrawals.WithdrawalRefusal>;

namespace FiberLink.Service.Withdrawals.Paying;

/// <summary>
/// Takes a withdrawal one step further. What is stored comes first, then what is done outside, then what was seen of it: a process may
/// die between any two of them, and whoever takes the message next goes on from what is stored.
/// </summary>
internal sealed class AdvanceWithdrawalHandler(
    WithdrawalCommands withdrawals,
    PayoutRulesQuery rules,
    ChainRail chain,
    PaymentRail payments,
    TransferRail transfers,
    IMessageStore messages,
    StopPoints stops,
    TimeProvider time)
{
    /// <summary>How long somebody has for agreeing to a withdrawal, and the wallet for being filled.</summary>
    public static TimeSpan WaitMax { get; } = TimeSpan.FromDays(7);

    private static readonly TimeSpan LookAgainMax = TimeSpan.FromHours(1);
    private static readonly TimeSpan StopPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(3);

    public async Task<MarkerCommitted> Handle(AdvanceWithdrawal message, MessageContext context, CancellationToken ct)
    {
        var stored = await withdrawals.LoadWithVersionAsync(context.Tenant, message.WithdrawalId, ct);
        if (stored.State is not WithdrawalState.Known)
        {
            throw new CannotBeHandledException($"There is no withdrawal {message.WithdrawalId}.");
        }

        var step = new PayoutStep(message, stored, context);
        return stored.Version == message.Step
            ? await MakeAsync(await NextAsync(step, ct), step, ct)
            : await MakeAsync(new PayoutMove.Done(), step, ct);
    }

    private async Task<PayoutMove> NextAsync(PayoutStep step, CancellationToken ct)
    {
        if (step.State is WithdrawalState.Queued queued && Waiting(queued) is { } waiting)
        {
            return waiting;
        }

        // What operators stop is stopped whether it was granted before or not, as long as nothing was sent.
        if (step.State is WithdrawalState.Queued
            && await rules.FindStopAsync(
                step.Tenant, step.Terms.Amount.Asset, step.Terms.Member, step.Terms.Destination.Text, ct) is { } reason)
        {
            return new PayoutMove.Wait($"It is stopped: {reason}", StopPause);
        }

        return step.State switch
        {
            WithdrawalState.Failed or WithdrawalState.Cancelled or WithdrawalState.PaidAfterFailure => new PayoutMove.Done(),
            _ => step.Terms.Destination.Kind switch
            {
                DestinationKind.CkbAddress => await chain.NextAsync(step, ct),
                DestinationKind.PaymentRequest => await payments.NextAsync(step, ct),
                DestinationKind.TipInvoice => await transfers.NextAsync(step, ct),
                var other => throw new UnreachableException($"Nothing goes to {other}."),
            },
        };
    }

    /// <summary>What keeps a queued one from being paid; null when nothing does.</summary>
    private PayoutMove? Waiting(WithdrawalState.Queued queued)
    {
        var now = time.GetUtcNow();
        var deadline = queued.Terms.RequestedAt + WaitMax;
        if (queued.HeldBackAt is { } since)
        {
            var end = since + WithdrawalDecider.HeldBackMax;
            return end <= now
                ? new PayoutMove.Record(new WithdrawalCommand.GiveUp(
                    WithdrawalFailure.NotReleased,
                    $"It was held back, and nobody released it within {WithdrawalDecider.HeldBackMax.TotalDays} days.",
                    now))
                : new PayoutMove.Wait("An operator holds it back.", Shorter(end - now, LookAgainMax));
        }

        if (queued.NeedsApproval)
        {
            return deadline <= now
                ? new PayoutMove.Record(new WithdrawalCommand.GiveUp(
                    WithdrawalFailure.NotApproved, $"Nobody agreed to it within {WaitMax.TotalDays} days.", now))
                : new PayoutMove.Wait("It waits for somebody to agree.", Shorter(deadline - now, LookAgainMax));
        }

        return queued.IsReady(now)
            ? null
            : new PayoutMove.Wait("Its time has not come.", Shorter(queued.NotBefore!.Value - now, LookAgainMax));
    }

    private async Task<MarkerCommitted> MakeAsync(PayoutMove move, PayoutStep step, CancellationToken ct)
    {
        switch (move)
        {
            case PayoutMove.Record record:
                var handled = await withdrawals.ApplyAsync(
                    step.Tenant,
                    step.Message.WithdrawalId,
                    record.Command,
                    [step.Context.Marker],
                    [LookAgain(step, step.Message.Doubt, Soon)],
                    step.Standing,
                    ct);
                if (handled is Handled.Accepted { State: WithdrawalState.Completed })
                {
                    stops.Reach(StopPoints.PayoutCompleted);
                }
                else if (handled is Handled.Accepted { State: WithdrawalState.Lost })
                {
                    stops.Reach(StopPoints.LossStored);
                }

                return handled switch
                {
                    Handled.Accepted => step.Context.Committed(),
                    Handled.ConstraintBroken broken => step.Context.Refused(broken.Constraint),

                    // It has moved on meanwhile; whoever moved it left a message behind.
                    Handled.Refused => await FinishAsync(step, [], ct),
                    _ => throw new InvalidOperationException($"A withdrawal's step cannot end in {handled.GetType().Name}."),
                };
            case PayoutMove.Wait wait:
                throw new TryLaterException(wait.Why, wait.Pause);
            case PayoutMove.Doubt doubt:
                return await FinishAsync(step, [LookAgain(step, doubt.What, doubt.Pause)], ct);
            case PayoutMove.Done:
                return await FinishAsync(step, [], ct);
            case PayoutMove.Stored:
                return step.Context.Committed();
            default:
                throw new UnreachableException($"{move.GetType().Name} is no move.");
        }
    }

    private OutgoingMessage LookAgain(PayoutStep step, PayoutDoubt? doubt, TimeSpan pause) =>
        step.Message.Doubting(doubt, step.Tenant, step.Context.Id, time.GetUtcNow() + pause, step.Context.CorrelationId);

    private async Task<MarkerCommitted> FinishAsync(PayoutStep step, IReadOnlyList<OutgoingMessage> next, CancellationToken ct) =>
        await messages.FinishAsync(step.Context.Marker, next, ct) is { } constraint
            ? step.Context.Refused(constraint)
            : step.Context.Committed();

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
