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
internal sealed class ChainLook(HotWallet wallet, ServiceSettings settings, StopPoints stops, TimeProvider time)
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
    /// <param name="attempt">Its transaction is known.</param>
    /// <param name="units">Says how deep it has to lie.</param>
    /// <param name="whenDeep">What follows once it lies so deep.</param>
    /// <param name="ct">Stops the look.</param>
    public async Task<MovementMove?> SeenAsync(
        MovementState.UnderWay s, MovementAttempt attempt, UInt128 units, Func<Task<MovementMove>> whenDeep, CancellationToken ct)
    {
        switch (await wallet.Node.GetTransactionStateAsync(Bytes32.Parse(attempt.Evidence!), ct))
        {
            case ChainAnswer<TransactionState>.Ok { Value: TransactionState.Committed committed }:
                stops.Reach(StopPoints.SweepSeen);
                return s is not MovementState.InBlock block || block.BlockHash != committed.BlockHash.ToHex()
                        ? Included(attempt, committed)
                    : await wallet.Node.DepthOfAsync(committed, ct) is not { } depth
                        ? new MovementMove.Wait("The chain node does not answer.", NodeIsAway)
                    : depth < settings.Payouts.Confirmations.Of(units)
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
    /// <param name="s">Where the movement stands.</param>
    /// <param name="sendAgainAsync">Brings back what a reorganisation has taken; whoever may send it.</param>
    /// <param name="ct">Stops the look.</param>
    public async Task<MovementMove> UntilFinalAsync(
        MovementState.Completed s, Func<CancellationToken, Task> sendAgainAsync, CancellationToken ct)
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
            default:
                if (s.BlockHash is { } lost)
                {
                    return TakenBack(attempt, lost);
                }

                // Its cells are kept for it: nothing of ours takes its place.
                await sendAgainAsync(ct);
                return new MovementMove.Wait("It was taken back, and is sent again.", LookAgain);
        }
    }

    /// <summary>
    /// The node has not got it, and a cell is said to be spent. While that lasts, and for as many blocks as make a thing final, nothing is
    /// concluded; a block that is taken back may bring the cell to life again.
    /// </summary>
    public async Task<MovementMove> DeadAsync(
        MovementStep step, MovementAttempt attempt, Transaction transaction, string detail, CancellationToken ct)
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

    public static Transaction TransactionOf(SweepTransaction stored) =>
        Transaction.FromMolecule(Convert.FromBase64String(stored.Bytes))
        ?? throw new InvalidOperationException($"The stored bytes of {stored.Hash} are no transaction.");

    private MovementMove.Record Included(MovementAttempt attempt, TransactionState.Committed committed) =>
        Record(new MovementCommand.ReportInBlock(
            attempt.Number, committed.BlockNumber, committed.BlockHash.ToHex(), time.GetUtcNow()));

    private MovementMove.Record TakenBack(MovementAttempt attempt, string blockHash) =>
        Record(new MovementCommand.ReportTakenBack(attempt.Number, blockHash, time.GetUtcNow()));

    private static MovementMove.Record Record(MovementCommand command) => new(command);
}
