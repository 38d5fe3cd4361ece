using FiberLink.Chain.Node;
using FiberLink.Chain.Transactions;
using FiberLink.Domain.Treasury;
using FiberLink.Events.Money;
using FiberLink.HubNode;
using FiberLink.Messaging;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Wallet;

namespace FiberLink.Service.Treasury.Moving;

/// <summary>
/// Puts coins into a channel. What is signed is stored before the node is given it, and only the node sends it: it does so when the peer
/// has signed how the channel ends. When the node lets the channel go, the coins are sent back to the wallet, and whichever of the two
/// transactions the chain takes is what has happened.
/// </summary>
internal sealed partial class FundingRail(
    HotWallet wallet,
    FundingPreparation preparation,
    FundingReturn back,
    INodeFunding node,
    INodeChannels channels,
    ChainLook chain,
    StopPoints stops,
    TimeProvider time,
    ILogger<FundingRail> logger)
{
    /// <summary>Asks the node, and has what was planned stored while nothing else is planned over the wallet's cells.</summary>
    public async Task<MarkerCommitted> WithPlanAsync(
        MovementState.Approved s, Func<MovementMove, Task<MarkerCommitted>> make, CancellationToken ct)
    {
        var (unsigned, instead) = await preparation.AskAsync(s, ct);
        if (unsigned is null)
        {
            return await make(instead!);
        }

        await wallet.Planning.WaitAsync(ct);
        try
        {
            return await make(await preparation.PlanAsync(s, unsigned, ct));
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
            stops.Reach(StopPoints.ChannelPrepared);
        }

        var attempt = (FundingAttempt)s.Last!;
        var seen = await chain.SeenAsync(s, attempt, () => FundedAsync(s, attempt, ct), ct);
        return ChainLook.Living(step, seen)
            ?? (attempt.Return is null ? await SubmitAsync(step, s, attempt, ct) : await back.FollowAsync(step, attempt, ct));
    }

    /// <summary>The node sends it again by itself. A cell of it may be spent all the same, ours or the peer's.</summary>
    public Task<MovementMove> UntilFinalAsync(MovementStep step, MovementState.Completed s, CancellationToken ct)
    {
        var attempt = (FundingAttempt)s.Last!;
        return chain.UntilFinalAsync(
            step,
            s,
            stop => chain.LostAsync(step, attempt, ChainLook.CellsOf(attempt), "It was taken back, and the node sends it again.", stop),
            ct);
    }

    private async Task<MovementMove> SubmitAsync(
        MovementStep step, MovementState.UnderWay s, FundingAttempt attempt, CancellationToken ct)
    {
        var transaction = ChainLook.TransactionOf(attempt.Transaction);
        var submitted = await node.SubmitFundingAsync(attempt.ChannelId, TransactionJson.Write(transaction), ct);
        stops.Reach(StopPoints.ChannelSubmitted);
        return submitted switch
        {
            NodeAnswer<SubmittedFunding>.Ok or NodeAnswer<SubmittedFunding>.Failed { Failure: NodeFailure.FundingAlreadySubmitted } =>
                await TakenAsync(step, s, attempt, transaction, ct),
            NodeAnswer<SubmittedFunding>.Failed { Failure: NodeFailure.ChannelNotFound } =>
                await back.PrepareAsync(step, attempt, transaction, ct),
            NodeAnswer<SubmittedFunding>.Failed { Failure: NodeFailure.Rejected } refused =>
                await TakenAsync(step, s, attempt, transaction, ct, refused.Detail),
            NodeAnswer<SubmittedFunding>.Failed away => new MovementMove.Wait(away.Detail, ChainLook.NodeIsAway),
            _ => throw new System.Diagnostics.UnreachableException("The node answers, or it does not."),
        };
    }

    /// <summary>The node has it, and will send it; unless it has given the channel up since.</summary>
    private async Task<MovementMove> TakenAsync(
        MovementStep step,
        MovementState.UnderWay s,
        FundingAttempt attempt,
        Transaction transaction,
        CancellationToken ct,
        string? refusal = null)
    {
        if (s is MovementState.Prepared && refusal is null)
        {
            return new MovementMove.Record(new MovementCommand.ReportSent(attempt.Number, time.GetUtcNow()));
        }

        return await channels.ListChannelsAsync(withClosed: true, ct) switch
        {
            NodeAnswer<IReadOnlyList<HubChannel>>.Ok { Value: var all } => all.Any(c => c.ChannelId == attempt.ChannelId)
                ? await chain.DeadAsync(step, attempt, SpentCells.Of(transaction), refusal ?? "The node and the peer have it.", ct)
                : await back.PrepareAsync(step, attempt, transaction, ct),
            _ => new MovementMove.Wait("The node does not tell of its channels.", ChainLook.NodeIsAway),
        };
    }

    /// <summary>It counts. What the node keeps back is what neither side has of the whole, and each has its half of that.</summary>
    private async Task<MovementMove> FundedAsync(MovementState.UnderWay s, FundingAttempt attempt, CancellationToken ct)
    {
        if (await channels.ListChannelsAsync(withClosed: true, ct) is not NodeAnswer<IReadOnlyList<HubChannel>>.Ok { Value: var all }
            || all.FirstOrDefault(c => c.ChannelId == attempt.ChannelId) is not { } channel)
        {
            LogNotListed(s.Terms.MovementId, attempt.ChannelId);
            return new MovementMove.Wait("The chain has it, and the node does not tell of the channel.", ChainLook.NodeIsAway);
        }

        var (capacity, both) = (attempt.Capacity.Units, channel.LocalBalance + channel.RemoteBalance);
        var keptBack = both < capacity ? (capacity - both) / 2 : 0;
        if (keptBack == 0 || keptBack >= s.Terms.Amount.Units)
        {
            LogAbsurd(s.Terms.MovementId, attempt.ChannelId);
            keptBack = 0;
        }

        return new MovementMove.Record(
            new MovementCommand.ReportFunded(attempt.Number, new Amount(Asset.Ckb, keptBack), time.GetUtcNow()));
    }

    [LoggerMessage(2732, LogLevel.Warning, "The chain has the funding of {MovementId}, and the node does not tell of channel {ChannelId}")]
    private partial void LogNotListed(Guid movementId, string channelId);

    [LoggerMessage(2733, LogLevel.Error,
        "What the node says is in channel {ChannelId} of {MovementId} is not what was put in; nothing is booked as kept back")]
    private partial void LogAbsurd(Guid movementId, string channelId);
}
