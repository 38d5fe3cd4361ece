using System.Diagnostics;
using FiberLink.Chain.Node;
using FiberLink.Crypto;
using FiberLink.Domain.Withdrawals;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Rates;
using FiberLink.Service.Startup;
using FiberLink.Service.Wallet;

namespace FiberLink.Service.Withdrawals.Paying;

/// <summary>
/// Pays on chain. A signed transaction is stored before anybody sees it, and is sent until a block has it: the same bytes each time,
/// which a chain takes once. It is given up only when one of its cells has been spent by something else, and that for good.
/// </summary>
internal sealed class ChainRail(
    HotWallet wallet,
    ChainPreparation preparation,
    ChainReplacement replacement,
    AttemptCells cells,
    ChainWatch watch,
    UsdRates rates,
    LateQuote late,
    ServiceSettings settings,
    StopPoints stops,
    TimeProvider time)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan NodeIsAway = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(10);

    public async Task<PayoutMove> NextAsync(PayoutStep step, CancellationToken ct)
    {
        if (!wallet.CanPay)
        {
            return new PayoutMove.Wait("No chain node and no signer are set up.", TimeSpan.FromMinutes(1));
        }

        return step.State switch
        {
            WithdrawalState.Queued => await preparation.PrepareAsync(step, ct),
            WithdrawalState.UnderWay s => await FollowAsync(step, s, ct),
            WithdrawalState.Completed { IsFinal: false } s => late.AtOnce(s) ?? await watch.UntilFinalAsync(step, s, ct),
            WithdrawalState.Completed s => late.Next(s),
            WithdrawalState.Lost s => await watch.AfterLossAsync(s, ct),
            _ => throw new UnreachableException($"On chain nothing is {step.State.GetType().Name}."),
        };
    }

    private async Task<PayoutMove> FollowAsync(PayoutStep step, WithdrawalState.UnderWay s, CancellationToken ct)
    {
        if (s is WithdrawalState.Prepared)
        {
            stops.Reach(StopPoints.PayoutPrepared);
        }

        // Of several that spend the same cells any may be the one that a block takes.
        foreach (var attempt in s.Attempts.Reverse())
        {
            var answer = await wallet.Node.GetTransactionStateAsync(Bytes32.Parse(attempt.Evidence), ct);
            switch (answer)
            {
                case ChainAnswer<TransactionState>.Ok { Value: TransactionState.Committed committed }:
                    return await CommittedAsync(s, attempt, committed, ct);
                case ChainAnswer<TransactionState>.Ok { Value: TransactionState.Pending or TransactionState.Proposed } pooled:
                    return await PooledAsync(step, s, attempt, pooled.Value is TransactionState.Pending, ct);
                case ChainAnswer<TransactionState>.Failed:
                    return new PayoutMove.Wait("The chain node does not answer.", NodeIsAway);
                default:
                    break;
            }
        }

        return s is WithdrawalState.InBlock lost ? TakenBack(lost) : await SendAsync(step, s, ct);
    }

    private async Task<PayoutMove> PooledAsync(
        PayoutStep step, WithdrawalState.UnderWay s, PayoutAttempt attempt, bool isReplaceable, CancellationToken ct) =>
        s switch
        {
            WithdrawalState.InBlock block => TakenBack(block),

            // The pool has one that was replaced, and not the one that takes its place. What a block has named already is not replaced.
            _ when attempt != s.Last =>
                isReplaceable
                    ? await SendAsync(step, s, ct)
                    : new PayoutMove.Wait("The one before it is about to be in a block.", LookAgain),
            WithdrawalState.Prepared => Record(new WithdrawalCommand.ReportSent(attempt.Number, time.GetUtcNow())),
            _ when isReplaceable && HasWaitedLong(attempt) => await replacement.ReplaceAsync(step, s, ct),
            _ => AttemptCells.Lives(step, "It is in the pool.", LookAgain),
        };

    private bool HasWaitedLong(PayoutAttempt attempt) => time.GetUtcNow() - attempt.PreparedAt >= settings.Payouts.BumpAfter;

    private async Task<PayoutMove> CommittedAsync(
        WithdrawalState.UnderWay s, PayoutAttempt attempt, TransactionState.Committed committed, CancellationToken ct)
    {
        stops.Reach(StopPoints.PayoutSeen);
        var (now, hash) = (time.GetUtcNow(), committed.BlockHash.ToHex());
        if (s is not WithdrawalState.InBlock block || block.BlockHash != hash || block.Attempt != attempt.Number)
        {
            return Record(new WithdrawalCommand.ReportInBlock(attempt.Number, committed.BlockNumber, hash, now));
        }

        return await wallet.Node.DepthOfAsync(committed, ct) is not { } depth
                ? new PayoutMove.Wait("The chain node does not answer.", NodeIsAway)
            : depth < settings.Payouts.ConfirmationsOf(s.Terms.Pays) ? new PayoutMove.Wait($"It lies {depth} deep.", LookAgain)
            : Record(new WithdrawalCommand.ReportPaid(attempt.Number, null, rates.Quote(s.Terms.Pays), now));
    }

    private async Task<PayoutMove> SendAsync(PayoutStep step, WithdrawalState.UnderWay s, CancellationToken ct)
    {
        var attempt = s.Last!;
        var outcome = await wallet.Node.SendTransactionAsync(AttemptCells.TransactionOf(attempt), ct);
        stops.Reach(StopPoints.PayoutSent);
        return outcome switch
        {
            SendOutcome.InPool when s is WithdrawalState.Prepared =>
                Record(new WithdrawalCommand.ReportSent(attempt.Number, time.GetUtcNow())),
            SendOutcome.InPool => AttemptCells.Lives(step, "It is in the pool again.", LookAgain),
            SendOutcome.Refused { Reason: SendRefusal.FeeTooLow } => await replacement.ReplaceAsync(step, s, ct),
            SendOutcome.Refused { Reason: SendRefusal.Conflict } when HasWaitedLong(attempt) =>
                await replacement.ReplaceAsync(step, s, ct),
            SendOutcome.Refused refused when SpentCells.SpeakAgainst(refused.Reason) => await DeadAsync(step, s, refused.Detail, ct),
            SendOutcome.Refused refused => new PayoutMove.Wait($"{refused.Reason}: {refused.Detail}", NodeIsAway),
            SendOutcome.NotSent away => new PayoutMove.Wait(away.Detail, NodeIsAway),
            SendOutcome.NotKnown lost => new PayoutMove.Wait(lost.Detail, LookAgain),
            _ => throw new UnreachableException($"{outcome.GetType().Name} is no outcome."),
        };
    }

    // Those before the last that is no replacement are dead already, or nothing would have followed them.
    private Task<PayoutMove> DeadAsync(PayoutStep step, WithdrawalState.UnderWay s, string detail, CancellationToken ct) =>
        cells.JudgeAsync(
            step,
            AttemptCells.OfTheirOwn(s).TakeLast(1),
            detail,
            (why, now) => new WithdrawalCommand.ReportFailed(s.Last!.Number, why, now + FirstRetry, null, now),
            ct);

    private PayoutMove.Record TakenBack(WithdrawalState.InBlock block) =>
        Record(new WithdrawalCommand.ReportTakenBack(block.Attempt, block.BlockHash, time.GetUtcNow()));

    private static PayoutMove.Record Record(WithdrawalCommand command) => new(command);
}
