using System.Collections.Immutable;
using System.Diagnostics;
using FiberLink.Chain.Node;
using FiberLink.Chain.Signing;
using FiberLink.Chain.Transactions;
using FiberLink.Chain.Transfers;
using FiberLink.Domain.Withdrawals;
using FiberLink.EventStore;
using FiberLink.Projections.Withdrawals;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Startup;
using FiberLink.Service.Wallet;

using Decided = FiberLink.Domain.Decision<FiberLink.Events.Withdrawals.WithdrawalEvent, FiberLink.Domain.Withdrawals.WithdrawalRefusal>;

namespace FiberLink.Service.Withdrawals.Paying;

/// <summary>
/// Pays more for a transaction that no block takes. Another one that spends the same cells and pays the same people is signed and stored
/// for all of its withdrawals in one commit, and then sent as the first one was. Either may end up in the chain, and never both.
/// </summary>
internal sealed partial class ChainReplacement(
    HotWallet wallet,
    WithdrawalsQuery rows,
    PayoutStore payouts,
    ServiceSettings settings,
    StopPoints stops,
    TimeProvider time,
    ILogger<ChainReplacement> logger)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(15);

    public async Task<PayoutMove> ReplaceAsync(PayoutStep step, WithdrawalState.UnderWay s, CancellationToken ct)
    {
        await wallet.Planning.WaitAsync(ct);
        try
        {
            return await PlanAsync(step, s.Last!, ct);
        }
        finally
        {
            wallet.Planning.Release();
        }
    }

    private async Task<PayoutMove> PlanAsync(PayoutStep step, PayoutAttempt last, CancellationToken ct)
    {
        var sent = Transaction.FromMolecule(Convert.FromBase64String(last.Transaction!.Bytes))
            ?? throw new InvalidOperationException($"The stored bytes of {last.Evidence} are no transaction.");
        if (await SpentAsync(sent, ct) is not { } spent)
        {
            return new PayoutMove.Wait("A cell of it is not there to be spent, or the chain node does not answer.", LookAgain);
        }

        if (await SharersAsync(step, last, ct) is not { } sharers)
        {
            return new PayoutMove.Wait("What it pays has changed meanwhile.", LookAgain);
        }

        if (FeeBump.Of(sent, spent, wallet.Lock, await wallet.Node.FeePolicyAsync(settings.Payouts, ct)) is not { } transfer)
        {
            return new PayoutMove.Wait("It waits for a block, and no more can be paid for it.", AskAgain);
        }

        switch (await TransferSigning.SignAsync(transfer, wallet.Signer, wallet.Chain, ct))
        {
            case SignedTransfer.Ready { Transaction: var signed }:
                stops.Reach(StopPoints.PayoutSigned);
                return await StoreAsync(step, last, sharers, transfer, signed, ct);
            case SignedTransfer.Refused refused:
                LogNotSigned(last.Evidence, refused.Reason, refused.Detail);
                return new PayoutMove.Wait($"The signer refuses: {refused.Reason}.", AskAgain);
            default:
                throw new UnreachableException("Signing ends in a transaction or in a reason.");
        }
    }

    /// <summary>The cells of its inputs; null when one of them cannot be had now.</summary>
    private async Task<ImmutableArray<Cell>?> SpentAsync(Transaction sent, CancellationToken ct)
    {
        var spent = ImmutableArray.CreateBuilder<Cell>(sent.Inputs.Length);
        foreach (var input in sent.Inputs)
        {
            if (await wallet.Node.GetLiveCellAsync(input.PreviousOutput, ct) is not ChainAnswer<Cell?>.Ok { Value: { } cell })
            {
                return null;
            }

            spent.Add(cell);
        }

        return spent.MoveToImmutable();
    }

    /// <summary>All that it pays, in the order of its outputs; null when not all of them wait for it.</summary>
    private async Task<List<Sharer>?> SharersAsync(PayoutStep step, PayoutAttempt last, CancellationToken ct)
    {
        var sharers = new List<Sharer>();
        foreach (var row in await rows.OfEvidenceAsync(last.Evidence, ct))
        {
            var stored = await payouts.LoadAsync(step, row.Tenant, row.WithdrawalId, ct);
            if (stored.State is not (WithdrawalState.Prepared or WithdrawalState.Sent)
                || stored.State is not WithdrawalState.UnderWay { Last: { Evidence: var evidence } attempt } || evidence != last.Evidence)
            {
                return null;
            }

            sharers.Add(new(row.Tenant, row.WithdrawalId, stored, attempt));
        }

        sharers.Sort((a, b) => a.Attempt.Transaction!.OutputIndex.CompareTo(b.Attempt.Transaction!.OutputIndex));
        return sharers.Exists(w => step.IsAbout(w.Tenant, w.WithdrawalId)) ? sharers : null;
    }

    private async Task<PayoutMove> StoreAsync(
        PayoutStep step, PayoutAttempt last, List<Sharer> sharers, UnsignedTransfer transfer, Transaction signed, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var fees = ChainPreparation.Shares((ulong)transfer.Fee, sharers.Count);
        var parts = new List<ChangePart>();
        foreach (var (i, sharer) in sharers.Index())
        {
            var payout = ChainPreparation.PayoutOf(signed, sharer.Attempt.Transaction!.OutputIndex, fees[i], last.Evidence);
            var command = new WithdrawalCommand.PrepareTransaction(sharer.Attempt.Number + 1, payout, now);
            if (WithdrawalDecider.Decide(command, sharer.Stored.State) is not Decided.Accepted { Events: { Count: > 0 } events })
            {
                return new PayoutMove.Wait("What it pays has changed meanwhile.", LookAgain);
            }

            parts.Add(payouts.PartOf(step, sharer.Tenant, sharer.WithdrawalId, sharer.Stored, events));
        }

        var move = await payouts.StoreAsync(step, parts, now, ct);
        if (move is PayoutMove.Stored { IsNew: true })
        {
            LogReplaced(last.Evidence, signed.Hash().ToHex(), (ulong)transfer.Fee);
        }

        return move;
    }

    /// <summary>A withdrawal that the transaction pays.</summary>
    private sealed record Sharer(string Tenant, Guid WithdrawalId, StreamState<WithdrawalState> Stored, PayoutAttempt Attempt);

    [LoggerMessage(2511, LogLevel.Warning,
        "No block has taken the transaction {Before}; {After} takes its place, spends the same cells and pays {Fee} shannon in fees")]
    private partial void LogReplaced(string before, string after, ulong fee);

    [LoggerMessage(2512, LogLevel.Error, "The signer does not sign what is to take the place of {Before} ({Reason}): {Detail}")]
    private partial void LogNotSigned(string before, SigningRefusal reason, string detail);
}
