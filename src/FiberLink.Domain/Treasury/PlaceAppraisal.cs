using FiberLink.Events.Money;
using FiberLink.Events.Treasury;

namespace FiberLink.Domain.Treasury;

/// <summary>What is known of one asset at one place, in smallest units.</summary>
/// <param name="Place">Where.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Books">What the books say is there; below zero when they were never opened and more has gone out than came in.</param>
/// <param name="Seen">What was seen there; null when nobody could look.</param>
/// <param name="Usable">How much of that can pay at once.</param>
/// <param name="Demand">What waits to be paid from there.</param>
/// <param name="Reserve">What is to be left beside the demand.</param>
/// <param name="Floor">Below this it is low, whatever waits.</param>
/// <param name="Leaving">What may be gone already though the books still have it.</param>
/// <param name="Arriving">What may be there still, or already, though the books do not have it.</param>
/// <param name="IsOpened">Whether capital was booked for it. Until then books and reality have nothing to do with each other.</param>
public sealed record PlaceFigures(
    HubPlace Place,
    Asset Asset,
    Int128 Books,
    UInt128? Seen,
    UInt128 Usable,
    UInt128 Demand,
    UInt128 Reserve,
    UInt128 Floor,
    UInt128 Leaving,
    UInt128 Arriving,
    bool IsOpened);

/// <summary>Something that an operator should know.</summary>
/// <param name="Kind">What.</param>
/// <param name="Place">Where.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Units">By how much: what is missing; of a difference, how much more was seen than is explained.</param>
public sealed record TreasuryAlarm(TreasuryAlarmKind Kind, HubPlace Place, Asset Asset, Int128 Units);

public enum TreasuryAlarmKind
{
    /// <summary>The hot wallet has less than it should ever have.</summary>
    BelowFloor = 1,

    /// <summary>What waits to be paid is more than what can pay.</summary>
    DemandAboveLiquidity = 2,

    /// <summary>Books and reality differ by more than what is on its way explains.</summary>
    BooksDiffer = 3,
}

/// <summary>Judges what was seen. Pure; the service and the command line ask here alike.</summary>
public static class PlaceAppraisal
{
    /// <summary>
    /// How much more was seen than the books have, less what is on its way one way or the other; below zero when money is missing, zero
    /// when everything is explained, null when it cannot be told.
    /// </summary>
    public static Int128? Unexplained(PlaceFigures figures)
    {
        if (!figures.IsOpened || figures.Seen is not { } seen)
        {
            return null;
        }

        var difference = Signed(seen) - figures.Books;
        return difference > Signed(figures.Arriving) ? difference - Signed(figures.Arriving)
            : difference < -Signed(figures.Leaving) ? difference + Signed(figures.Leaving)
            : 0;
    }

    /// <summary>How much is missing for all that waits; zero when nothing is, null when nobody could look.</summary>
    public static UInt128? Missing(PlaceFigures figures)
    {
        // What waits for nothing needs no reserve: that is what the floor is for.
        var needed = figures.Demand == 0 ? 0 : Signed(figures.Demand) + Signed(figures.Reserve);
        return figures.Seen is null ? null : needed > Signed(figures.Usable) ? (UInt128)(needed - Signed(figures.Usable)) : 0;
    }

    public static IReadOnlyList<TreasuryAlarm> Judge(PlaceFigures figures)
    {
        var alarms = new List<TreasuryAlarm>();
        void Raise(TreasuryAlarmKind kind, Int128 units) => alarms.Add(new(kind, figures.Place, figures.Asset, units));
        if (figures.Seen is not null && figures.Usable < figures.Floor)
        {
            Raise(TreasuryAlarmKind.BelowFloor, Signed(figures.Floor - figures.Usable));
        }

        if (Missing(figures) is { } missing && missing > 0)
        {
            Raise(TreasuryAlarmKind.DemandAboveLiquidity, Signed(missing));
        }

        if (Unexplained(figures) is { } difference && difference != 0)
        {
            Raise(TreasuryAlarmKind.BooksDiffer, difference);
        }

        return alarms;
    }

    // A quarter of what there can be: sums of four stay in range, and a figure beyond it is absurd anyway.
    private static Int128 Signed(UInt128 units) => (Int128)UInt128.Min(units, (UInt128)Int128.MaxValue / 4);
}
