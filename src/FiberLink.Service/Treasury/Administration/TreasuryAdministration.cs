using FiberLink.Crypto;
using FiberLink.Domain.Treasury;
using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;
using FiberLink.Postgres;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Startup;

using Handled = FiberLink.Service.CommandHandling.Handled<
    FiberLink.Domain.Treasury.MovementState, FiberLink.Domain.Treasury.MovementRefusal>;

namespace FiberLink.Service.Treasury.Administration;

/// <summary>
/// What operators decide about the hub's own money. It moves nothing: each decision leaves a message behind in its commit, and whichever
/// service node runs goes on from it, by the addresses and the budget of its own settings.
/// </summary>
public sealed class TreasuryAdministration
{
    // What a node keeps back of each side of a channel of coins.
    private static readonly UInt128 ChannelMin = 99_00000000;

    private readonly MovementCommands _movements;
    private readonly ColdAddresses _cold;
    private readonly AssetSettings _assets;
    private readonly ServiceSettings _settings;
    private readonly Ids _ids;
    private readonly TimeProvider _time;

    internal TreasuryAdministration(
        MovementCommands movements, ColdAddresses cold, AssetSettings assets, ServiceSettings settings, Ids ids, TimeProvider time) =>
        (_movements, _cold, _assets, _settings, _ids, _time) = (movements, cold, assets, settings, ids, time);

    /// <summary>Asks for coins or tokens to be moved from the hot wallet to a cold address; another person must agree.</summary>
    /// <param name="to">The address.</param>
    /// <param name="amount">What it gets; with a token goes the room that its cell takes up.</param>
    /// <param name="by">Who: one line of at most 100 characters.</param>
    /// <param name="reason">Why: one line of at most 500 characters.</param>
    /// <param name="ct">Stops before the commit.</param>
    public async Task<TreasuryAnswer> RequestSweepAsync(string to, Amount amount, string by, string reason, CancellationToken ct)
    {
        if (_cold.LockOf(to) is not { } owner)
        {
            return new TreasuryAnswer.Refused($"'{to}' is no address of this network.");
        }

        if (amount.Asset != Asset.Ckb && !_cold.CanHold(_assets.Of(amount.Asset).Script))
        {
            return new TreasuryAnswer.Refused(
                $"{amount.Asset} has no cells on this chain: by {ServiceSettings.Names.Assets} its code is none that is known there.");
        }

        if (amount.Asset == Asset.Ckb && amount.Units < ColdAddresses.MinimumOf(owner))
        {
            return new TreasuryAnswer.Refused(
                $"No cell there can hold less than {_assets.Format(new Amount(Asset.Ckb, ColdAddresses.MinimumOf(owner)))} CKB.");
        }

        if (AboveDayMax(amount) is { } objection)
        {
            return objection;
        }

        var id = _ids.Next();
        return await DecideAsync(
            id,
            new MovementCommand.RequestSweep(
                id, amount, _cold.InFull(to)!, _cold.IsAllowed(to), by, reason, _time.GetUtcNow()),
            by,
            reason,
            ct);
    }

    /// <summary>Asks for coins of the hot wallet to be put into a new channel; another person must agree.</summary>
    /// <param name="peer">The other side's public key: 66 hexadecimal digits.</param>
    /// <param name="amount">What is put in, in shannon; the node keeps about 99 CKB of it back until the channel is closed.</param>
    /// <param name="by">Who: one line of at most 100 characters.</param>
    /// <param name="reason">Why: one line of at most 500 characters.</param>
    /// <param name="ct">Stops before the commit.</param>
    public async Task<TreasuryAnswer> RequestOpeningAsync(string peer, UInt128 amount, string by, string reason, CancellationToken ct)
    {
        if (!PublicKey.TryParse(peer, out var key))
        {
            return new TreasuryAnswer.Refused("A peer is named by its public key: 66 hexadecimal digits of a point on the curve.");
        }

        if (!_settings.Treasury.Peers.Contains(key.ToString(), StringComparer.Ordinal))
        {
            return new TreasuryAnswer.Refused($"The peer is not on the list ({ServiceSettings.Names.TreasuryPeers}).");
        }

        if (amount <= ChannelMin)
        {
            return new TreasuryAnswer.Refused(
                $"A channel takes more than {_assets.Format(new Amount(Asset.Ckb, ChannelMin))} CKB: so much is kept back of it.");
        }

        var coins = new Amount(Asset.Ckb, amount);
        if (AboveDayMax(coins) is { } objection)
        {
            return objection;
        }

        var id = _ids.Next();
        return await DecideAsync(
            id,
            new MovementCommand.RequestOpening(
                id, coins, key.ToString(), IsAllowed: true, by, reason, _time.GetUtcNow()),
            by,
            reason,
            ct);
    }

    /// <summary>Asks for a channel to be closed and what is ours to come back to the hot wallet; another person must agree.</summary>
    /// <param name="channelId">0x and 64 hexadecimal digits.</param>
    /// <param name="by">Who: one line of at most 100 characters.</param>
    /// <param name="reason">Why: one line of at most 500 characters.</param>
    /// <param name="ct">Stops before the commit.</param>
    public async Task<TreasuryAnswer> RequestClosingAsync(string channelId, string by, string reason, CancellationToken ct)
    {
        if (!Bytes32.TryParse(channelId, out var channel))
        {
            return new TreasuryAnswer.Refused("A channel is named by 0x and 64 hexadecimal digits; 'node channels' lists them.");
        }

        var id = _ids.Next();
        return await DecideAsync(
            id, new MovementCommand.RequestClosing(id, channel.ToHex(), by, reason, _time.GetUtcNow()), by, reason, ct);
    }

    /// <summary>Asks the books to note capital that was put in or taken out past this service; another person must agree.</summary>
    /// <param name="place">Where.</param>
    /// <param name="way">Put in or taken out.</param>
    /// <param name="amount">How much.</param>
    /// <param name="by">Who: one line of at most 100 characters.</param>
    /// <param name="reason">Why: one line of at most 500 characters.</param>
    /// <param name="ct">Stops before the commit.</param>
    public Task<TreasuryAnswer> RequestBookingAsync(
        HubPlace place, BookingWay way, Amount amount, string by, string reason, CancellationToken ct)
    {
        var id = _ids.Next();
        return DecideAsync(
            id, new MovementCommand.RequestBooking(id, place, way, amount, by, reason, _time.GetUtcNow()), by, reason, ct);
    }

    /// <summary>Agrees; whoever asked for it cannot. It counts towards the budget from now on.</summary>
    public async Task<TreasuryAnswer> ApproveAsync(Guid id, string by, string reason, CancellationToken ct)
    {
        var terms = ((await _movements.LoadAsync(id, ct)).State as MovementState.Known)?.Terms;
        return await DecideAsync(
            id,
            new MovementCommand.Approve(by, reason, _time.GetUtcNow()),
            by,
            reason,
            ct,
            terms is MovementTerms.Sweep or MovementTerms.Opening
                ? [new BudgetRow(id, _settings.Treasury.DayMaxOf(terms.Amount.Asset))]
                : []);
    }

    /// <summary>Calls it off, as long as nothing was sent.</summary>
    public Task<TreasuryAnswer> CancelAsync(Guid id, string by, string reason, CancellationToken ct) =>
        DecideAsync(id, new MovementCommand.Cancel(by, reason, _time.GetUtcNow()), by, reason, ct);

    private TreasuryAnswer.Refused? AboveDayMax(Amount amount)
    {
        var dayMax = amount with { Units = _settings.Treasury.DayMaxOf(amount.Asset) };
        return amount.Units <= dayMax.Units
            ? null
            : new TreasuryAnswer.Refused(
                $"It is more than the budget of a day, {_assets.Format(dayMax)} {dayMax.Asset} "
                + $"({ServiceSettings.Names.TreasuryDayMax}): no service would ever do it.");
    }

    private async Task<TreasuryAnswer> DecideAsync(
        Guid id, MovementCommand command, string by, string reason, CancellationToken ct, IReadOnlyList<CommitRow>? rows = null)
    {
        if (OperatorWords.Objection(by, reason) is { } unsaid)
        {
            return new TreasuryAnswer.Refused(UnsaidTexts.Of(unsaid));
        }

        var handled = await _movements.ApplyAsync(id, command, [], rows ?? [], [], new(null, null, $"operator:{by}"), ct);
        return handled switch
        {
            Handled.Accepted accepted => new TreasuryAnswer.Done(id, accepted.Events.Count > 0),
            Handled.Refused refused => new TreasuryAnswer.Refused(WhyOf(refused.Reason, refused.State, id)),
            Handled.ConstraintBroken { Constraint: BudgetRow.DayMaxHolds } => new TreasuryAnswer.Refused(
                "The budget of a day does not cover it beside what was agreed to in the last 24 hours. Agree to it later, "
                + $"or set {ServiceSettings.Names.TreasuryDayMax} higher, for the service too."),
            _ => throw new InvalidOperationException($"A decision about a movement cannot end in {handled.GetType().Name}."),
        };
    }

    private static string WhyOf(MovementRefusal refusal, MovementState state, Guid id) =>
        refusal switch
        {
            MovementRefusal.MovementIsUnknown => $"There is no movement {id}.",
            MovementRefusal.DestinationNotAllowed =>
                $"The address is not on the list of cold addresses ({ServiceSettings.Names.TreasuryCold}).",
            MovementRefusal.AmountDoesNotFit => "The amount is nothing, or more than there can be.",
            MovementRefusal.ApproverIsRequester =>
                $"{((MovementState.Known)state).Terms.By} has asked for it, and whoever asks cannot agree to it. Another person must.",
            MovementRefusal.IsOnItsWay =>
                "Something may have been sent already, and nobody can call that back. 'treasury show' tells how far it is.",
            MovementRefusal.IsOver => $"It is over: {state.GetType().Name}.",
            _ => $"{refusal}.",
        };
}
