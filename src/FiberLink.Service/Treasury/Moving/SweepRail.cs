using System.Diagnostics;
using FiberLink.Chain.Node;
using FiberLink.Domain.Treasury;
using FiberLink.Messaging;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Wallet;

namespace FiberLink.Service.Treasury.Moving;

/// <summary>
/// Follows a sweep over the chain as withdrawals are followed: a signed transaction is stored before anybody sees it, is sent until a
/// block has it, the same bytes each time, and is given up only when one of its cells has been spent by something else, and that for good.
/// </summary>
internal sealed class SweepRail(HotWallet wallet, SweepPreparation preparation, ChainLook chain, StopPoints stops, TimeProvider time)
{
    /// <summary>Plans, and has what was planned stored while nothing else is planned over the wallet's cells.</summary>
    public async Task<MarkerCommitted> WithPlanAsync(
        MovementState.Approved s, Func<MovementMove, Task<MarkerCommitted>> make, CancellationToken ct)
    {
        await wallet.Planning.WaitAsync(ct);
        try
        {
            return await make(await preparation.PlanAsync(s, ct));
        }
        finally
        {
            wallet.Planning.Release();
        }
    }

    public async Task<MovementMove> FollowAsync(MovementStep step, MovementState.UnderWay s, CancellationToken ct)
    {
        if (s is MovementState.Prepared)
        {
            stops.Reach(StopPoints.SweepPrepared);
        }

        var attempt = (SpendingAttempt)s.Last!;
        var seen = await chain.SeenAsync(
            s,
            attempt,
            () => Task.FromResult<MovementMove>(Record(new MovementCommand.ReportDeep(attempt.Number, time.GetUtcNow()))),
            ct);
        return ChainLook.Living(step, seen) ?? await SendAsync(step, s, attempt, ct);
    }

    public Task<MovementMove> UntilFinalAsync(MovementStep step, MovementState.Completed s, CancellationToken ct) =>
        chain.UntilFinalAsync(step, s, stop => SendAgainAsync(step, (SpendingAttempt)s.Last!, stop), ct);

    private async Task<MovementMove> SendAgainAsync(MovementStep step, SpendingAttempt attempt, CancellationToken ct)
    {
        var transaction = ChainLook.TransactionOf(attempt.Transaction);
        return await wallet.Node.SendTransactionAsync(transaction, ct) switch
        {
            SendOutcome.InPool => ChainLook.Lives(step, "It was taken back, and is in the pool again."),
            SendOutcome.Refused refused when SpentCells.SpeakAgainst(refused.Reason) =>
                await chain.LostAsync(step, attempt, ChainLook.CellsOf(attempt), refused.Detail, ct),
            _ => new MovementMove.Wait("It was taken back, and is sent again.", ChainLook.LookAgain),
        };
    }

    private async Task<MovementMove> SendAsync(
        MovementStep step, MovementState.UnderWay s, SpendingAttempt attempt, CancellationToken ct)
    {
        var transaction = ChainLook.TransactionOf(attempt.Transaction);
        var outcome = await wallet.Node.SendTransactionAsync(transaction, ct);
        stops.Reach(StopPoints.SweepSent);
        return outcome switch
        {
            SendOutcome.InPool when s is MovementState.Prepared =>
                Record(new MovementCommand.ReportSent(attempt.Number, time.GetUtcNow())),
            SendOutcome.InPool => new MovementMove.Wait("It is in the pool again.", ChainLook.LookAgain),
            SendOutcome.Refused refused when SpentCells.SpeakAgainst(refused.Reason) =>
                await chain.DeadAsync(step, attempt, ChainLook.CellsOf(attempt), refused.Detail, ct),
            SendOutcome.Refused refused => new MovementMove.Wait($"{refused.Reason}: {refused.Detail}", ChainLook.NodeIsAway),
            SendOutcome.NotSent away => new MovementMove.Wait(away.Detail, ChainLook.NodeIsAway),
            SendOutcome.NotKnown lost => new MovementMove.Wait(lost.Detail, ChainLook.LookAgain),
            _ => throw new UnreachableException($"{outcome.GetType().Name} is no outcome."),
        };
    }

    private static MovementMove.Record Record(MovementCommand command) => new(command);
}
