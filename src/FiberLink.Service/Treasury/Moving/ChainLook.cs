using System.Diagnostics;
using FiberLink.Chain.Node;
using FiberLink.Chain.Transactions;
using FiberLink.Crypto;
using FiberLink.Domain.Treasury;
using FiberLink.Events.Treasury;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Startup;
using FiberLink.Service.Wallet;

namespace FiberLink.Service.Treasury.Moving;

/// <summary>What the chain says of a movement's transaction, whoever sent it.</summary>
internal sealed class ChainLook(HotWallet wallet, SpentCells cells, ServiceSettings settings, StopPoints stops, TimeProvider time)
{
    public static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(3);
    public static readonly TimeSpan NodeIsAway = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FinalityPause = TimeSpan.FromSeconds(30);

    private static readonly MovementMove InPool = new MovementMove.Wait("It is in the pool.", LookAgain);

    public static MovementMove NotSetUp { get; } =
        new MovementMove.Wait("No chain node and no signer are set up.", TimeSpan.FromMinutes(1));

    /// <summary>What follows from what the chain has; null when it has not got the transaction.</summary>
    /// <param name="s">Where the movement stands.</param>
    /// <param name="attempt">Its transaction is known; what it moves says how deep it has to lie.</param>
    /// <param name="whenDeep">What follows once it lies so deep.</param>
    /// <param name="ct">Stops the look.</param>
    public async Task<MovementMove?> SeenAsync(
        MovementState.UnderWay s, MovementAttempt attempt, Func<Task<MovementMove>> whenDeep, CancellationToken ct)
    {
        switch (await wallet.Node.GetTransactionStateAsync(Bytes32.Parse(attempt.Evidence!), ct))
        {
            case ChainAnswer<TransactionState>.Ok { Value: TransactionState.Committed committed }:
                stops.Reach(StopPoints.SweepSeen);
                return s is not MovementState.InBlock block || block.BlockHash != committed.BlockHash.ToHex()
                        ? Included(attempt, committed)
                    : await wallet.Node.DepthOfAsync(committed, ct) is not { } depth
                        ? new MovementMove.Wait("The chain node does not answer.", NodeIsAway)
                    : depth < settings.Payouts.ConfirmationsOf(s.Moved(attempt))
                        ? new MovementMove.Wait($"It lies {depth} deep.", LookAgain)
                    : await whenDeep();
            case ChainAnswer<TransactionState>.Failed:
                return new MovementMove.Wait("The chain node does not answer.", NodeIsAway);
            case var _ when s is MovementState.InBlock lost:
                return TakenBack(attempt, lost.BlockHash);
            case ChainAnswer<TransactionState>.Ok { Value: TransactionState.Pending or TransactionState.Proposed }:
                return s is MovementState.Prepared
                    ? Record(new MovementCommand.ReportSent(attempt.Number, time.GetUtcNow()))
                    : InPool;
            default:
                return null;
        }
    }

    /// <summary>
    /// What is in the pool lives: what spoke against it before counts no longer, also when it comes back. Anything else is as it was seen.
    /// </summary>
    public static MovementMove? Living(MovementStep step, MovementMove? seen) =>
        seen == InPool && step.Message.SpentSince is not null ? new MovementMove.Doubt(null, LookAgain) : seen;

    /// <summary>Watches a transaction that counts already, until it is final.</summary>
    /// <param name="step">Its message keeps in mind since when a cell is spent.</param>
    /// <param name="s">Where the movement stands.</param>
    /// <param name="goneAsync">What follows where a reorganisation has taken it back and no pool has it.</param>
    /// <param name="ct">Stops the look.</param>
    public async Task<MovementMove> UntilFinalAsync(
        MovementStep step, MovementState.Completed s, Func<CancellationToken, Task<MovementMove>> goneAsync, CancellationToken ct)
    {
        var attempt = s.Last!;
        switch (await wallet.Node.GetTransactionStateAsync(Bytes32.Parse(attempt.Evidence!), ct))
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
                    : Record(new MovementCommand.ReportFinal(attempt.Number, time.GetUtcNow()));
            case var _ when s.BlockHash is { } lost:
                return TakenBack(attempt, lost);
            case ChainAnswer<TransactionState>.Ok { Value: TransactionState.Pending or TransactionState.Proposed }:
                return Lives(step, "It was taken back, and is in the pool again.");
            default:
                // Its cells are kept for it: nothing of ours takes its place.
                return await goneAsync(ct);
        }
    }

    /// <summary>One last look at what is lost: another attempt, long believed dead, may be in the chain in its place.</summary>
    public async Task<MovementMove> AfterLossAsync(MovementState.Lost s, CancellationToken ct)
    {
        foreach (var attempt in s.Attempts)
        {
            switch (await wallet.Node.GetTransactionStateAsync(Bytes32.Parse(attempt.Evidence!), ct))
            {
                case ChainAnswer<TransactionState>.Failed:
                    return new MovementMove.Wait("The chain node does not answer.", FinalityPause);
                case ChainAnswer<TransactionState>.Ok { Value: TransactionState.Committed committed }:
                    return await wallet.Node.DepthOfAsync(committed, ct) is not { } depth
                            ? new MovementMove.Wait("The chain node does not answer.", FinalityPause)
                        : depth < settings.Payouts.ConfirmationsOf(s.Moved(attempt))
                            ? new MovementMove.Wait($"It lies {depth} deep.", LookAgain)
                        : Record(new MovementCommand.ReportArrived(attempt.Number, time.GetUtcNow()));
                default:
                    break;
            }
        }

        return new MovementMove.Done();
    }

    /// <summary>The node has not got it, and a cell is said to be spent.</summary>
    public Task<MovementMove> DeadAsync(
        MovementStep step, MovementAttempt attempt, IEnumerable<OutPoint> spends, string detail, CancellationToken ct) =>
        JudgeAsync(
            step, spends, detail, (why, now) => new MovementCommand.ReportDead(attempt.Number, why, now + FirstRetry, now), ct);

    /// <summary>It had counted, was taken back, and a cell may be spent.</summary>
    public Task<MovementMove> LostAsync(
        MovementStep step, MovementAttempt attempt, IEnumerable<OutPoint> spends, string detail, CancellationToken ct) =>
        JudgeAsync(
            step,
            spends,
            detail,
            (why, now) =>
            {
                stops.Reach(StopPoints.LossCertain);
                return new MovementCommand.ReportLost(attempt.Number, why, now);
            },
            ct);

    /// <summary>Nothing speaks against it now. What did so before counts no longer, also when it comes back.</summary>
    public static MovementMove Lives(MovementStep step, string why) =>
        step.Message.SpentSince is null ? new MovementMove.Wait(why, LookAgain) : new MovementMove.Doubt(null, LookAgain);

    public static Transaction TransactionOf(SweepTransaction stored) => SpentCells.Read(stored.Bytes, stored.Hash);

    /// <summary>The cells that an attempt of ours spends.</summary>
    public static IEnumerable<OutPoint> CellsOf(SpendingAttempt attempt) => SpentCells.Of(TransactionOf(attempt.Transaction));

    private async Task<MovementMove> JudgeAsync(
        MovementStep step,
        IEnumerable<OutPoint> spends,
        string detail,
        Func<string, DateTimeOffset, MovementCommand> conclude,
        CancellationToken ct) =>
        await cells.JudgeAsync([spends], step.Message.SpentSince, ct) switch
        {
            SpentVerdict.NodeIsAway => new MovementMove.Wait("The chain node does not answer.", NodeIsAway),
            SpentVerdict.Lives => Lives(step, detail),
            SpentVerdict.Doubtful spent => new MovementMove.Doubt(spent.Tip, LookAgain),
            SpentVerdict.NotYet spent => new MovementMove.Wait($"{spent}", LookAgain),
            SpentVerdict.ForGood => Record(conclude(SpentVerdict.ForGood.Because(detail), time.GetUtcNow())),
            var other => throw new UnreachableException($"{other.GetType().Name} is no verdict."),
        };

    private MovementMove.Record Included(MovementAttempt attempt, TransactionState.Committed committed) =>
        Record(new MovementCommand.ReportInBlock(
            attempt.Number, committed.BlockNumber, committed.BlockHash.ToHex(), time.GetUtcNow()));

    private MovementMove.Record TakenBack(MovementAttempt attempt, string blockHash) =>
        Record(new MovementCommand.ReportTakenBack(attempt.Number, blockHash, time.GetUtcNow()));

    private static MovementMove.Record Record(MovementCommand command) => new(command);
}
