using System.Collections.Immutable;
using FiberLink.Chain;
using FiberLink.Chain.Node;
using FiberLink.Chain.Signing;
using FiberLink.Chain.Transactions;
using FiberLink.Chain.Transfers;
using FiberLink.Domain.Treasury;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Startup;
using FiberLink.Service.Wallet;

namespace FiberLink.Service.Treasury.Moving;

/// <summary>
/// Sends coins back to the wallet that were signed away for a channel which the node has let go. Whether the peer has the signature nobody
/// knows, so waiting would never end; a transaction of ours over the same cells ends it.
/// </summary>
internal sealed partial class FundingReturn(
    HotWallet wallet, ChainLook chain, ServiceSettings settings, StopPoints stops, TimeProvider time, ILogger<FundingReturn> logger)
{
    private static readonly TimeSpan SignerIsAway = TimeSpan.FromSeconds(15);

    /// <summary>What is to be stored before anything is sent back.</summary>
    public async Task<MovementMove> PrepareAsync(
        MovementStep step, FundingAttempt attempt, Transaction funding, CancellationToken ct)
    {
        ImmutableArray<Cell> spent = [];
        var own = attempt.Transaction.Inputs.ToHashSet(StringComparer.Ordinal);
        foreach (var input in funding.Inputs.Select(i => i.PreviousOutput).Where(i => own.Contains(i.ToString())))
        {
            switch (await wallet.Node.GetLiveCellAsync(input, ct))
            {
                case ChainAnswer<Cell?>.Ok { Value: { } cell }:
                    spent = spent.Add(cell);
                    break;
                case ChainAnswer<Cell?>.Ok:
                    return await chain.DeadAsync(step, attempt, SpentCells.Of(funding), $"The cell {input} is spent.", ct);
                default:
                    return new MovementMove.Wait("The chain node does not answer.", ChainLook.NodeIsAway);
            }
        }

        var fees = await wallet.Node.FeePolicyAsync(settings.Payouts, ct);
        var (whole, fee) = (spent.Aggregate(0UL, (sum, c) => sum + c.Output.Capacity), 0UL);
        fee = Math.Min(fees.FeeOf(Made(spent, whole).SizeInBlock), fees.Cap);
        var transfer = new UnsignedTransfer(Made(spent, whole - fee), spent, []);
        switch (await TransferSigning.SignAsync(transfer, wallet.Signer, wallet.Chain, ct))
        {
            case SignedTransfer.Ready { Transaction: var signed }:
                stops.Reach(StopPoints.ChannelReturnSigned);
                LogGivenUp(step.Message.MovementId, attempt.ChannelId);
                return new MovementMove.Record(new MovementCommand.PrepareReturn(
                    attempt.Number,
                    new SweepTransaction(
                        signed.Hash().ToHex(),
                        Convert.ToBase64String(signed.ToMolecule()),
                        attempt.Transaction.Inputs,
                        new Amount(Asset.Ckb, fee)),
                    time.GetUtcNow()));
            case SignedTransfer.Refused refused:
                LogNotSigned(step.Message.MovementId, refused.Reason, refused.Detail);
                return new MovementMove.Wait($"The signer refuses: {refused.Reason}.", SignerIsAway);
            default:
                throw new System.Diagnostics.UnreachableException("Signing ends in a transaction or in a reason.");
        }
    }

    /// <summary>The funding is not in the chain; what sends the coins back is brought there, and watched until it is final.</summary>
    public async Task<MovementMove> FollowAsync(MovementStep step, FundingAttempt attempt, CancellationToken ct)
    {
        var transaction = ChainLook.TransactionOf(attempt.Return!);
        switch (await wallet.Node.GetTransactionStateAsync(transaction.Hash(), ct))
        {
            case ChainAnswer<TransactionState>.Ok { Value: TransactionState.Committed committed }:
                var now = time.GetUtcNow();
                return await wallet.Node.DepthOfAsync(committed, ct) is not { } depth || depth < settings.Payouts.FinalDepth
                    ? new MovementMove.Wait("The coins are back, and it is not final yet.", ChainLook.LookAgain)
                    : new MovementMove.Record(new MovementCommand.ReportReturned(attempt.Number, now + ChainLook.FirstRetry, now));
            case ChainAnswer<TransactionState>.Failed:
                return new MovementMove.Wait("The chain node does not answer.", ChainLook.NodeIsAway);
            case ChainAnswer<TransactionState>.Ok { Value: TransactionState.Pending or TransactionState.Proposed }:
                return new MovementMove.Wait("What sends the coins back is in the pool.", ChainLook.LookAgain);
            default:
                var outcome = await wallet.Node.SendTransactionAsync(transaction, ct);
                stops.Reach(StopPoints.ChannelReturnSent);
                return outcome is SendOutcome.Refused { Reason: SendRefusal.InputDead or SendRefusal.InputUnknown } refused
                    ? await chain.DeadAsync(step, attempt, ChainLook.CellsOf(attempt), refused.Detail, ct)
                    : new MovementMove.Wait("The coins are being sent back.", ChainLook.LookAgain);
        }
    }

    private Transaction Made(ImmutableArray<Cell> spent, ulong capacity) => new()
    {
        CellDeps = wallet.Chain.Sighash.CellDeps,
        Inputs = [.. spent.Select(c => new CellInput(c.OutPoint))],
        Outputs = [new(capacity, wallet.Lock, null)],
        OutputsData = [ByteString.Empty],
        Witnesses =
        [
            new WitnessArgs(Sighash.EmptyLock).ToWitness(), .. Enumerable.Repeat(ByteString.Empty, spent.Length - 1),
        ],
    };

    [LoggerMessage(2734, LogLevel.Error,
        "The node has let go of channel {ChannelId} of {MovementId}; the coins are sent back to the wallet")]
    private partial void LogGivenUp(Guid movementId, string channelId);

    [LoggerMessage(2735, LogLevel.Error, "The signer does not sign the return of {MovementId} ({Reason}): {Detail}")]
    private partial void LogNotSigned(Guid movementId, SigningRefusal reason, string detail);
}
