using FiberLink.Chain.Node;
using FiberLink.Chain.Transactions;
using FiberLink.Domain.Withdrawals;
using FiberLink.Service.Messages;
using FiberLink.Service.Startup;
using FiberLink.Service.Wallet;

namespace FiberLink.Service.Withdrawals.Paying;

/// <summary>
/// When it is certain that transactions can never be in the chain: each has a cell that is spent, and not by it. While that lasts, and for
/// as many blocks as make a thing final, nothing is concluded; a block that is taken back may bring the cell to life again.
/// </summary>
internal sealed class SpentCells(HotWallet wallet, ServiceSettings settings, TimeProvider time)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan NodeIsAway = TimeSpan.FromSeconds(5);

    /// <summary>What the node said of one that cannot be sent may be for good.</summary>
    public static bool SpeakAgainst(SendRefusal reason) =>
        reason is SendRefusal.InputDead or SendRefusal.InputUnknown or SendRefusal.Conflict;

    /// <summary>What replaces a transaction spends all of its cells; one that replaces none came after others had died.</summary>
    public static IEnumerable<PayoutAttempt> OfTheirOwn(WithdrawalState.Known s) => s.Attempts.Where(a => a.Transaction!.Replaces is null);

    public static Transaction TransactionOf(PayoutAttempt attempt) =>
        Transaction.FromMolecule(Convert.FromBase64String(attempt.Transaction!.Bytes))
        ?? throw new InvalidOperationException($"The stored bytes of {attempt.Evidence} are no transaction.");

    /// <summary>The node has none of them in a block.</summary>
    /// <param name="step">Its message keeps in mind since when the cells are spent.</param>
    /// <param name="attempts">All that could still be in the chain; of those that spend the same cells one.</param>
    /// <param name="detail">What the node says.</param>
    /// <param name="conclude">What follows once it is certain, from why and when.</param>
    /// <param name="ct">Stops the look.</param>
    public async Task<PayoutMove> JudgeAsync(
        PayoutStep step,
        IEnumerable<PayoutAttempt> attempts,
        string detail,
        Func<string, DateTimeOffset, WithdrawalCommand> conclude,
        CancellationToken ct)
    {
        if (await wallet.Node.GetTipNumberAsync(ct) is not ChainAnswer<ulong>.Ok { Value: var tip })
        {
            return new PayoutMove.Wait("The chain node does not answer.", NodeIsAway);
        }

        foreach (var attempt in attempts)
        {
            switch (await wallet.Node.HasSpentCellAsync(TransactionOf(attempt), ct))
            {
                case null:
                    return new PayoutMove.Wait("The chain node does not answer.", NodeIsAway);
                case false:
                    return Lives(step, detail, LookAgain);
                default:
                    break;
            }
        }

        if (step.Message.Doubt?.Block is not { } since || since > tip)
        {
            return new PayoutMove.Doubt(new(PayoutDoubtKind.CellSpent, time.GetUtcNow(), tip, detail), LookAgain);
        }

        return tip - since < settings.Payouts.FinalDepth
            ? new PayoutMove.Wait($"A cell of it is spent by something else, for {tip - since} blocks.", LookAgain)
            : new PayoutMove.Record(conclude($"A cell of it was spent by something else: {detail}", time.GetUtcNow()));
    }

    /// <summary>Nothing speaks against it now. What did so before counts no longer, also when it comes back.</summary>
    public static PayoutMove Lives(PayoutStep step, string why, TimeSpan pause) =>
        step.Message.Doubt is null ? new PayoutMove.Wait(why, pause) : new PayoutMove.Doubt(null, pause);
}
