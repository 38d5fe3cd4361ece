using FiberLink.EventStore;
using FiberLink.EventStore.Projections;
using FiberLink.Messaging;
using FiberLink.Service.Audit;
using FiberLink.Service.Authentication;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Rates;
using FiberLink.Service.Secrets;
using FiberLink.Service.Settlements;
using FiberLink.Service.Treasury.Watching;
using Npgsql;

namespace FiberLink.Service.Startup;

/// <summary>What runs beside the requests. Should one of them end, the process does: half a service is worse than none.</summary>
internal sealed class Loops(
    ProjectionDaemon projections,
    MessageDispatcher messages,
    SettlementWatcher settlements,
    RateRefresher rates,
    TreasuryWatch treasury,
    LogSealing sealing,
    NonceStore nonces,
    EndedClaims claims,
    MemberKeys memberKeys,
    CommitSignals signals,
    TimeProvider time,
    ILogger<Loops> logger) : BackgroundService
{
    private const int PruneRoundsMax = 20;
    private static readonly TimeSpan PruneInterval = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        signals.Connect(projections.Wake, messages.Wake);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        Task[] loops =
        [
            projections.RunAsync(stop.Token), messages.RunAsync(stop.Token), settlements.RunAsync(stop.Token), rates.RunAsync(stop.Token),
            treasury.RunAsync(stop.Token), sealing.RunAsync(stop.Token), memberKeys.ListenAsync(stop.Token),
            PruneAsync(stop.Token),
        ];
        await Task.WhenAny(loops);
        await stop.CancelAsync();
        await Task.WhenAll(loops);
        stoppingToken.ThrowIfCancellationRequested();
        throw new InvalidOperationException("A background loop ended although nobody stopped it.");
    }

    private async Task PruneAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(PruneInterval, time, ct);
                for (var round = 0; round < PruneRoundsMax && await nonces.PruneAsync(ct) == NonceStore.PruneRowsMax; round++)
                {
                }

                for (var round = 0; round < PruneRoundsMax && await claims.PruneAsync(ct) == EndedClaims.PruneRowsMax; round++)
                {
                }
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (NpgsqlException away)
            {
                StartupLog.PruneFailed(logger, away);
            }
        }
    }
}

internal static partial class StartupLog
{
    [LoggerMessage(2300, LogLevel.Warning, "Old nonces or claims could not be removed; it will be tried again")]
    public static partial void PruneFailed(ILogger logger, Exception cause);
}
