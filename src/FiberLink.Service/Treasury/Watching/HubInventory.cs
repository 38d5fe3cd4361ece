using FiberLink.Domain.Treasury;
using FiberLink.Projections.Treasury;
using FiberLink.Service.Wallet;

namespace FiberLink.Service.Treasury.Watching;

/// <summary>What the watch looks at, for who asks once.</summary>
internal sealed class HubInventory(TreasuryLook look, HubBooksQuery books, HubFigures figures, LookStore store) : IInventory
{
    public async Task<IReadOnlyList<InventoryLine>> LookAsync(CancellationToken ct)
    {
        // The books first, as the watch does: what leaves them in between is still seen, and what is on its way is known.
        var known = await books.ReadAsync(ct);
        var looks = await look.LookAsync(ct);
        var standing = await store.StandingAsync(ct);
        return
        [
            .. looks.Select(l => figures.Of(l.Place, l.Asset, known, l)).Select(f => new InventoryLine(
                f.Place,
                f.Asset,
                f.Books,
                f.Seen,
                PlaceAppraisal.Unexplained(f),
                standing.FirstOrDefault(a => (a.Kind, a.Place, a.Asset) == (TreasuryAlarmKind.BooksDiffer, f.Place, f.Asset))?.Since)),
        ];
    }
}
