using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;
using FiberLink.Postgres;
using FiberLink.Projections.WalletCells;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Wallet;

namespace FiberLink.Service.Withdrawals.Paying;

/// <summary>Stores what one step decides on several streams at once: all of it with the message's marker, or nothing.</summary>
internal sealed class PayoutStore(WithdrawalCommands withdrawals, IEventStore store, Ids ids, CommitSignals signals)
{
    /// <summary>A withdrawal's state and version: what the step has read already, where it is the step's own.</summary>
    public Task<StreamState<WithdrawalState>> LoadAsync(PayoutStep step, string tenant, Guid id, CancellationToken ct) =>
        step.IsAbout(tenant, id) ? Task.FromResult(step.Stored) : withdrawals.LoadWithVersionAsync(tenant, id, ct);

    /// <summary>A withdrawal's part of the change.</summary>
    /// <param name="step">Whose message asked for it.</param>
    /// <param name="tenant">The withdrawal's community.</param>
    /// <param name="id">The withdrawal.</param>
    /// <param name="stored">What was decided on.</param>
    /// <param name="events">What was decided.</param>
    /// <param name="rows">What else commits with it.</param>
    public ChangePart PartOf(
        PayoutStep step,
        string tenant,
        Guid id,
        StreamState<WithdrawalState> stored,
        IReadOnlyList<WithdrawalEvent> events,
        params IReadOnlyList<CommitRow> rows) =>
        new(
            new(WithdrawalCommands.StreamOf(tenant, id), ExpectedVersion.Exactly(stored.Version), ids.Of(events)),
            withdrawals.Attach(
                tenant, id, stored, events, step.IsAbout(tenant, id) ? [step.Context.Marker, .. rows] : [.. rows], step.Standing));

    /// <summary>Appends all parts in one commit.</summary>
    /// <returns>
    /// <see cref="PayoutMove.Stored"/>, also when another node was the first to handle the message; a wait without pause when a stream or
    /// a cell was somebody else's meanwhile, and nothing is stored.
    /// </returns>
    /// <exception cref="OutcomeIsUnknownException">The database went away while it was committing.</exception>
    public async Task<PayoutMove> StoreAsync(
        PayoutStep step, IReadOnlyCollection<ChangePart> parts, DateTimeOffset now, CancellationToken ct)
    {
        var change = ChangePart.Together(parts, step.Standing, now);
        switch (await store.AppendAsync(change, ct))
        {
            case AppendResult.Appended:
                signals.Committed(events: true, change.Rows);
                return new PayoutMove.Stored(IsNew: true);
            case AppendResult.VersionMoved:
                return new PayoutMove.Wait("What it is about has changed meanwhile.", TimeSpan.Zero);

            // Another transaction was prepared over one of the cells; it was this one's luck not to be the first.
            case AppendResult.ConstraintBroken { Constraint: WalletCellsProjection.IsReserved or WalletCellsProjection.IsAnothersOutput }:
                return new PayoutMove.Wait("A cell has been reserved meanwhile.", TimeSpan.Zero);

            // Another token was paid in the same moment.
            case AppendResult.ConstraintBroken { Constraint: TokenRoomRow.DayMaxHolds }:
                return new PayoutMove.Wait("The room for a day was given away meanwhile.", TimeSpan.Zero);
            case AppendResult.ConstraintBroken broken:
                step.Context.Refused(broken.Constraint);
                return new PayoutMove.Stored(IsNew: false);
            case AppendResult.Unknown unknown:
                throw new OutcomeIsUnknownException(unknown.ChangeId);
            case var other:
                throw new InvalidOperationException($"A step of a withdrawal cannot end in {other}.");
        }
    }
}
