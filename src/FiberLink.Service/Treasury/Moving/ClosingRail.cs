using FiberLink.Chain.Node;
using FiberLink.Chain.Transactions;
using FiberLink.Crypto;
using FiberLink.Domain.Treasury;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;
using FiberLink.EventStore;
using FiberLink.HubNode;
using FiberLink.Projections.Treasury;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Startup;
using FiberLink.Service.Wallet;

namespace FiberLink.Service.Treasury.Moving;

/// <summary>
/// Closes a channel with the peer's agreement. The node may be asked any number of times: what it says of the channel tells whether it has
/// begun, and the transaction that closes it tells what has come back.
/// </summary>
internal sealed class ClosingRail(
    HotWallet wallet,
    INodeFunding node,
    INodeChannels channels,
    MovementsQuery movements,
    IEventStore store,
    ChainLook chain,
    ServiceSettings settings,
    StopPoints stops,
    TimeProvider time)
{
    private const string NodeSends = "The chain does not have what has closed the channel; the node sends it.";

    /// <summary>What funds a channel has it as the first of its outputs.</summary>
    private const uint ChannelsOutput = 0;

    private static readonly TimeSpan NotYet = TimeSpan.FromSeconds(15);

    /// <summary>What is to be stored before the node is asked.</summary>
    public async Task<MovementMove> PlanAsync(MovementState.Approved s, CancellationToken ct)
    {
        var terms = (MovementTerms.Closing)s.Terms;
        if (await FindAsync(terms.ChannelId, ct) is not NodeAnswer<HubChannel?>.Ok { Value: var channel })
        {
            return new MovementMove.Wait("The node does not tell of its channels.", ChainLook.NodeIsAway);
        }

        if (await movements.CloserOfAsync(terms.ChannelId, ct) is { } other && other != terms.MovementId)
        {
            return GiveUp($"The movement {other} closes it, or has.");
        }

        return channel switch
        {
            null => GiveUp("The node has no such channel."),
            { UdtScript: not null } => GiveUp("It is a token's: only channels of CKB are closed from here."),
            { Stage: HubChannelStage.Closed, IsClosedByAgreement: false } => GiveUp($"It is closed already: {channel.StateFlags}."),
            { Stage: HubChannelStage.Opening or HubChannelStage.Other } =>
                s.ApprovedAt + MovementCommands.WaitMax <= time.GetUtcNow()
                    ? GiveUp($"It is {channel.StateName}.")
                    : new MovementMove.Wait($"It is {channel.StateName}.", NotYet),
            _ => new MovementMove.Record(new MovementCommand.PrepareClose(
                new(Asset.Ckb, channel.LocalBalance), await KeptBackAsync(channel, ct), time.GetUtcNow())),
        };
    }

    public async Task<MovementMove> FollowAsync(MovementStep step, MovementState.UnderWay s, CancellationToken ct)
    {
        if (s is MovementState.Prepared)
        {
            stops.Reach(StopPoints.ChannelClosePrepared);
        }

        var attempt = (ClosingAttempt)s.Last!;
        if (attempt.Closed is { } closed)
        {
            var seen = await chain.SeenAsync(
                s,
                attempt,
                () => Task.FromResult<MovementMove>(Record(new MovementCommand.ReportDeep(attempt.Number, time.GetUtcNow()))),
                ct);
            return ChainLook.Living(step, seen)
                ?? await GoneAsync(attempt, cells => chain.DeadAsync(step, attempt, cells, NodeSends, ct), ct);
        }

        return await FindAsync(attempt.ChannelId, ct) switch
        {
            NodeAnswer<HubChannel?>.Ok { Value: null } =>
                new MovementMove.Wait("The node does not tell of the channel any more.", NotYet),
            NodeAnswer<HubChannel?>.Ok { Value: { Stage: HubChannelStage.Closed } channel } => await ClosedAsync(attempt, channel, ct),
            NodeAnswer<HubChannel?>.Ok { Value: { Stage: HubChannelStage.Ready } } => await AskAsync(s, attempt, ct),
            NodeAnswer<HubChannel?>.Ok { Value: { } channel } when s is MovementState.Prepared =>
                channel.Stage is HubChannelStage.ShuttingDown
                    ? Record(new MovementCommand.ReportSent(attempt.Number, time.GetUtcNow()))
                    : new MovementMove.Wait($"It is {channel.StateName}.", NotYet),
            NodeAnswer<HubChannel?>.Ok { Value: { } channel } =>
                new MovementMove.Wait($"It is {channel.StateName}, {channel.StateFlags}.", ChainLook.LookAgain),
            _ => new MovementMove.Wait("The node does not tell of its channels.", ChainLook.NodeIsAway),
        };
    }

    public Task<MovementMove> UntilFinalAsync(MovementStep step, MovementState.Completed s, CancellationToken ct)
    {
        var attempt = (ClosingAttempt)s.Last!;
        return chain.UntilFinalAsync(
            step, s, stop => GoneAsync(attempt, cells => chain.LostAsync(step, attempt, cells, NodeSends, stop), stop), ct);
    }

    /// <summary>
    /// The chain has not got what closed the channel, and the node sends it again by itself. It spends one cell: what the channel holds.
    /// When one side has gone to the chain alone in the meantime, that cell is spent.
    /// </summary>
    private async Task<MovementMove> GoneAsync(
        ClosingAttempt attempt, Func<IEnumerable<OutPoint>, Task<MovementMove>> judgeAsync, CancellationToken ct) =>
        await FindAsync(attempt.ChannelId, ct) is NodeAnswer<HubChannel?>.Ok { Value.FundingTransaction: { } funding }
            ? await judgeAsync([new(Bytes32.Parse(funding), ChannelsOutput)])
            : new MovementMove.Wait("The node does not tell which cell the channel holds.", NotYet);

    private async Task<MovementMove> AskAsync(MovementState.UnderWay s, ClosingAttempt attempt, CancellationToken ct)
    {
        var fee = await wallet.Node.FeePolicyAsync(settings.Payouts, ct);
        var asked = await node.CloseChannelAsync(new(attempt.ChannelId, NodeScripts.Of(wallet.Lock), fee.Rate), ct);
        stops.Reach(StopPoints.ChannelCloseAsked);
        return asked switch
        {
            NodeAnswer<string>.Ok when s is MovementState.Prepared =>
                Record(new MovementCommand.ReportSent(attempt.Number, time.GetUtcNow())),
            NodeAnswer<string>.Ok => new MovementMove.Wait("The node was asked again.", ChainLook.LookAgain),
            _ => new MovementMove.Wait(((NodeAnswer<string>.Failed)asked).Detail, ChainLook.NodeIsAway),
        };
    }

    private async Task<MovementMove> ClosedAsync(ClosingAttempt attempt, HubChannel channel, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        if (!channel.IsClosedByAgreement)
        {
            return Record(new MovementCommand.ReportClosedOtherwise(
                attempt.Number, $"The channel was not closed by agreement ({channel.StateFlags}).", now));
        }

        if (channel.ClosingTransaction is not { } hash
            || await wallet.Node.GetTransactionAsync(Bytes32.Parse(hash), ct)
                is not ChainAnswer<Chain.Transactions.Transaction?>.Ok { Value: { } transaction })
        {
            return new MovementMove.Wait("What has closed the channel is not seen yet.", ChainLook.LookAgain);
        }

        var returned = transaction.Outputs.Where(o => o.Lock == wallet.Lock).Aggregate(UInt128.Zero, (sum, o) => sum + o.Capacity);
        return returned == 0
            ? Record(new MovementCommand.ReportClosedOtherwise(attempt.Number, $"{hash} gives nothing to the wallet.", now))
            : Record(new MovementCommand.ReportClosed(
                attempt.Number, hash, new(Asset.Ckb, channel.LocalBalance), new(Asset.Ckb, returned), now));
    }

    private async Task<NodeAnswer<HubChannel?>> FindAsync(string channelId, CancellationToken ct) =>
        await channels.ListChannelsAsync(withClosed: true, ct) switch
        {
            NodeAnswer<IReadOnlyList<HubChannel>>.Ok { Value: var all } =>
                new NodeAnswer<HubChannel?>.Ok(all.FirstOrDefault(c => c.ChannelId == channelId)),
            NodeAnswer<IReadOnlyList<HubChannel>>.Failed failed => new NodeAnswer<HubChannel?>.Failed(failed.Failure, failed.Detail),
            _ => throw new System.Diagnostics.UnreachableException("The node answers, or it does not."),
        };

    /// <summary>What the books have of the channel beside its balance: nothing when it was opened past this service.</summary>
    private async Task<Amount> KeptBackAsync(HubChannel channel, CancellationToken ct)
    {
        var nothing = new Amount(Asset.Ckb, 0);
        if (channel.FundingTransaction is not { } funding || await movements.OpenedByAsync(funding, ct) is not { } opened)
        {
            return nothing;
        }

        var past = await store.ReadStreamAsync(MovementCommands.StreamOf(opened), ct);
        var units = past.Events.Select(e => e.Body).OfType<MovementEvent.Completed>()
            .SelectMany(e => e.Entry.Postings)
            .Where(p => p.Account is Account.HubKeptBack)
            .Aggregate(Int128.Zero, (sum, p) => sum - p.Units);
        return units > 0 ? nothing with { Units = (UInt128)units } : nothing;
    }

    private MovementMove.Record GiveUp(string why) => Record(
        new MovementCommand.GiveUp(MovementFailure.NotAllowed, why, time.GetUtcNow()));

    private static MovementMove.Record Record(MovementCommand command) => new(command);
}
