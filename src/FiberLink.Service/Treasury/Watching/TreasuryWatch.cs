using FiberLink.Domain.Treasury;
using FiberLink.Events.Treasury;
using FiberLink.Projections.Treasury;
using FiberLink.Service.Startup;
using FiberLink.Service.Telemetry;
using FiberLink.Service.Wallet;
using Npgsql;

namespace FiberLink.Service.Treasury.Watching;

/// <summary>
/// Looks again and again, whether anything is to be paid or not: what withdrawals are promised stands on it. Each service node looks for
/// itself; what is wrong is noted in one place, and told once.
/// </summary>
internal sealed partial class TreasuryWatch(
    TreasuryLook look,
    HubBooksQuery books,
    HubFigures figures,
    LookStore store,
    IWalletListener listener,
    TreasuryTelemetry telemetry,
    AssetSettings assets,
    ServiceSettings settings,
    TimeProvider time,
    ILogger<TreasuryWatch> logger)
{
    /// <summary>
    /// How long something is wrong before somebody is told. Each payment takes a cell, and its change comes back with a block; what is on
    /// its way is in one place and not yet in the other.
    /// </summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        try
        {
            // Set to never, it only waits for its end.
            while (settings.Treasury.LookEvery == Timeout.InfiniteTimeSpan || !await LookAndReportAsync(ct))
            {
                await Task.Delay(settings.Treasury.LookEvery, time, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // As it was told.
        }
    }

    /// <summary>One look, and what follows from it.</summary>
    public async Task LookAsync(CancellationToken ct)
    {
        using var unrecorded = ServiceTelemetry.StartUnrecorded();

        // The books first: what leaves them in between is still seen, and what is on its way is known.
        var known = await books.ReadAsync(ct);
        var looks = await look.LookAsync(ct);
        var now = time.GetUtcNow();
        var judged = looks.Select(l => figures.Of(l.Place, l.Asset, known, l)).ToList();
        telemetry.Tell(looks, judged);
        if (looks.Count == 0)
        {
            return;
        }

        await store.KeepAsync(looks, ct);
        var (raised, over) = await store.NoteAsync(looks, [.. judged.SelectMany(PlaceAppraisal.Judge)], now, Grace, ct);
        foreach (var alarm in raised)
        {
            Tell(alarm);
        }

        if (looks.Where(l => l.Place is HubPlace.OnChain).ToDictionary(l => l.Asset, l => l.Usable) is { Count: > 0 } free)
        {
            await listener.LookedAsync(free, ct);
        }

        foreach (var alarm in over)
        {
            LogOver(alarm.Kind, $"{alarm.Place}", alarm.Asset.Code, alarm.Since);
        }
    }

    /// <returns>Never true: there is no end but being cancelled.</returns>
    private async Task<bool> LookAndReportAsync(CancellationToken ct)
    {
        try
        {
            await LookAsync(ct);
        }
        catch (NpgsqlException away)
        {
            LogNotNoted(away);
        }

        return false;
    }

    private void Tell(StandingAlarm alarm)
    {
        var (amount, place, asset) = (assets.Format(alarm.Asset, alarm.Units), $"{alarm.Place}", alarm.Asset.Code);
        switch (alarm.Kind)
        {
            case TreasuryAlarmKind.BelowFloor:
                LogBelowFloor(asset, amount, alarm.Since);
                break;
            case TreasuryAlarmKind.DemandAboveLiquidity:
                LogDemand(place, asset, amount, alarm.Since);
                break;
            default:
                LogDiffers(place, asset, amount, alarm.Since);
                break;
        }
    }

    [LoggerMessage(2720, LogLevel.Error, "The hot wallet is low: {Amount} {Asset} are missing to its floor, since {Since:u}")]
    private partial void LogBelowFloor(string asset, string amount, DateTimeOffset since);

    [LoggerMessage(2721, LogLevel.Error, "{Place}: {Amount} {Asset} are missing for the withdrawals that wait, since {Since:u}")]
    private partial void LogDemand(string place, string asset, string amount, DateTimeOffset since);

    [LoggerMessage(2722, LogLevel.Critical,
        "{Place}: what is there and the books differ by {Amount} {Asset} that nothing explains, since {Since:u}")]
    private partial void LogDiffers(string place, string asset, string amount, DateTimeOffset since);

    [LoggerMessage(2723, LogLevel.Information, "{Place}, {Asset}: {Kind} is over; it began at {Since:u}")]
    private partial void LogOver(TreasuryAlarmKind kind, string place, string asset, DateTimeOffset since);

    [LoggerMessage(2724, LogLevel.Warning, "What was seen of the hub's money could not be noted; it is looked at again")]
    private partial void LogNotNoted(Exception cause);
}
