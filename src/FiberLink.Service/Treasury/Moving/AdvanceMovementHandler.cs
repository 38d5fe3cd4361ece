using System.Diagnostics;
using FiberLink.Domain.Treasury;
using FiberLink.Events.Treasury;
using FiberLink.Messaging;
using FiberLink.Projections.WalletCells;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Messages;
using FiberLink.Service.Wallet;

using Handled = FiberLink.Service.CommandHandling.Handled<
    FiberLink.Domain.Treasury.MovementState, FiberLink.Domain.Treasury.MovementRefusal>;

namespace FiberLink.Service.Treasury.Moving;

/// <summary>
/// Takes a movement one step further. What is stored comes first, then what is done outside, then what was seen of it: whoever takes the
/// message after a death goes on from what is stored.
/// </summary>
internal sealed class AdvanceMovementHandler(
    MovementCommands movements,
    HotWallet wallet,
    SweepRail sweeps,
    FundingRail openings,
    ClosingRail closings,
    ChainLook chain,
    IMessageStore messages,
    StopPoints stops,
    TimeProvider time)
{
    private static readonly TimeSpan BudgetPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LookAgainMax = TimeSpan.FromHours(1);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(3);

    public async Task<MarkerCommitted> Handle(AdvanceMovement message, MessageContext context, CancellationToken ct)
    {
        var stored = await movements.LoadAsync(message.MovementId, ct);
        if (stored.State is not MovementState.Known)
        {
            throw new CannotBeHandledException($"There is no movement {message.MovementId}.");
        }

        var step = new MovementStep(message, stored, context);
        if (stored.Version != message.Step)
        {
            return await FinishAsync(step, [], ct);
        }

        return step.State switch
        {
            MovementState.Requested s => await MakeAsync(Unapproved(s), step, ct),
            MovementState.Approved or MovementState.UnderWay or MovementState.Completed { IsFinal: false } or MovementState.Lost
                when !wallet.CanPay =>
                await MakeAsync(ChainLook.NotSetUp, step, ct),
            MovementState.Approved { Terms: MovementTerms.Sweep } s =>
                await sweeps.WithPlanAsync(s, move => MakeAsync(move, step, ct), ct),
            MovementState.Approved { Terms: MovementTerms.Opening } s =>
                await openings.WithPlanAsync(s, move => MakeAsync(move, step, ct), ct),
            MovementState.Approved { Terms: MovementTerms.Closing } s => await MakeAsync(await closings.PlanAsync(s, ct), step, ct),
            _ => await MakeAsync(await FollowAsync(step, ct), step, ct),
        };
    }

    private async Task<MovementMove> FollowAsync(MovementStep step, CancellationToken ct) =>
        step.State switch
        {
            MovementState.UnderWay { Last: FundingAttempt } s => await openings.FollowAsync(step, s, ct),
            MovementState.UnderWay { Last: ClosingAttempt } s => await closings.FollowAsync(step, s, ct),
            MovementState.UnderWay s => await sweeps.FollowAsync(step, s, ct),
            MovementState.Completed { IsFinal: false, Last: FundingAttempt } s => await openings.UntilFinalAsync(step, s, ct),
            MovementState.Completed { IsFinal: false, Last: ClosingAttempt } s => await closings.UntilFinalAsync(step, s, ct),
            MovementState.Completed { IsFinal: false } s => await sweeps.UntilFinalAsync(step, s, ct),
            MovementState.Lost s => await chain.AfterLossAsync(s, ct),
            _ => new MovementMove.Done(),
        };

    private MovementMove Unapproved(MovementState.Requested s)
    {
        var now = time.GetUtcNow();
        var deadline = s.Terms.RequestedAt + MovementCommands.WaitMax;
        return deadline <= now
            ? new MovementMove.Record(new MovementCommand.GiveUp(
                MovementFailure.NotApproved, $"Nobody agreed to it within {MovementCommands.WaitMax.TotalDays} days.", now))
            : new MovementMove.Wait("It waits for somebody to agree.", deadline - now < LookAgainMax ? deadline - now : LookAgainMax);
    }

    private async Task<MarkerCommitted> MakeAsync(MovementMove move, MovementStep step, CancellationToken ct)
    {
        switch (move)
        {
            case MovementMove.Record record:
                return await RecordAsync(record, step, ct);
            case MovementMove.Wait wait:
                throw new TryLaterException(wait.Why, wait.Pause);
            case MovementMove.Doubt doubt:
                return await FinishAsync(step, [LookAgain(step, doubt.SpentSince, doubt.Pause)], ct);
            case MovementMove.Done:
                return await FinishAsync(step, [], ct);
            default:
                throw new UnreachableException($"{move.GetType().Name} is no move.");
        }
    }

    private async Task<MarkerCommitted> RecordAsync(MovementMove.Record record, MovementStep step, CancellationToken ct)
    {
        var handled = await movements.ApplyAsync(
            step.Message.MovementId,
            record.Command,
            [step.Context.Marker],
            record.Budget is { } budget ? [budget] : [],
            [LookAgain(step, step.Message.SpentSince, Soon)],
            step.Standing,
            ct);
        switch (handled)
        {
            case Handled.Accepted accepted:
                if (accepted.State is MovementState.Completed)
                {
                    stops.Reach(StopPoints.SweepCompleted);
                }
                else if (accepted.State is MovementState.Lost)
                {
                    stops.Reach(StopPoints.LossStored);
                }

                return step.Context.Committed();

            // Nothing of it is stored, and what was signed is seen by nobody.
            case Handled.ConstraintBroken { Constraint: BudgetRow.DayMaxHolds }:
                throw new TryLaterException("The budget of a day does not cover it.", BudgetPause);
            case Handled.ConstraintBroken { Constraint: WalletCellsProjection.IsReserved or WalletCellsProjection.IsAnothersOutput }:
                throw new TryLaterException("A cell has been reserved meanwhile.", TimeSpan.Zero);
            case Handled.ConstraintBroken broken:
                return step.Context.Refused(broken.Constraint);

            // It has moved on meanwhile; whoever moved it left a message behind.
            case Handled.Refused:
                return await FinishAsync(step, [], ct);
            default:
                throw new InvalidOperationException($"A movement's step cannot end in {handled.GetType().Name}.");
        }
    }

    private OutgoingMessage LookAgain(MovementStep step, ulong? spentSince, TimeSpan pause) =>
        step.Message.Again(spentSince, step.Context.Id, time.GetUtcNow() + pause, step.Context.CorrelationId);

    private async Task<MarkerCommitted> FinishAsync(MovementStep step, IReadOnlyList<OutgoingMessage> next, CancellationToken ct) =>
        await messages.FinishAsync(step.Context.Marker, next, ct) is { } constraint
            ? step.Context.Refused(constraint)
            : step.Context.Committed();
}
