using System.Diagnostics;
using FiberLink.Chain.Transactions;
using FiberLink.Domain.Withdrawals;
using FiberLink.Service.Messages;
using FiberLink.Service.Wallet;

namespace FiberLink.Service.Withdrawals.Paying;

/// <summary>What follows for a withdrawal from cells of its attempts that are spent by something else.</summary>
internal sealed class AttemptCells(SpentCells cells, TimeProvider time)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan NodeIsAway = TimeSpan.FromSeconds(5);

    /// <summary>What replaces a transaction spends all of its cells; one that replaces none came after others had died.</summary>
    public static IEnumerable<PayoutAttempt> OfTheirOwn(WithdrawalState.Known s) => s.Attempts.Where(a => a.Transaction!.Replaces is null);

    public static Transaction TransactionOf(PayoutAttempt attempt) => SpentCells.Read(attempt.Transaction!.Bytes, attempt.Evidence);

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
        CancellationToken ct) =>
        await cells.JudgeAsync(attempts.Select(a => SpentCells.Of(TransactionOf(a))), step.Message.Doubt?.Block, ct) switch
        {
            SpentVerdict.NodeIsAway => new PayoutMove.Wait("The chain node does not answer.", NodeIsAway),
            SpentVerdict.Lives => Lives(step, detail, LookAgain),
            SpentVerdict.Doubtful spent => new PayoutMove.Doubt(
                new(PayoutDoubtKind.CellSpent, time.GetUtcNow(), spent.Tip, detail), LookAgain),
            SpentVerdict.NotYet spent => new PayoutMove.Wait($"{spent}", LookAgain),
            SpentVerdict.ForGood => new PayoutMove.Record(conclude(SpentVerdict.ForGood.Because(detail), time.GetUtcNow())),
            var other => throw new UnreachableException($"{other.GetType().Name} is no verdict."),
        };

    /// <summary>Nothing speaks against it now. What did so before counts no longer, also when it comes back.</summary>
    public static PayoutMove Lives(PayoutStep step, string why, TimeSpan pause) =>
        step.Message.Doubt is null ? new PayoutMove.Wait(why, pause) : new PayoutMove.Doubt(null, pause);
}
