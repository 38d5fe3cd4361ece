using System.Collections.Immutable;
using System.Diagnostics;
using FiberLink.Chain.Node;
using FiberLink.Chain.Signing;
using FiberLink.Chain.Transactions;
using FiberLink.Chain.Transfers;
using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;
using FiberLink.Projections.Withdrawals;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Startup;
using FiberLink.Service.Wallet;

using Decided = FiberLink.Domain.Decision<FiberLink.Events.Withdrawals.WithdrawalEvent, FiberLink.Domain.Withdrawals.WithdrawalRefusal>;

namespace FiberLink.Service.Withdrawals.Paying;

/// <summary>
/// Makes the transaction that pays what waits: as many withdrawals as the wallet covers, in their order, in one. It is signed, and stored
/// for all of them in one commit that reserves its cells, or nothing of it is.
/// </summary>
internal sealed partial class ChainPreparation(
    HotWallet wallet,
    DestinationReader destinations,
    WithdrawalsQuery rows,
    PayoutStore payouts,
    ServiceSettings settings,
    StopPoints stops,
    TimeProvider time,
    ILogger<ChainPreparation> logger)
{
    /// <summary>The most withdrawals in one transaction.</summary>
    public const int RecipientsMax = 20;

    private const int QueueMax = 100;
    private const string NotItsTurn = "It is not its turn.";

    // Longer than this nobody is passed by others that are smaller.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);

    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan SignerIsAway = TimeSpan.FromSeconds(15);

    public async Task<PayoutMove> PrepareAsync(PayoutStep step, CancellationToken ct)
    {
        await wallet.Planning.WaitAsync(ct);
        try
        {
            return await PlanAsync(step, ct);
        }
        finally
        {
            wallet.Planning.Release();
        }
    }

    private async Task<PayoutMove> PlanAsync(PayoutStep step, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var queue = await rows.QueueAsync(Asset.Ckb, now, QueueMax, ct);
        if (!queue.Any(step.IsAbout))
        {
            return new PayoutMove.Wait(NotItsTurn, LookAgain);
        }

        if (await wallet.LookAsync(ct) is not ChainAnswer<WalletView>.Ok { Value: var view })
        {
            return new PayoutMove.Wait("The wallet's cells cannot be read.", LookAgain);
        }

        var choice = Choose(queue, view, await wallet.Node.FeePolicyAsync(settings.Payouts, ct), now);
        if (choice.Transfer is not { } transfer || !choice.Chosen.Exists(step.IsAbout))
        {
            // Others may be covered, and their own messages see to them.
            return choice.Uncovered.Exists(step.IsAbout)
                ? NotCovered(step, choice.Missing, now)
                : new PayoutMove.Wait(NotItsTurn, LookAgain);
        }

        switch (await TransferSigning.SignAsync(transfer, wallet.Signer, wallet.Chain, ct))
        {
            case SignedTransfer.Ready { Transaction: var signed }:
                stops.Reach(StopPoints.PayoutSigned);
                return await StoreAsync(step, choice.Chosen, transfer, signed, ct);
            case SignedTransfer.Refused refused:
                LogNotSigned(refused.Reason, refused.Detail);
                if (refused.Reason.Advice() is SigningAdvice.PlanAnew)
                {
                    wallet.Avoid(transfer.Spent.Select(c => c.OutPoint));
                    return new PayoutMove.Wait("Other cells are to be taken.", LookAgain);
                }

                return new PayoutMove.Wait($"The signer refuses: {refused.Reason}.", SignerIsAway);
            default:
                throw new UnreachableException("Signing ends in a transaction or in a reason.");
        }
    }

    private static PayoutMove NotCovered(PayoutStep step, UInt128 missing, DateTimeOffset now) =>
        step.State is not WithdrawalState.Queued { AwaitsLiquidity: true }
            ? new PayoutMove.Record(new WithdrawalCommand.AwaitLiquidity(new(Asset.Ckb, missing), now))
        : step.Terms.RequestedAt + AdvanceWithdrawalHandler.WaitMax <= now
            ? new PayoutMove.Record(new WithdrawalCommand.GiveUp(
                WithdrawalFailure.NoLiquidity,
                $"The wallet did not cover it within {AdvanceWithdrawalHandler.WaitMax.TotalDays} days.",
                now))
        : new PayoutMove.Wait("The wallet does not cover it.", LookAgain);

    /// <summary>
    /// In their order, leaving out those of whom even the first does not fit: of a community whose next one is too large nothing passes it,
    /// and other communities go on. One that has waited long holds up all that come after it, so that it is covered some day.
    /// </summary>
    private Choice Choose(IReadOnlyList<QueuedPayout> queue, WalletView view, FeePolicy fee, DateTimeOffset now)
    {
        var choice = new Choice();
        var payments = new List<Payment>();
        var stuck = new HashSet<string>(StringComparer.Ordinal);
        var isHeldUp = false;
        foreach (var next in queue)
        {
            if (choice.Chosen.Count == RecipientsMax)
            {
                break;
            }

            if (isHeldUp || stuck.Contains(next.Tenant))
            {
                choice.Uncovered.Add(next);
                continue;
            }

            var payment = new Payment(destinations.LockOf(next.Destination), null, next.Pays.Units);
            var order = new TransferOrder(wallet.Lock, [.. payments, payment], fee);
            if (TransferPlanner.Plan(order, view.Cells, view.Reserved, wallet.Chain) is TransferPlan.Planned planned)
            {
                payments.Add(payment);
                choice.Chosen.Add(next);
                choice.Transfer = planned.Transfer;
                continue;
            }

            choice.Uncovered.Add(next);
            choice.Missing = UInt128.Max(choice.Missing, next.Pays.Units > view.Free ? next.Pays.Units - view.Free : 0);
            stuck.Add(next.Tenant);
            isHeldUp = now - next.RequestedAt > Patience;
        }

        return choice;
    }

    private async Task<PayoutMove> StoreAsync(
        PayoutStep step, List<QueuedPayout> chosen, UnsignedTransfer transfer, Transaction signed, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var fees = Shares((ulong)transfer.Fee, chosen.Count);
        var parts = new List<ChangePart>();
        foreach (var (i, next) in chosen.Index())
        {
            var (tenant, id) = (next.Tenant, next.WithdrawalId);
            var stored = await payouts.LoadAsync(step, tenant, id, ct);
            if (stored.State is not WithdrawalState.Queued queued
                || WithdrawalDecider.Decide(
                    new WithdrawalCommand.PrepareTransaction(queued.Attempts.Length + 1, PayoutOf(signed, i, fees[i], null), now), queued)
                    is not Decided.Accepted accepted)
            {
                return new PayoutMove.Wait("What waits has changed meanwhile.", TimeSpan.Zero);
            }

            parts.Add(payouts.PartOf(step, tenant, id, stored, accepted.Events));
        }

        return await payouts.StoreAsync(step, parts, now, ct);
    }

    /// <summary>A withdrawal's part of a signed transaction.</summary>
    /// <param name="signed">All of it.</param>
    /// <param name="output">Which of its outputs is the withdrawal's.</param>
    /// <param name="fee">The withdrawal's part of the fee.</param>
    /// <param name="replaces">What it takes the place of; null for nothing.</param>
    public static PayoutTransaction PayoutOf(Transaction signed, int output, ulong fee, string? replaces) =>
        new(
            signed.Hash().ToHex(),
            Convert.ToBase64String(signed.ToMolecule()),
            [.. signed.Inputs.Select(i => i.PreviousOutput.ToString())],
            output,
            new(Asset.Ckb, fee),
            new(Asset.Ckb, 0),
            replaces);

    /// <summary>The fee in equal parts; what does not divide is the first one's.</summary>
    public static ImmutableArray<ulong> Shares(ulong fee, int count)
    {
        var share = fee / (ulong)count;
        return [.. Enumerable.Range(0, count).Select(i => i == 0 ? fee - (share * (ulong)(count - 1)) : share)];
    }

    /// <summary>Who is paid now, and who is not although it would be their turn.</summary>
    private sealed class Choice
    {
        public List<QueuedPayout> Chosen { get; } = [];

        public List<QueuedPayout> Uncovered { get; } = [];

        /// <summary>Null when nobody is paid.</summary>
        public UnsignedTransfer? Transfer { get; set; }

        /// <summary>How many shannon are missing at least for the largest that is not covered.</summary>
        public UInt128 Missing { get; set; }
    }

    [LoggerMessage(2510, LogLevel.Error, "The signer does not sign a payment of withdrawals ({Reason}): {Detail}")]
    private partial void LogNotSigned(SigningRefusal reason, string detail);
}
