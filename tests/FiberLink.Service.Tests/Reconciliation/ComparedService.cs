using FiberLink.Projections.TipActivity;
using FiberLink.Service.Reconciliation;
using FiberLink.Service.Startup;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Service.Tests.Reconciliation;

/// <summary>What an operator does beside a service that runs or doesn't.</summary>
internal static class ComparedService
{
    private const string Settlements = "select count(*) from event_store.mt_events where type like 'tip.settled%'";

    /// <summary>The tools of the command line, on the service's database, clock and node.</summary>
    public static ServiceProvider Tools(this RunningService service, Func<ServiceSettings, ServiceSettings>? change = null) =>
        ServiceHost.BuildNodeTools(
            change is null ? service.Settings : change(service.Settings), services => services.AddSingleton<TimeProvider>(service.Clock));

    /// <summary>Examines every tip there can be of the demo community.</summary>
    public static Task<BackfillReport> BackfillAsync(
        this RunningService service, Func<ServiceSettings, ServiceSettings>? change = null) =>
        service.BackfillAsync(DateTimeOffset.UnixEpoch, service.Clock.GetUtcNow().AddDays(1), change);

    public static async Task<BackfillReport> BackfillAsync(
        this RunningService service, DateTimeOffset from, DateTimeOffset to, Func<ServiceSettings, ServiceSettings>? change = null)
    {
        await using var tools = service.Tools(change);
        return await tools.GetRequiredService<SettlementBackfill>().RunAsync(new TipWindow(RunningService.App, from, to), null, Ct);
    }

    public static async Task<MessageFates> FatesAsync(this RunningService service, IReadOnlyCollection<Guid> messages, TimeSpan patience)
    {
        await using var tools = service.Tools();
        return await tools.GetRequiredService<MessageFatesQuery>().WaitAsync(messages, patience, Ct);
    }

    /// <summary>
    /// Nobody asks about any invoice by himself any more. The service is stopped for it, as a look that is under way would set the next
    /// one; <see cref="RunningService.RestartAsync"/> goes on.
    /// </summary>
    public static async Task GiveUpWatchingAsync(this RunningService service)
    {
        await service.Instance.DisposeAsync();
        await service.Control.SubscriptionsAsync(new() { AreSilent = true }, Ct);
        await service.Database.ExecuteAsync("update read_models.invoice_watch set next_poll_at = null");
    }

    /// <summary>What is credited is counted in the log: a caller who asked the service would make it look.</summary>
    public static Task<long> SettledAsync(this RunningService service) => service.Database.CountAsync(Settlements);

    public static Task SettlesAsync(this RunningService service, int count) =>
        Eventually.HoldsAsync("it is settled", async () => await service.SettledAsync() == count, Ct);

    /// <summary>Whoever asks for a tip's invoice dies after the node has made it; what should repair that is lost too.</summary>
    /// <returns>The invoice.</returns>
    public static async Task<string> LoseAnInvoiceAsync(this RunningService service, TipWish wish)
    {
        await service.Control.LoseAnswersAsync(1_000, Ct);
        var answer = await service.Client.CallAsync("tip.create", wish.Params, Ct);
        Assert.Contains("service unavailable", answer.ErrorMessage, StringComparison.OrdinalIgnoreCase);
        await service.Instance.DisposeAsync();
        await service.Control.ResetAsync(Ct);
        await service.Database.ExecuteAsync("delete from messaging.waiting");
        return (await service.Control.ListAsync(Ct))[^1].Invoice;
    }
}
