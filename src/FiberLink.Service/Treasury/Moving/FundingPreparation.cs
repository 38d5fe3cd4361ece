using System.Collections.Immutable;
using System.Diagnostics;
using FiberLink.Chain.Node;
using FiberLink.Chain.Signing;
using FiberLink.Chain.Transactions;
using FiberLink.Chain.Transfers;
using FiberLink.Domain.Treasury;
using FiberLink.Events.Treasury;
using FiberLink.HubNode;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Startup;
using FiberLink.Service.Wallet;

namespace FiberLink.Service.Treasury.Moving;

/// <summary>
/// Has the node make the transaction that funds a channel, looks at all of it, and signs it. Until then nothing can move: the node has no
/// key for our cells.
/// </summary>
internal sealed partial class FundingPreparation(
    HotWallet wallet,
    INodeFunding node,
    MovementCover cover,
    ServiceSettings settings,
    StopPoints stops,
    TimeProvider time,
    ILogger<FundingPreparation> logger)
{
    /// <summary>What the node has made; or what is to be done instead. No lock is held: a node may take its time.</summary>
    public async Task<(UnsignedFunding? Unsigned, MovementMove? Instead)> AskAsync(MovementState.Approved s, CancellationToken ct)
    {
        var terms = (MovementTerms.Opening)s.Terms;

        // Looked at again here: this process has the list that counts, whoever asked and wherever.
        if (!settings.Treasury.Peers.Contains(terms.Peer, StringComparer.Ordinal))
        {
            return (null, cover.GiveUp(MovementFailure.NotAllowed, "The peer is not on the list."));
        }

        if (await cover.LookAsync(s, token: null, ct) is { View: null, Instead: var instead })
        {
            return (null, instead);
        }

        var fee = await wallet.Node.FeePolicyAsync(settings.Payouts, ct);
        var asked = await node.AskForFundingAsync(
            new(terms.Peer, terms.Amount.Units, NodeScripts.Of(wallet.Lock), fee.Rate), ct);
        stops.Reach(StopPoints.ChannelAsked);
        return asked is NodeAnswer<UnsignedFunding>.Ok { Value: var unsigned }
            ? (unsigned, null)
            : (null, cover.NotCovered(s, $"The node makes no channel: {((NodeAnswer<UnsignedFunding>.Failed)asked).Detail}"));
    }

    /// <summary>What is to be stored; the caller holds <see cref="HotWallet.Planning"/>.</summary>
    public async Task<MovementMove> PlanAsync(MovementState.Approved s, UnsignedFunding unsigned, CancellationToken ct)
    {
        if (await wallet.LookAsync(ct) is not ChainAnswer<WalletView>.Ok { Value: var view })
        {
            return new MovementMove.Wait("The wallet's cells cannot be read.", ChainLook.LookAgain);
        }

        var (funding, objection) = await ReadAsync(s, unsigned, view, ct);
        if (funding is null)
        {
            // The node and the peer let go of what they have set aside; they would by themselves, later.
            await node.AbandonChannelAsync(unsigned.ChannelId, ct);
            return cover.NotCovered(s, objection!);
        }

        return await SignAsync(s, unsigned.ChannelId, funding, ct);
    }

    private async Task<(ChannelFunding? Funding, string? Objection)> ReadAsync(
        MovementState.Approved s, UnsignedFunding unsigned, WalletView view, CancellationToken ct)
    {
        if (TransactionJson.Parse(unsigned.Transaction) is not { } transaction)
        {
            return (null, Distrust(s, "It is no transaction."));
        }

        var ours = view.Cells.ToDictionary(c => c.OutPoint);
        var spent = ImmutableArray.CreateBuilder<Cell>();
        foreach (var outPoint in transaction.Inputs.Select(i => i.PreviousOutput))
        {
            var cell = ours.TryGetValue(outPoint, out var own) ? own
                : await wallet.Node.GetLiveCellAsync(outPoint, ct) is ChainAnswer<Cell?>.Ok { Value: { } others } ? others
                : null;
            if (cell is null)
            {
                return (null, $"The cell {outPoint} is not there to be spent.");
            }

            spent.Add(cell);
        }

        var (funding, objection) = ChannelFunding.Read(transaction, spent.ToImmutable(), wallet.Lock, wallet.Chain);
        var amount = s.Terms.Amount.Units;
        return funding is null ? (null, Distrust(s, objection!))
            : transaction.CellDeps.Except(wallet.Chain.Sighash.CellDeps).Any() ? (null, Distrust(s, "It names code that we do not know."))
            : funding.Capacity < amount || funding.Leaving < amount
                ? (null, Distrust(s, $"{funding.Leaving} shannon would leave for a channel of {funding.Capacity}, not {amount}."))
            : funding.Leaving - amount > settings.Payouts.FeeMax
                ? (null, Distrust(s, $"{funding.Leaving - amount} shannon would be our part of the fee."))

            // What neither side gets back is missing in the channel: more than two fees have no reason.
            : funding.Fee > 2 * settings.Payouts.FeeMax
                ? (null, Distrust(s, $"{funding.Fee} shannon would be lost as a fee."))

            // The node does not know which cells are spoken for, and takes the oldest ones.
            : funding.OwnCells.Any(c => !ours.ContainsKey(c) || view.Reserved.Contains(c))
                ? (null, "The node has taken cells that other transactions spend.")
            : (funding, null);
    }

    private async Task<MovementMove> SignAsync(
        MovementState.Approved s, string channelId, ChannelFunding funding, CancellationToken ct)
    {
        switch (await TransferSigning.SignAsync(funding, wallet.Signer, wallet.Chain, ct))
        {
            case SignedTransfer.Ready { Transaction: var signed }:
                stops.Reach(StopPoints.ChannelSigned);
                var amount = s.Terms.Amount;
                return new MovementMove.Record(
                    new MovementCommand.PrepareFunding(
                        s.Attempts.Length + 1,
                        channelId,
                        amount with { Units = funding.Capacity },
                        new(
                            signed.Hash().ToHex(),
                            Convert.ToBase64String(signed.ToMolecule()),
                            [.. funding.OwnCells.Select(c => c.ToString())],
                            amount with { Units = funding.Leaving - amount.Units }),
                        time.GetUtcNow()),
                    new BudgetRow(s.Terms.MovementId, settings.Treasury.DayMaxOf(s.Terms.Amount.Asset)));
            case SignedTransfer.Refused refused:
                LogNotSigned(s.Terms.MovementId, refused.Reason, refused.Detail);
                await node.AbandonChannelAsync(channelId, ct);
                return cover.NotCovered(s, $"The signer refuses: {refused.Reason}.");
            default:
                throw new UnreachableException("Signing ends in a transaction or in a reason.");
        }
    }

    private string Distrust(MovementState.Approved s, string why)
    {
        LogDistrusted(s.Terms.MovementId, why);
        return $"The node's transaction is not signed: {why}";
    }

    [LoggerMessage(2730, LogLevel.Error, "The signer does not sign the funding of {MovementId} ({Reason}): {Detail}")]
    private partial void LogNotSigned(Guid movementId, SigningRefusal reason, string detail);

    [LoggerMessage(2731, LogLevel.Critical, "The node has made a transaction for {MovementId} that is not signed: {Why}")]
    private partial void LogDistrusted(Guid movementId, string why);
}
