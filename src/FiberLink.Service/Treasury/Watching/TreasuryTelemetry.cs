using System.Diagnostics.Metrics;
using FiberLink.Domain.Treasury;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;

namespace FiberLink.Service.Treasury.Watching;

/// <summary>
/// What this process saw last of the hub's money, for gauges. In smallest units; a meter's numbers end at 2⁶³, and what is more is told
/// as that.
/// </summary>
internal sealed class TreasuryTelemetry : IDisposable
{
    private readonly Meter _meter = new(Telemetry.ServiceTelemetry.Name);
    private volatile Told _told = new([], [], []);

    public TreasuryTelemetry()
    {
        _meter.CreateObservableGauge(
            "fiberlink.treasury.inventory", () => _told.Inventory, "{unit}", "What was seen at each place, in smallest units, by part.");
        _meter.CreateObservableGauge(
            "fiberlink.treasury.missing", () => _told.Missing, "{unit}",
            "What is missing for what waits, or for the floor, in smallest units; alert on more than zero.");
        _meter.CreateObservableGauge(
            "fiberlink.treasury.difference", () => _told.Difference, "{unit}",
            "How much more was seen than the books and what is under way explain; alert on anything but zero that lasts.");
    }

    public void Tell(IReadOnlyList<PlaceLook> looks, IReadOnlyList<PlaceFigures> figures) =>
        _told = new(
            [
                .. looks.SelectMany(l => new[]
                {
                    Units(l.Total, l.Place, l.Asset, "part", "total"),
                    Units(l.Usable, l.Place, l.Asset, "part", "usable"),
                    Units(l.Pending, l.Place, l.Asset, "part", "pending"),
                    Units(l.Receivable, l.Place, l.Asset, "part", "receivable"),
                }),
            ],
            [
                .. figures.Where(f => f.Seen is not null).SelectMany(f => new[]
                {
                    Units(PlaceAppraisal.Missing(f) ?? 0, f.Place, f.Asset, "for", "demand"),
                    Units(f.Floor > f.Usable ? f.Floor - f.Usable : 0, f.Place, f.Asset, "for", "floor"),
                }),
            ],
            [
                .. figures.Where(f => PlaceAppraisal.Unexplained(f) is not null)
                    .Select(f => Units(PlaceAppraisal.Unexplained(f)!.Value, f.Place, f.Asset, "of", "books")),
            ]);

    public void Dispose() => _meter.Dispose();

    private static Measurement<long> Units(UInt128 units, HubPlace place, Asset asset, string key, string value) =>
        Units((Int128)UInt128.Min(units, long.MaxValue), place, asset, key, value);

    private static Measurement<long> Units(Int128 units, HubPlace place, Asset asset, string key, string value) =>
        new(
            (long)Int128.Clamp(units, long.MinValue, long.MaxValue),
            new("place", place.ToString()),
            new("asset", asset.Code),
            new(key, value));

    private sealed record Told(
        IReadOnlyList<Measurement<long>> Inventory, IReadOnlyList<Measurement<long>> Missing, IReadOnlyList<Measurement<long>> Difference);
}
