using System.Diagnostics;
using FiberLink.Chain;
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
/// Makes the transaction of a sweep, of coins or of a token, when the wallet covers it beside all that waits to be withdrawn.
/// </summary>
internal sealed partial class SweepPreparation(
    HotWallet wallet,
    ColdAddresses cold,
    MovementCover cover,
    AssetSettings assets,
    ServiceSettings settings,
    StopPoints stops,
    TimeProvider time,
    ILogger<SweepPreparation> logger)
{
    private static readonly TimeSpan SignerIsAway = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan TokenIsAway = TimeSpan.FromMinutes(1);

    /// <summary>What is to be stored; the caller holds <see cref="HotWallet.Planning"/>.</summary>
    public async Task<MovementMove> PlanAsync(MovementState.Approved s, CancellationToken ct)
    {
        if (s.Terms is not MovementTerms.Sweep sweep)
        {
            return new MovementMove.Done();
        }

        // Looked at again here: this process has the list that counts, whoever asked and wherever.
        if (cold.LockOf(sweep.To) is not { } recipient || !cold.IsAllowed(sweep.To) || recipient == wallet.Lock)
        {
            return cover.GiveUp(MovementFailure.NotAllowed, "The address is not on the list of cold addresses.");
        }

        var type = sweep.Amount.Asset == Asset.Ckb ? null : TokenTypes.Of(assets.Of(sweep.Amount.Asset).Script);
        if (type is null && sweep.Amount.Asset != Asset.Ckb)
        {
            // Without it an amount of a token would be taken for one of coins.
            return cover.NotCovered(s, "Its token is not set up any more.", TokenIsAway);
        }

        var (view, instead) = await cover.LookAsync(s, type is null ? null : new(type, RoomOf(recipient, type)), ct);
        if (view is null)
        {
            return instead!;
        }

        var order = new TransferOrder(
            wallet.Lock,
            [new Payment(recipient, type, sweep.Amount.Units)],
            await wallet.Node.FeePolicyAsync(settings.Payouts, ct));
        return TransferPlanner.Plan(order, view.Cells, view.Reserved, wallet.Chain) switch
        {
            TransferPlan.Planned { Transfer: var transfer } => await SignAsync(s, sweep, transfer, ct),
            TransferPlan.Refused refused => cover.NotCovered(s, refused.Detail),
            _ => throw new UnreachableException("A plan is made or refused."),
        };
    }

    private async Task<MovementMove> SignAsync(
        MovementState.Approved s, MovementTerms.Sweep sweep, UnsignedTransfer transfer, CancellationToken ct)
    {
        switch (await TransferSigning.SignAsync(transfer, wallet.Signer, wallet.Chain, ct))
        {
            case SignedTransfer.Ready { Transaction: var signed }:
                stops.Reach(StopPoints.SweepSigned);
                return new MovementMove.Record(
                    CommandOf(s.Attempts.Length + 1, signed, transfer, time.GetUtcNow()),
                    new BudgetRow(sweep.MovementId, settings.Treasury.DayMaxOf(sweep.Amount.Asset)));
            case SignedTransfer.Refused refused:
                LogNotSigned(sweep.MovementId, refused.Reason, refused.Detail);
                if (refused.Reason.Advice() is SigningAdvice.PlanAnew)
                {
                    wallet.Avoid(transfer.Spent.Select(c => c.OutPoint));
                    return new MovementMove.Wait("Other cells are to be taken.", ChainLook.LookAgain);
                }

                return cover.NotCovered(s, $"The signer refuses: {refused.Reason}.", SignerIsAway);
            default:
                throw new UnreachableException("Signing ends in a transaction or in a reason.");
        }
    }

    private static UInt128 RoomOf(Script recipient, Script type) => CellOutput.OccupiedShannon(recipient, type, Cell.UdtDataLength);

    private static MovementCommand CommandOf(int attempt, Transaction signed, UnsignedTransfer transfer, DateTimeOffset now)
    {
        var sweep = new SweepTransaction(
            signed.Hash().ToHex(),
            Convert.ToBase64String(signed.ToMolecule()),
            [.. signed.Inputs.Select(i => i.PreviousOutput.ToString())],
            new(Asset.Ckb, transfer.Fee));

        // Whom it pays comes first among the outputs.
        return signed.Outputs[0] is { Type: not null, Capacity: var capacity }
            ? new MovementCommand.PrepareToken(attempt, sweep, new(Asset.Ckb, capacity), now)
            : new MovementCommand.Prepare(attempt, sweep, now);
    }

    [LoggerMessage(2710, LogLevel.Error, "The signer does not sign sweep {MovementId} ({Reason}): {Detail}")]
    private partial void LogNotSigned(Guid movementId, SigningRefusal reason, string detail);
}
