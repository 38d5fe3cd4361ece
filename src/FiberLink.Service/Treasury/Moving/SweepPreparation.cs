using System.Diagnostics;
using FiberLink.Chain.Node;
using FiberLink.Chain.Signing;
using FiberLink.Chain.Transactions;
using FiberLink.Chain.Transfers;
using FiberLink.Domain.Treasury;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;
using FiberLink.Events.Withdrawals;
using FiberLink.Projections.Treasury;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Startup;
using FiberLink.Service.Wallet;

namespace FiberLink.Service.Treasury.Moving;

/// <summary>Makes the transaction of a sweep, when the wallet covers it beside all that waits to be withdrawn.</summary>
internal sealed partial class SweepPreparation(
    HotWallet wallet,
    ColdAddresses cold,
    HubBooksQuery books,
    MovementsQuery movements,
    ServiceSettings settings,
    StopPoints stops,
    TimeProvider time,
    ILogger<SweepPreparation> logger)
{
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan CoverPause = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan SignerIsAway = TimeSpan.FromSeconds(15);

    /// <summary>What is to be stored; the caller holds <see cref="HotWallet.Planning"/>.</summary>
    public async Task<MovementMove> PlanAsync(MovementState.Approved s, CancellationToken ct)
    {
        if (s.Terms is not MovementTerms.Sweep sweep)
        {
            return new MovementMove.Done();
        }

        var now = time.GetUtcNow();

        // Looked at again here: this process has the list that counts, whoever asked and wherever.
        if (cold.LockOf(sweep.To) is not { } recipient || !cold.IsAllowed(sweep.To) || recipient == wallet.Lock)
        {
            return GiveUp(MovementFailure.NotAllowed, "The address is not on the list of cold addresses.", now);
        }

        if (!s.IsReady(now))
        {
            return new MovementMove.Wait("Its time has not come.", s.NotBefore!.Value - now);
        }

        // The commit makes sure of it. Here it is looked at so that no signature is made, and no cell set aside, for what must wait.
        var (asset, dayMax) = (sweep.Amount.Asset, settings.Treasury.DayMax.GetValueOrDefault(sweep.Amount.Asset));
        if (await movements.UsedAsync(asset, now - Day, sweep.MovementId, ct) + sweep.Amount.Units > dayMax)
        {
            return NotCovered(s, "The budget of a day does not cover it.", now);
        }

        var queued = (await books.ReadAsync(ct)).Queued;
        var demand = (queued.GetValueOrDefault((DestinationKind.CkbAddress, sweep.Amount.Asset))?.Units ?? 0)
            + settings.Payouts.CoinsForTokens(HubBooks.TokensOnChain(queued));
        if (await wallet.LookAsync(ct) is not ChainAnswer<WalletView>.Ok { Value: var view })
        {
            return new MovementMove.Wait("The wallet's cells cannot be read.", LookAgain);
        }

        // Members come first: what waits to be withdrawn, and what is to be left beside it, is not swept away.
        if (view.Free < sweep.Amount.Units + settings.Payouts.FeeMax + demand + settings.Payouts.Reserve)
        {
            return NotCovered(s, "The wallet does not cover it beside what waits to be withdrawn.", now);
        }

        var order = new TransferOrder(
            wallet.Lock,
            [new Payment(recipient, null, sweep.Amount.Units)],
            await wallet.Node.FeePolicyAsync(settings.Payouts, ct));
        return TransferPlanner.Plan(order, view.Cells, view.Reserved, wallet.Chain) switch
        {
            TransferPlan.Planned { Transfer: var transfer } => await SignAsync(s, sweep, transfer, dayMax, ct),
            TransferPlan.Refused refused => NotCovered(s, refused.Detail, now),
            _ => throw new UnreachableException("A plan is made or refused."),
        };
    }

    private async Task<MovementMove> SignAsync(
        MovementState.Approved s, MovementTerms.Sweep sweep, UnsignedTransfer transfer, UInt128 dayMax, CancellationToken ct)
    {
        switch (await TransferSigning.SignAsync(transfer, wallet.Signer, wallet.Chain, ct))
        {
            case SignedTransfer.Ready { Transaction: var signed }:
                stops.Reach(StopPoints.SweepSigned);
                return new MovementMove.Record(
                    new MovementCommand.Prepare(s.Attempts.Length + 1, SweepOf(signed, transfer), time.GetUtcNow()),
                    new BudgetRow(sweep.MovementId, dayMax));
            case SignedTransfer.Refused refused:
                LogNotSigned(sweep.MovementId, refused.Reason, refused.Detail);
                if (refused.Reason.Advice() is SigningAdvice.PlanAnew)
                {
                    wallet.Avoid(transfer.Spent.Select(c => c.OutPoint));
                    return new MovementMove.Wait("Other cells are to be taken.", LookAgain);
                }

                return NotCovered(s, $"The signer refuses: {refused.Reason}.", time.GetUtcNow(), SignerIsAway);
            default:
                throw new UnreachableException("Signing ends in a transaction or in a reason.");
        }
    }

    private static SweepTransaction SweepOf(Transaction signed, UnsignedTransfer transfer) =>
        new(
            signed.Hash().ToHex(),
            Convert.ToBase64String(signed.ToMolecule()),
            [.. signed.Inputs.Select(i => i.PreviousOutput.ToString())],
            new(Asset.Ckb, transfer.Fee));

    private static MovementMove NotCovered(MovementState.Approved s, string why, DateTimeOffset now, TimeSpan? pause = null) =>
        s.ApprovedAt + MovementCommands.WaitMax <= now
            ? GiveUp(MovementFailure.NotCovered, why, now)
            : new MovementMove.Wait(why, pause ?? CoverPause);

    private static MovementMove.Record GiveUp(MovementFailure reason, string detail, DateTimeOffset now) =>
        new(new MovementCommand.GiveUp(reason, detail, now));

    [LoggerMessage(2710, LogLevel.Error, "The signer does not sign sweep {MovementId} ({Reason}): {Detail}")]
    private partial void LogNotSigned(Guid movementId, SigningRefusal reason, string detail);
}
