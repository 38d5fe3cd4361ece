using FiberLink.Chain.Node;
using FiberLink.Crypto;
using FiberLink.Domain.Withdrawals;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Startup;
using FiberLink.Service.Wallet;

namespace FiberLink.Service.Withdrawals.Paying;

/// <summary>
/// Watches what counts as paid on chain until no reorganisation can take it back. What one has taken back is sent again, the same bytes,
/// until a block has it or it is certain that none ever can.
/// </summary>
internal sealed class ChainWatch(
    HotWallet wallet, AttemptCells cells, ServiceSettings settings, StopPoints stops, TimeProvider time)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan FinalityPause = TimeSpan.FromSeconds(30);

    private static PayoutMove NodeIsAway { get; } = new PayoutMove.Wait("The chain node does not answer.", FinalityPause);

    public async Task<PayoutMove> UntilFinalAsync(PayoutStep step, WithdrawalState.Completed s, CancellationToken ct)
    {
        var paid = s.Attempts[s.Attempt - 1];

        // What spends the same cells may take its place after a reorganisation. It pays the same.
        foreach (var attempt in s.Attempts.Where(a => a == paid || !s.CanBothBePaid(a.Number, paid.Number)).OrderBy(a => a != paid))
        {
            switch (await wallet.Node.GetTransactionStateAsync(Bytes32.Parse(attempt.Evidence), ct))
            {
                case ChainAnswer<TransactionState>.Failed:
                    return NodeIsAway;
                case ChainAnswer<TransactionState>.Ok { Value: TransactionState.Committed committed }:
                    return await LiesAsync(s, attempt.Number, committed, ct);
                default:
                    break;
            }
        }

        return s.BlockHash is { } block
            ? Record(new WithdrawalCommand.ReportTakenBack(s.Attempt, block, time.GetUtcNow()))
            : await SendAgainAsync(step, s, paid, ct);
    }

    /// <summary>One last look at what is lost: another attempt, long believed dead, may have paid in its place.</summary>
    public async Task<PayoutMove> AfterLossAsync(WithdrawalState.Lost s, CancellationToken ct)
    {
        foreach (var attempt in s.Attempts)
        {
            switch (await wallet.Node.GetTransactionStateAsync(Bytes32.Parse(attempt.Evidence), ct))
            {
                case ChainAnswer<TransactionState>.Failed:
                    return NodeIsAway;
                case ChainAnswer<TransactionState>.Ok { Value: TransactionState.Committed committed }:
                    return await wallet.Node.DepthOfAsync(committed, ct) is not { } depth ? NodeIsAway
                        : depth < settings.Payouts.ConfirmationsOf(s.Terms.Pays) ? new PayoutMove.Wait($"It lies {depth} deep.", LookAgain)
                        : Record(new WithdrawalCommand.ReportPaid(attempt.Number, null, null, time.GetUtcNow()));
                default:
                    break;
            }
        }

        return new PayoutMove.Done();
    }

    // Its cells are kept for it: nothing of ours takes its place.
    private async Task<PayoutMove> SendAgainAsync(
        PayoutStep step, WithdrawalState.Completed s, PayoutAttempt paid, CancellationToken ct)
    {
        switch (await wallet.Node.SendTransactionAsync(AttemptCells.TransactionOf(paid), ct))
        {
            case SendOutcome.InPool:
                return AttemptCells.Lives(step, "It was taken back, and is in the pool again.", LookAgain);
            case SendOutcome.Refused refused when SpentCells.SpeakAgainst(refused.Reason):
                return await cells.JudgeAsync(
                    step,
                    AttemptCells.OfTheirOwn(s),
                    refused.Detail,
                    (why, now) =>
                    {
                        stops.Reach(StopPoints.LossCertain);
                        return new WithdrawalCommand.ReportLost(s.Attempt, why, now);
                    },
                    ct);
            default:
                return new PayoutMove.Wait("It was taken back, and is sent again.", LookAgain);
        }
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

    private static PayoutMove.Record Record(WithdrawalCommand command) => new(command);
}
