using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using FiberLink.Chain.Node;
using FiberLink.Chain.Signing;
using FiberLink.Chain.Transactions;
using FiberLink.Chain.Transfers;
using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;
using FiberLink.Postgres;
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
    TokenRooms rooms,
    DestinationReader destinations,
    WithdrawalsQuery rows,
    PayoutStore payouts,
    AssetSettings assets,
    ServiceSettings settings,
    StopPoints stops,
    TimeProvider time,
    ILogger<ChainPreparation> logger)
{
    private const string NotItsTurn = "It is not its turn.";
    private const string NoRoom = "What may be given in a day for the room of tokens' cells is given.";
    private const string NoSuchToken = "Its token is not set up any more.";

    private static readonly TimeSpan LookAgain = QueueLook.Lasts;
    private static readonly TimeSpan SignerIsAway = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RoomPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan TokenIsAway = TimeSpan.FromMinutes(1);

    // What others have just seen, for all that wait for the same.
    private readonly ConcurrentDictionary<Asset, QueueLook> _looks = [];

    public async Task<PayoutMove> PrepareAsync(PayoutStep step, CancellationToken ct)
    {
        if (FromLastLook(step, time.GetUtcNow()) is { } known)
        {
            return known;
        }

        await wallet.Planning.WaitAsync(ct);
        try
        {
            // Who had to wait for his turn may have been looked at meanwhile.
            return FromLastLook(step, time.GetUtcNow()) ?? await PlanAsync(step, ct);
        }
        finally
        {
            wallet.Planning.Release();
        }
    }

    private async Task<PayoutMove> PlanAsync(PayoutStep step, CancellationToken ct)
    {
        var (asset, now) = (step.Terms.Pays.Asset, time.GetUtcNow());
        var queue = await rows.QueueAsync(asset, now, QueueLook.PlacesMax, ct);
        var place = QueueLook.PlaceIn(queue, step);
        var pause = QueueLook.PauseOf(step, place, now);
        if (place is null)
        {
            return new PayoutMove.Wait(NotItsTurn, pause);
        }

        if (asset != Asset.Ckb && TokenTypes.Of(assets.Of(asset).Script) is null)
        {
            // Without it an amount of a token would be taken for one of coins.
            return EndOf(step, NoSuchToken, new PayoutMove.Wait(NoSuchToken, TokenIsAway), now);
        }

        if (await wallet.LookAsync(ct) is not ChainAnswer<WalletView>.Ok { Value: var view })
        {
            return new PayoutMove.Wait("The wallet's cells cannot be read.", pause);
        }

        var terms = new ChoiceTerms(
            wallet.Lock, wallet.Chain, view.Cells, view.Reserved, await wallet.Node.FeePolicyAsync(settings.Payouts, ct));
        if (asset != Asset.Ckb)
        {
            var before = Choose(Asset.Ckb, await rows.QueueAsync(Asset.Ckb, now, QueueLook.PlacesMax, ct), terms, now);
            if (before.IsHeldUp)
            {
                return NotCovered(step, before.Missing, pause, now);
            }

            terms = Beside(before, terms, view, await rooms.GivenAsync(now, ct));
        }

        var choice = Choose(asset, queue, terms, now);
        if (choice.Transfer is not { } transfer || !choice.Chosen.Exists(step.IsAbout))
        {
            // Others may be covered, and their own messages see to them.
            var look = _looks[asset] = new QueueLook(queue, choice, now);
            return Uncovered(step, look, now) ?? new PayoutMove.Wait(NotItsTurn, LookAgain);
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

    /// <summary>What a look of a moment ago says of it as well; null when it has to be looked at.</summary>
    private PayoutMove? FromLastLook(PayoutStep step, DateTimeOffset now) =>
        _looks.TryGetValue(step.Terms.Pays.Asset, out var look) && look.IsFresh(now)
            ? look.PlaceOf(step) is null
                ? look.IsFull ? new PayoutMove.Wait(NotItsTurn, QueueLook.PauseOf(step, place: null, now)) : null
                : Uncovered(step, look, now)
            : null;

    /// <summary>Null when it is not one of those that are not covered.</summary>
    private static PayoutMove? Uncovered(PayoutStep step, QueueLook look, DateTimeOffset now) =>
        !look.Choice.Uncovered.Exists(step.IsAbout) ? null
        : look.Choice.LacksRoom ? EndOf(step, NoRoom, new PayoutMove.Wait(NoRoom, RoomPause), now)
        : NotCovered(step, look.Choice.Missing, QueueLook.PauseOf(step, look.PlaceOf(step), now), now);

    private static PayoutMove NotCovered(PayoutStep step, Amount missing, TimeSpan pause, DateTimeOffset now) =>
        step.State is not WithdrawalState.Queued { AwaitsLiquidity: true }
            ? new PayoutMove.Record(new WithdrawalCommand.AwaitLiquidity(missing, now))
            : EndOf(
                step,
                $"The wallet did not cover it within {AdvanceWithdrawalHandler.WaitMax.TotalDays} days.",
                new PayoutMove.Wait("The wallet does not cover it.", pause),
                now);

    /// <summary>It waits, or has waited for as long as it may.</summary>
    private static PayoutMove EndOf(PayoutStep step, string why, PayoutMove.Wait waits, DateTimeOffset now) =>
        step.Terms.RequestedAt + AdvanceWithdrawalHandler.WaitMax <= now
            ? new PayoutMove.Record(new WithdrawalCommand.GiveUp(WithdrawalFailure.NoLiquidity, why, now))
            : waits;

    private ChainChoice Choose(Asset asset, IReadOnlyList<QueuedPayout> queue, ChoiceTerms terms, DateTimeOffset now)
    {
        var type = asset == Asset.Ckb ? null : TokenTypes.Of(assets.Of(asset).Script)!;
        return ChainChoice.Of(asset, queue, next => new(destinations.LockOf(next.Destination), type, next.Pays.Units), terms, now);
    }

    /// <summary>
    /// What is left for a token beside the coins that are paid first: those are owed to members, and the room of a token's cell is the
    /// hub's to give, out of what it need not keep.
    /// </summary>
    private ChoiceTerms Beside(ChainChoice coins, ChoiceTerms terms, WalletView view, UInt128 given)
    {
        var first = settings.Payouts.Reserve + coins.Chosen.Aggregate(UInt128.Zero, (sum, c) => sum + c.Pays.Units);
        return terms with
        {
            Reserved = terms.Reserved.Concat(coins.Transfer?.Spent.Select(c => c.OutPoint) ?? []).ToHashSet(),
            CoinsMax = view.Free > first ? view.Free - first : 0,
            CapacityMax = UInt128.Min(settings.Payouts.TokenCapacityAtOnceMax, rooms.DayMax > given ? rooms.DayMax - given : 0),
        };
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
            var payout = PayoutOf(signed, i, fees[i], null);
            if (stored.State is not WithdrawalState.Queued queued
                || WithdrawalDecider.Decide(
                    new WithdrawalCommand.PrepareTransaction(queued.Attempts.Length + 1, payout, now), queued)
                    is not Decided.Accepted accepted)
            {
                return new PayoutMove.Wait("What waits has changed meanwhile.", TimeSpan.Zero);
            }

            IReadOnlyList<CommitRow> room = payout.Capacity.Units == 0
                ? []
                : [new TokenRoomRow(tenant, id, queued.Attempts.Length + 1, payout.Capacity.Units, now, rooms.DayMax)];
            parts.Add(payouts.PartOf(step, tenant, id, stored, accepted.Events, room));
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
            new(Asset.Ckb, signed.Outputs[output].Type is null ? 0 : signed.Outputs[output].Capacity),
            replaces);

    /// <summary>The fee in equal parts; what does not divide is the first one's.</summary>
    public static ImmutableArray<ulong> Shares(ulong fee, int count)
    {
        var share = fee / (ulong)count;
        return [.. Enumerable.Range(0, count).Select(i => i == 0 ? fee - (share * (ulong)(count - 1)) : share)];
    }

    [LoggerMessage(2510, LogLevel.Error, "The signer does not sign a payment of withdrawals ({Reason}): {Detail}")]
    private partial void LogNotSigned(SigningRefusal reason, string detail);
}
