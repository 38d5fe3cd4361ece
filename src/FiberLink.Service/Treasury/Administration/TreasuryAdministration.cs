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
    private readonly MovementCommands _movements;
    private readonly ColdAddresses _cold;
    private readonly AssetSettings _assets;
    private readonly ServiceSettings _settings;
    private readonly Ids _ids;
    private readonly TimeProvider _time;

    internal TreasuryAdministration(
        MovementCommands movements, ColdAddresses cold, AssetSettings assets, ServiceSettings settings, Ids ids, TimeProvider time) =>
        (_movements, _cold, _assets, _settings, _ids, _time) = (movements, cold, assets, settings, ids, time);

    /// <summary>Asks for coins to be moved from the hot wallet to a cold address; another person must agree.</summary>
    /// <param name="to">The address.</param>
    /// <param name="amount">What it gets, in shannon.</param>
    /// <param name="by">Who: one line of at most 100 characters.</param>
    /// <param name="reason">Why: one line of at most 500 characters.</param>
    /// <param name="ct">Stops before the commit.</param>
    public async Task<TreasuryAnswer> RequestSweepAsync(string to, UInt128 amount, string by, string reason, CancellationToken ct)
    {
        if (_cold.LockOf(to) is not { } owner)
        {
            return new TreasuryAnswer.Refused($"'{to}' is no address of this network.");
        }

        if (amount < ColdAddresses.MinimumOf(owner))
        {
            return new TreasuryAnswer.Refused(
                $"No cell there can hold less than {_assets.Format(new Amount(Asset.Ckb, ColdAddresses.MinimumOf(owner)))} CKB.");
        }

        var dayMax = _settings.Treasury.DayMax.GetValueOrDefault(Asset.Ckb);
        if (amount > dayMax)
        {
            return new TreasuryAnswer.Refused(
                $"It is more than the budget of a day, {_assets.Format(new Amount(Asset.Ckb, dayMax))} CKB "
                + $"({ServiceSettings.Names.TreasuryDayMax}): no service would ever do it.");
        }

        var id = _ids.Next();
        return await DecideAsync(
            id,
            new MovementCommand.RequestSweep(
                id, new(Asset.Ckb, amount), _cold.InFull(to)!, _cold.IsAllowed(to), by, reason, _time.GetUtcNow()),
            by,
            reason,
            ct);
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
        var isSweep = (await _movements.LoadAsync(id, ct)).State is MovementState.Known { Terms: MovementTerms.Sweep };
        var budget = _settings.Treasury.DayMax.GetValueOrDefault(Asset.Ckb);
        return await DecideAsync(
            id,
            new MovementCommand.Approve(by, reason, _time.GetUtcNow()),
            by,
            reason,
            ct,
            isSweep ? [new BudgetRow(id, budget)] : []);
    }

    /// <summary>Calls it off, as long as nothing was sent.</summary>
    public Task<TreasuryAnswer> CancelAsync(Guid id, string by, string reason, CancellationToken ct) =>
        DecideAsync(id, new MovementCommand.Cancel(by, reason, _time.GetUtcNow()), by, reason, ct);

    private async Task<TreasuryAnswer> DecideAsync(
        Guid id, MovementCommand command, string by, string reason, CancellationToken ct, IReadOnlyList<CommitRow>? rows = null)
    {
        if (OperatorWords.Objection(by, reason) is { } unsaid)
        {
            return new TreasuryAnswer.Refused(
                unsaid is PayoutRulesRefusal.NotSaidByWhom
                    ? $"Say who decides it (--by): one line of 1 to {OperatorWords.ByLengthMax} characters."
                    : $"Say why (--reason): one line of 1 to {OperatorWords.ReasonLengthMax} characters.");
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
