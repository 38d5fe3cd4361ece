using FiberLink.Domain.Treasury;
using FiberLink.Events.Money;
using FiberLink.EventStore;
using FiberLink.Projections.Treasury;
using FiberLink.Service.Treasury.Watching;
using FiberLink.Service.Wallet;

namespace FiberLink.Service.Treasury.Administration;

/// <summary>What the hub has, what it needs, and what is wrong.</summary>
/// <param name="At">When the books were read.</param>
/// <param name="Places">Asset by asset: books, what was seen, what waits.</param>
/// <param name="Looks">What was seen last, and when. A place that nobody has looked at is missing.</param>
/// <param name="Books">The hub's accounts.</param>
/// <param name="Alarms">What is wrong.</param>
/// <param name="RoomGiven">Shannon that recipients of tokens were given in the last 24 hours for the room of their cells.</param>
/// <param name="RoomDayMax">Shannon that they may be given in 24 hours.</param>
internal sealed record TreasuryStatus(
    DateTimeOffset At,
    IReadOnlyList<PlaceFigures> Places,
    IReadOnlyList<PlaceLook> Looks,
    HubBooks Books,
    IReadOnlyList<StandingAlarm> Alarms,
    Amount RoomGiven,
    Amount RoomDayMax)
{
    public PlaceLook? LookAt(PlaceFigures figures) => Looks.FirstOrDefault(l => (l.Place, l.Asset) == (figures.Place, figures.Asset));

    public HubDemand? QueuedAt(PlaceFigures figures) => Books.Queued.GetValueOrDefault((
        figures.Place is Events.Treasury.HubPlace.OnChain
            ? Events.Withdrawals.DestinationKind.CkbAddress
            : Events.Withdrawals.DestinationKind.PaymentRequest,
        figures.Asset));

    public Int128 HadBy(Account account, Asset asset) => HubFigures.HadBy(Books, account, asset);
}

/// <summary>All that is known of a movement.</summary>
/// <param name="Row">As lists show it.</param>
/// <param name="Events">All that has happened.</param>
internal sealed record MovementReport(MovementRow Row, IReadOnlyList<RecordedEvent> Events);

/// <summary>Tells operators about the hub's own money.</summary>
internal sealed class TreasuryReports(
    HubBooksQuery books,
    LookStore looks,
    HubFigures figures,
    MovementsQuery movements,
    TokenRooms rooms,
    IEventStore store,
    TimeProvider time)
{
    public async Task<TreasuryStatus> StatusAsync(CancellationToken ct)
    {
        var seen = await looks.LastAsync(ct);
        var known = await books.ReadAsync(ct);
        var now = time.GetUtcNow();
        return new(
            now,
            figures.Of(known, seen),
            seen,
            known,
            await looks.StandingAsync(ct),
            new(Asset.Ckb, await rooms.GivenAsync(now, ct)),
            new(Asset.Ckb, rooms.DayMax));
    }

    /// <returns>Null when there is none.</returns>
    public async Task<MovementReport?> FindAsync(Guid movementId, CancellationToken ct) =>
        await movements.FindAsync(movementId, ct) is { } row
            ? new(row, (await store.ReadStreamAsync(MovementCommands.StreamOf(movementId), ct)).Events)
            : null;
}
