using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Domain.Treasury;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;
using FiberLink.Service.Startup;
using FiberLink.Service.Treasury.Administration;
using FiberLink.Service.Treasury.Watching;

namespace FiberLink.Cli.Commands;

/// <summary>Prints what the hub has.</summary>
internal static class TreasuryStatusPrinter
{
    private static readonly Account[] Others =
    [
        Account.InFlight, Account.HubKeptBack, Account.HubCold, Account.HubCapital, Account.PlatformFees, Account.NetworkFees,
        Account.Suspense,
    ];

    public static async Task ShowAsync(TreasuryStatus status, AssetSettings assets)
    {
        await Console.Out.WriteLineAsync($"Books as of {Moment(status.At)}.");
        await Printer.TableAsync(
            ["PLACE", "ASSET", "BOOKS", "SEEN", "USABLE", "ASIDE", "RECEIVABLE", "WAITS", "DIFFERENCE", "SEEN AT"],
            [.. status.Places.Select(p => (IReadOnlyList<string>)Line(status, p, assets))]);
        await Console.Out.WriteLineAsync();
        await Printer.TableAsync(
            ["ASSET", "IN FLIGHT", "KEPT BACK", "COLD", "CAPITAL", "PLATFORM FEES", "NETWORK FEES", "SUSPENSE"],
            [.. AssetsOf(status).Select(a => (IReadOnlyList<string>)
                [a.Code, .. Others.Select(account => assets.Format(a, Shown(status, account, a)))])]);
        await Console.Out.WriteLineAsync();
        var (given, most) = (assets.Format(status.RoomGiven), assets.Format(status.RoomDayMax));
        await Console.Out.WriteLineAsync($"In 24 hours {given} of {most} CKB were given for the room of tokens' cells.");
        if (status.Alarms.Count == 0)
        {
            await Console.Out.WriteLineAsync("Nothing is wrong at the places that were seen.");
        }

        foreach (var alarm in status.Alarms)
        {
            await Console.Out.WriteLineAsync(Sentence(alarm, assets));
        }
    }

    public static JsonObject Json(TreasuryStatus status, AssetSettings assets) => new()
    {
        ["at"] = status.At,
        ["places"] = new JsonArray([.. status.Places.Select(p => (JsonNode)Json(status, p, assets))]),
        ["accounts"] = new JsonArray([.. AssetsOf(status).Select(a => (JsonNode)new JsonObject
        {
            ["asset"] = a.Code,
            ["inFlight"] = assets.Format(a, Shown(status, Account.InFlight, a)),
            ["keptBack"] = assets.Format(a, Shown(status, Account.HubKeptBack, a)),
            ["cold"] = assets.Format(a, Shown(status, Account.HubCold, a)),
            ["capital"] = assets.Format(a, Shown(status, Account.HubCapital, a)),
            ["platformFees"] = assets.Format(a, Shown(status, Account.PlatformFees, a)),
            ["networkFees"] = assets.Format(a, Shown(status, Account.NetworkFees, a)),
            ["suspense"] = assets.Format(a, Shown(status, Account.Suspense, a)),
        })]),
        ["tokenRoom"] = new JsonObject
        {
            ["given"] = assets.Format(status.RoomGiven),
            ["dayMax"] = assets.Format(status.RoomDayMax),
        },
        ["alarms"] = new JsonArray([.. status.Alarms.Select(a => (JsonNode)new JsonObject
        {
            ["kind"] = a.Kind.ToString(),
            ["place"] = a.Place.ToString(),
            ["asset"] = a.Asset.Code,
            ["amount"] = assets.Format(a.Asset, a.Units),
            ["since"] = a.Since,
            ["isTold"] = a.IsTold,
        })]),
    };

    private static JsonObject Json(TreasuryStatus status, PlaceFigures p, AssetSettings assets)
    {
        var (look, queued) = (status.LookAt(p), status.QueuedAt(p));
        string Of(UInt128 units) => assets.Format(new Amount(p.Asset, units));
        return new()
        {
            ["place"] = p.Place.ToString(),
            ["asset"] = p.Asset.Code,
            ["books"] = assets.Format(p.Asset, p.Books),
            ["isOpened"] = p.IsOpened,
            ["seen"] = look is null ? null : Of(look.Total),
            ["usable"] = look is null ? null : Of(look.Usable),
            ["pending"] = look is null ? null : Of(look.Pending),
            ["receivable"] = look is null ? null : Of(look.Receivable),
            ["seenAt"] = look?.SeenAt,
            ["floor"] = Of(p.Floor),
            ["demand"] = Of(p.Demand),
            ["demandCount"] = queued?.Count ?? 0,
            ["demandSince"] = queued?.Since,
            ["missing"] = PlaceAppraisal.Missing(p) is { } missing ? Of(missing) : null,
            ["difference"] = PlaceAppraisal.Unexplained(p) is { } difference ? assets.Format(p.Asset, difference) : null,
        };
    }

    private static string[] Line(TreasuryStatus status, PlaceFigures p, AssetSettings assets)
    {
        var (look, queued) = (status.LookAt(p), status.QueuedAt(p));
        string Of(UInt128? units) => units is { } known ? assets.Format(new Amount(p.Asset, known)) : "?";
        return
        [
            p.Place.ToString(),
            p.Asset.Code,
            assets.Format(p.Asset, p.Books),
            Of(look?.Total),
            Of(look?.Usable),
            Of(look?.Pending),
            p.Place is HubPlace.OnChain ? "-" : Of(look?.Receivable),
            queued is null ? "-" : string.Create(CultureInfo.InvariantCulture, $"{Of(queued.Units)} in {queued.Count}"),
            Difference(p, assets),
            look is null ? "never" : Moment(look.SeenAt),
        ];
    }

    private static string Difference(PlaceFigures p, AssetSettings assets) =>
        !p.IsOpened ? "no capital booked"
        : PlaceAppraisal.Unexplained(p) is not { } units ? "?"
        : units > 0 ? "+" + assets.Format(p.Asset, units)
        : assets.Format(p.Asset, units);

    public static string Sentence(StandingAlarm alarm, AssetSettings assets)
    {
        var amount = $"{assets.Format(alarm.Asset, alarm.Units)} {alarm.Asset}";
        var what = alarm.Kind switch
        {
            TreasuryAlarmKind.BelowFloor => $"the hot wallet is low, {amount} are missing to its floor",
            TreasuryAlarmKind.DemandAboveLiquidity => $"{amount} are missing for the withdrawals that wait",
            _ => $"what is there and the books differ by {amount} that nothing explains",
        };
        return $"! {alarm.Place}: {what}, since {Moment(alarm.Since)}{(alarm.IsTold ? "" : " (not told yet: it has to last)")}";
    }

    // What is owed is shown as it is posted, and what is had with the sign that people expect.
    private static Int128 Shown(TreasuryStatus status, Account account, Asset asset) =>
        account is Account.HubCapital or Account.PlatformFees or Account.NetworkFees or Account.Suspense
            ? -status.HadBy(account, asset)
            : status.HadBy(account, asset);

    private static IEnumerable<Asset> AssetsOf(TreasuryStatus status) => status.Places.Select(p => p.Asset).Distinct();

    private static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
