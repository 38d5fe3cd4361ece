using System.Diagnostics;
using FiberLink.Chain.Node;
using FiberLink.Chain.Transactions;
using FiberLink.Crypto;
using FiberLink.Domain.Treasury;
using FiberLink.Messaging;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Startup;
using FiberLink.Service.Wallet;

namespace FiberLink.Service.Treasury.Moving;

/// <summary>
/// Follows a sweep over the chain as withdrawals are followed: a signed transaction is stored before anybody sees it, is sent until a
/// block has it, the same bytes each time, and is given up only when one of its cells has been spent by something else, and that for good.
/// </summary>
internal sealed class SweepRail(
    HotWallet wallet, SweepPreparation preparation, ServiceSettings settings, StopPoints stops, TimeProvider time)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan NodeIsAway = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FinalityPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(10);

    /// <summary>Plans, and has what was planned stored while nothing else is planned over the wallet's cells.</summary>
    public async Task<MarkerCommitted> WithPlanAsync(
        MovementStep step, MovementState.Approved s, Func<MovementMove, Task<MarkerCommitted>> make, CancellationToken ct)
    {
        if (!wallet.CanPay)
        {
            return await make(new MovementMove.Wait("No chain node and no signer are set up.", TimeSpan.FromMinutes(1)));
        }

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
        if (!wallet.CanPay)
        {
            return new MovementMove.Wait("No chain node and no signer are set up.", TimeSpan.FromMinutes(1));
        }

        if (s is MovementState.Prepared)
        {
            stops.Reach(StopPoints.SweepPrepared);
        }

        var attempt = s.Last!;
        return await wallet.Node.GetTransactionStateAsync(Bytes32.Parse(attempt.Transaction.Hash), ct) switch
        {
            ChainAnswer<TransactionState>.Ok { Value: TransactionState.Committed committed } =>
                await CommittedAsync(s, attempt, committed, ct),
            ChainAnswer<TransactionState>.Failed => new MovementMove.Wait("The chain node does not answer.", NodeIsAway),
            _ when s is MovementState.InBlock block => TakenBack(attempt, block.BlockHash),
            ChainAnswer<TransactionState>.Ok { Value: TransactionState.Pending or TransactionState.Proposed } =>
                s is MovementState.Prepared
                    ? Record(new MovementCommand.ReportSent(attempt.Number, time.GetUtcNow()))
                    : new MovementMove.Wait("It is in the pool.", LookAgain),
            _ => await SendAsync(step, s, attempt, ct),
        };
    }

    public async Task<MovementMove> UntilFinalAsync(MovementState.Completed s, CancellationToken ct)
    {
        if (!wallet.CanPay)
        {
            return new MovementMove.Wait("No chain node and no signer are set up.", TimeSpan.FromMinutes(1));
        }

        var (attempt, now) = (s.Last!, time.GetUtcNow());
        switch (await wallet.Node.GetTransactionStateAsync(Bytes32.Parse(attempt.Transaction.Hash), ct))
        {
            case ChainAnswer<TransactionState>.Failed:
                return new MovementMove.Wait("The chain node does not answer.", FinalityPause);
            case ChainAnswer<TransactionState>.Ok { Value: TransactionState.Committed committed }
                when s.BlockHash is { } block && block != committed.BlockHash.ToHex():
                return TakenBack(attempt, block);
            case ChainAnswer<TransactionState>.Ok { Value: TransactionState.Committed committed }:
                return s.BlockHash is null ? Included(attempt, committed)
                    : await wallet.Node.DepthOfAsync(committed, ct) is not { } depth || depth < settings.Payouts.FinalDepth
                        ? new MovementMove.Wait("It is not final yet.", FinalityPause)
                    : Record(new MovementCommand.ReportFinal(attempt.Number, now));
            default:
                if (s.BlockHash is { } lost)
                {
                    return TakenBack(attempt, lost);
                }

                // Its cells are kept for it: nothing of ours takes its place.
                await wallet.Node.SendTransactionAsync(TransactionOf(attempt), ct);
                return new MovementMove.Wait("It was taken back, and is sent again.", LookAgain);
        }
    }

    private async Task<MovementMove> CommittedAsync(
        MovementState.UnderWay s, SweepAttempt attempt, TransactionState.Committed committed, CancellationToken ct)
    {
        stops.Reach(StopPoints.SweepSeen);
        return s is not MovementState.InBlock block || block.BlockHash != committed.BlockHash.ToHex() ? Included(attempt, committed)
            : await wallet.Node.DepthOfAsync(committed, ct) is not { } depth
                ? new MovementMove.Wait("The chain node does not answer.", NodeIsAway)
            : depth < settings.Payouts.Confirmations.Of(s.Terms.Amount.Units)
                ? new MovementMove.Wait($"It lies {depth} deep.", LookAgain)
            : Record(new MovementCommand.ReportDeep(attempt.Number, time.GetUtcNow()));
    }

    private async Task<MovementMove> SendAsync(MovementStep step, MovementState.UnderWay s, SweepAttempt attempt, CancellationToken ct)
    {
        var transaction = TransactionOf(attempt);
        var outcome = await wallet.Node.SendTransactionAsync(transaction, ct);
        stops.Reach(StopPoints.SweepSent);
        return outcome switch
        {
            SendOutcome.InPool when s is MovementState.Prepared =>
                Record(new MovementCommand.ReportSent(attempt.Number, time.GetUtcNow())),
            SendOutcome.InPool => new MovementMove.Wait("It is in the pool again.", LookAgain),
            SendOutcome.Refused { Reason: SendRefusal.InputDead or SendRefusal.InputUnknown or SendRefusal.Conflict } refused =>
                await DeadAsync(step, attempt, transaction, refused.Detail, ct),
            SendOutcome.Refused refused => new MovementMove.Wait($"{refused.Reason}: {refused.Detail}", NodeIsAway),
            SendOutcome.NotSent away => new MovementMove.Wait(away.Detail, NodeIsAway),
            SendOutcome.NotKnown lost => new MovementMove.Wait(lost.Detail, LookAgain),
            _ => throw new UnreachableException($"{outcome.GetType().Name} is no outcome."),
        };
    }

    /// <summary>
    /// The node has not got it, and a cell is said to be spent. While that lasts, and for as many blocks as make a thing final, nothing is
    /// concluded; a block that is taken back may bring the cell to life again.
    /// </summary>
    private async Task<MovementMove> DeadAsync(
        MovementStep step, SweepAttempt attempt, Transaction transaction, string detail, CancellationToken ct)
    {
        if (await wallet.Node.GetTipNumberAsync(ct) is not ChainAnswer<ulong>.Ok { Value: var tip }
            || await wallet.Node.HasSpentCellAsync(transaction, ct) is not { } isSpent)
        {
            return new MovementMove.Wait("The chain node does not answer.", NodeIsAway);
        }

        if (!isSpent)
        {
            return step.Message.SpentSince is null
                ? new MovementMove.Wait(detail, LookAgain)
                : new MovementMove.Doubt(null, LookAgain);
        }

        if (step.Message.SpentSince is not { } since || since > tip)
        {
            return new MovementMove.Doubt(tip, LookAgain);
        }

        var now = time.GetUtcNow();
        return tip - since < settings.Payouts.FinalDepth
            ? new MovementMove.Wait($"A cell of it is spent by something else, for {tip - since} blocks.", LookAgain)
            : Record(new MovementCommand.ReportDead(
                attempt.Number, $"A cell of it was spent by something else: {detail}", now + FirstRetry, now));
    }

    private MovementMove.Record Included(SweepAttempt attempt, TransactionState.Committed committed) =>
        Record(new MovementCommand.ReportInBlock(
            attempt.Number, committed.BlockNumber, committed.BlockHash.ToHex(), time.GetUtcNow()));

    private MovementMove.Record TakenBack(SweepAttempt attempt, string blockHash) =>
        Record(new MovementCommand.ReportTakenBack(attempt.Number, blockHash, time.GetUtcNow()));

    private static MovementMove.Record Record(MovementCommand command) => new(command);

    private static Transaction TransactionOf(SweepAttempt attempt) =>
        Transaction.FromMolecule(Convert.FromBase64String(attempt.Transaction.Bytes))
        ?? throw new InvalidOperationException($"The stored bytes of {attempt.Transaction.Hash} are no transaction.");
}
