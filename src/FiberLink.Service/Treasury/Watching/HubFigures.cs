using FiberLink.Domain.Treasury;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;
using FiberLink.Events.Withdrawals;
using FiberLink.Projections.Treasury;
using FiberLink.Service.Startup;

namespace FiberLink.Service.Treasury.Watching;

/// <summary>Puts together what the books say and what was seen, asset by asset and place by place.</summary>
internal sealed class HubFigures(AssetSettings assets, ServiceSettings settings)
{
    /// <summary>Every place of every asset of which anything is known.</summary>
    public IReadOnlyList<PlaceFigures> Of(HubBooks books, IReadOnlyList<PlaceLook> looks) =>
    [
        .. assets.All.Select(a => a.Asset)
            .Union(books.Accounts.Keys.Select(k => k.Asset))
            .Union(looks.Select(l => l.Asset))
            .OrderBy(a => a.Code, StringComparer.Ordinal)
            .SelectMany(asset => new[] { HubPlace.OnChain, HubPlace.Channels }
                .Select(place => Of(place, asset, books, looks.FirstOrDefault(l => (l.Place, l.Asset) == (place, asset))))),
    ];

    public PlaceFigures Of(HubPlace place, Asset asset, HubBooks books, PlaceLook? look)
    {
        var isOnChain = place is HubPlace.OnChain;
        var kind = isOnChain ? DestinationKind.CkbAddress : DestinationKind.PaymentRequest;
        var leaving = books.Leaving.GetValueOrDefault((kind, asset));
        var back = books.TakenBack.GetValueOrDefault((kind, asset));
        var isCoin = isOnChain && asset == Asset.Ckb;
        var tolerance = settings.Treasury.Tolerances.GetValueOrDefault(asset);
        return new(
            place,
            asset,
            HadBy(books, isOnChain ? Account.HubOnChain : Account.HubChannels, asset),
            look?.Total,
            look?.Usable ?? 0,
            (books.Queued.GetValueOrDefault((kind, asset))?.Units ?? 0) + (isCoin ? ForTokens(books.Queued) : 0),
            isCoin ? settings.Payouts.Reserve : 0,
            isOnChain ? settings.Treasury.Floors.GetValueOrDefault(asset) : 0,
            (leaving?.Units ?? 0) + Fees(isCoin, leaving, books.Leaving) + tolerance,
            (back?.Units ?? 0) + Fees(isCoin, back, books.TakenBack) + tolerance + InFlight(books, asset),
            books.Opened.Contains((place, asset)));
    }

    /// <summary>What the hub has on an account. A credit is what it owes, or has less.</summary>
    public static Int128 HadBy(HubBooks books, Account account, Asset asset) => -books.Accounts.GetValueOrDefault((account, asset));

    // What the recipient's cell did not leave for the fee is the hub's to pay, and shows only once it is in the books.
    // So is all that a token takes beside it.
    private UInt128 Fees(bool isCoin, HubDemand? coins, IReadOnlyDictionary<(DestinationKind, Asset), HubDemand> all) =>
        isCoin ? ((UInt128)(coins?.Count ?? 0) * settings.Payouts.FeeMax) + ForTokens(all) : 0;

    private UInt128 ForTokens(IReadOnlyDictionary<(DestinationKind, Asset), HubDemand> demands)
    {
        var count = HubBooks.TokensOnChain(demands);
        return settings.Payouts.CoinsForTokens(count) + ((UInt128)count * settings.Payouts.FeeMax);
    }

    // What moves leaves the books when it is prepared, and its place later; it may be at the other one before the books say so.
    private static UInt128 InFlight(HubBooks books, Asset asset) =>
        HadBy(books, Account.InFlight, asset) is var units && units > 0 ? (UInt128)units : 0;
}
