using System.Diagnostics;
using FiberLink.Chain.Node;
using FiberLink.Chain.Transactions;
using FiberLink.Crypto;
using FiberLink.Domain.Withdrawals;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Messages;
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
    UsdRates rates,
    LateQuote late,
    ServiceSettings settings,
    StopPoints stops,
    TimeProvider time)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan NodeIsAway = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FinalityPause = TimeSpan.FromSeconds(30);
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
            WithdrawalState.Completed { IsFinal: false } s => late.AtOnce(s) ?? await UntilFinalAsync(s, ct),
            WithdrawalState.Completed s => late.Next(s),
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
            _ => new PayoutMove.Wait("It is in the pool.", LookAgain),
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
        var outcome = await wallet.Node.SendTransactionAsync(TransactionOf(attempt), ct);
        stops.Reach(StopPoints.PayoutSent);
        return outcome switch
        {
            SendOutcome.InPool when s is WithdrawalState.Prepared =>
                Record(new WithdrawalCommand.ReportSent(attempt.Number, time.GetUtcNow())),
            SendOutcome.InPool => new PayoutMove.Wait("It is in the pool again.", LookAgain),
            SendOutcome.Refused { Reason: SendRefusal.FeeTooLow } => await replacement.ReplaceAsync(step, s, ct),
            SendOutcome.Refused { Reason: SendRefusal.Conflict } when HasWaitedLong(attempt) =>
                await replacement.ReplaceAsync(step, s, ct),
            SendOutcome.Refused { Reason: SendRefusal.InputDead or SendRefusal.InputUnknown or SendRefusal.Conflict } refused =>
                await DeadAsync(step, s, refused.Detail, ct),
            SendOutcome.Refused refused => new PayoutMove.Wait($"{refused.Reason}: {refused.Detail}", NodeIsAway),
            SendOutcome.NotSent away => new PayoutMove.Wait(away.Detail, NodeIsAway),
            SendOutcome.NotKnown lost => new PayoutMove.Wait(lost.Detail, LookAgain),
            _ => throw new UnreachableException($"{outcome.GetType().Name} is no outcome."),
        };
    }

    /// <summary>
    /// The node has none of the transactions, and a cell is said to be spent. While that lasts, and for as many blocks as make a thing
    /// final, nothing is concluded; a block that is taken back may bring the cell to life again.
    /// </summary>
    private async Task<PayoutMove> DeadAsync(PayoutStep step, WithdrawalState.UnderWay s, string detail, CancellationToken ct)
    {
        if (await wallet.Node.GetTipNumberAsync(ct) is not ChainAnswer<ulong>.Ok { Value: var tip }
            || await HasSpentCellAsync(s, ct) is not { } isSpent)
        {
            return new PayoutMove.Wait("The chain node does not answer.", NodeIsAway);
        }

        var doubt = step.Message.Doubt;
        if (!isSpent)
        {
            return doubt is null ? new PayoutMove.Wait(detail, LookAgain) : new PayoutMove.Doubt(null, LookAgain);
        }

        if (doubt?.Block is not { } since || since > tip)
        {
            return new PayoutMove.Doubt(new(PayoutDoubtKind.CellSpent, time.GetUtcNow(), tip, detail), LookAgain);
        }

        var now = time.GetUtcNow();
        return tip - since < settings.Payouts.FinalDepth
            ? new PayoutMove.Wait($"A cell of it is spent by something else, for {tip - since} blocks.", LookAgain)
            : Record(new WithdrawalCommand.ReportFailed(
                s.Last!.Number, $"A cell of it was spent by something else: {detail}", now + FirstRetry, null, now));
    }

    // What replaces a transaction spends all of its cells; one that replaces none came after others had died.
    private Task<bool?> HasSpentCellAsync(WithdrawalState.UnderWay s, CancellationToken ct) =>
        wallet.Node.HasSpentCellAsync(TransactionOf(s.Attempts.Last(a => a.Transaction!.Replaces is null)), ct);

    private async Task<PayoutMove> UntilFinalAsync(WithdrawalState.Completed s, CancellationToken ct)
    {
        var (paid, now) = (s.Attempts[s.Attempt - 1], time.GetUtcNow());

        // What spends the same cells may take its place after a reorganisation. It pays the same.
        foreach (var attempt in s.Attempts.Where(a => a == paid || !s.CanBothBePaid(a.Number, paid.Number)).OrderBy(a => a != paid))
        {
            switch (await wallet.Node.GetTransactionStateAsync(Bytes32.Parse(attempt.Evidence), ct))
            {
                case ChainAnswer<TransactionState>.Failed:
                    return new PayoutMove.Wait("The chain node does not answer.", FinalityPause);
                case ChainAnswer<TransactionState>.Ok { Value: TransactionState.Committed committed }:
                    return await LiesAsync(s, attempt.Number, committed, ct);
                default:
                    break;
            }
        }

        if (s.BlockHash is { } block)
        {
            return Record(new WithdrawalCommand.ReportTakenBack(s.Attempt, block, now));
        }

        // Its cells are kept for it: nothing of ours takes its place.
        await wallet.Node.SendTransactionAsync(TransactionOf(paid), ct);
        return new PayoutMove.Wait("It was taken back, and is sent again.", LookAgain);
    }

    private async Task<PayoutMove> LiesAsync(
        WithdrawalState.Completed s, int attempt, TransactionState.Committed committed, CancellationToken ct)
    {
        var (now, hash) = (time.GetUtcNow(), committed.BlockHash.ToHex());
        return s.BlockHash is null ? Record(new WithdrawalCommand.ReportInBlock(attempt, committed.BlockNumber, hash, now))
            : s.BlockHash != hash ? Record(new WithdrawalCommand.ReportTakenBack(s.Attempt, s.BlockHash, now))
            : await wallet.Node.DepthOfAsync(committed, ct) is not { } depth || depth < settings.Payouts.FinalDepth
                ? new PayoutMove.Wait("It is not final yet.", FinalityPause)
            : Record(new WithdrawalCommand.ReportFinal(s.Attempt, now));
    }

    private PayoutMove.Record TakenBack(WithdrawalState.InBlock block) =>
        Record(new WithdrawalCommand.ReportTakenBack(block.Attempt, block.BlockHash, time.GetUtcNow()));

    private static PayoutMove.Record Record(WithdrawalCommand command) => new(command);

    private static Transaction TransactionOf(PayoutAttempt attempt) =>
        Transaction.FromMolecule(Convert.FromBase64String(attempt.Transaction!.Bytes))
        ?? throw new InvalidOperationException($"The stored bytes of {attempt.Evidence} are no transaction.");
}
