using System.Diagnostics.Metrics;
using FiberLink.Events.Tips;

namespace FiberLink.Service.Tips;

/// <summary>What is counted about tips.</summary>
internal static class TipTelemetry
{
    private static readonly Meter Meter = new(Telemetry.ServiceTelemetry.Name);

    private static readonly Counter<long> Requested =
        Meter.CreateCounter<long>("fiberlink.tips.requested", "{tip}", "Tips that were requested.");

    private static readonly Counter<long> Settled =
        Meter.CreateCounter<long>("fiberlink.tips.settled", "{tip}", "Tips that were credited.");

    private static readonly Counter<long> Suspended =
        Meter.CreateCounter<long>("fiberlink.tips.suspended", "{tip}", "Tips that were paid otherwise than ordered; alert on any.");

    private static readonly Counter<long> PaidTwice =
        Meter.CreateCounter<long>("fiberlink.tips.paid_twice", "{tip}", "Tips that were paid within the hub and at the node as well.");

    public static void CountRequested(string app, string asset) => Requested.Add(1, new("app", app), new("asset", asset));

    public static void CountSettled(string app, TipEvent.Settled tip) =>
        Settled.Add(1, new("app", app), new("asset", tip.Amount.Asset.Code), new("late", tip.Late));

    public static void CountPaidTwice(string app, TipEvent.PaidTwice tip) =>
        PaidTwice.Add(1, new("app", app), new("credited", tip.Difference is null));

    public static void CountSuspended(string app, TipEvent.Suspended tip) =>
        Suspended.Add(1, new("app", app), new("difference", tip.Difference.ToString()));
}
