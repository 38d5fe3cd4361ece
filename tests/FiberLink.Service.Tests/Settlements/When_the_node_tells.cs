using FiberLink.Service.Tests.Reconciliation;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;
using Microsoft.Extensions.Logging;

namespace FiberLink.Service.Tests.Settlements;

/// <summary>What the node tells by itself makes payments be found sooner, and is never believed without asking.</summary>
public sealed class When_the_node_tells
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_payment_is_found_long_before_its_invoice_is_due()
    {
        await using var service = await ListeningServiceAsync();
        var invoice = await service.Client.TipAsync(TipWish.New(), Ct);
        await NothingIsDueAsync(service);

        await service.Control.PayAsync(invoice, Ct);

        // Counted in the log: a caller who asked the service would make it look.
        await service.SettlesAsync(1);
    }

    [Fact]
    public async Task What_it_tells_is_not_believed()
    {
        await using var service = await ListeningServiceAsync();
        var invoice = await service.Client.TipAsync(TipWish.New(), Ct);
        await NothingIsDueAsync(service);
        await service.Control.RefuseAsync("get_invoice", "not now", 1_000, Ct);
        var asked = await AskedAsync(service);

        await service.Control.PayAsync(invoice, Ct);
        await Eventually.HoldsAsync("it was asked", async () => await AskedAsync(service) > asked, Ct);

        Assert.Equal(0, await service.SettledAsync());
    }

    [Fact]
    public async Task A_node_that_has_fallen_silent_is_noticed_and_its_payments_are_found()
    {
        await using var service = await ListeningServiceAsync();
        await service.Control.SubscriptionsAsync(new() { AreSilent = true }, Ct);
        for (var i = 0; i < 3; i++)
        {
            var invoice = await service.Client.TipAsync(TipWish.New(), Ct);
            await service.Control.PayAsync(invoice, Ct);
            await service.ReachesAsync(invoice, "SETTLED");
        }

        service.Clock.Move(TimeSpan.FromSeconds(6));
        await Eventually.HoldsAsync("it is said", () => Silences(service).Any(), Ct);

        // It is said once, and speaks again after a restart or, here, when it is told to.
        await service.Control.SubscriptionsAsync(new(), Ct);
        var told = await service.Client.TipAsync(TipWish.New(), Ct);
        await NothingIsDueAsync(service);
        await service.Control.PayAsync(told, Ct);
        await service.SettlesAsync(4);
        Assert.Single(Silences(service));
    }

    [Fact]
    public async Task A_node_that_tells_nothing_is_asked()
    {
        await using var service = await RunningService.StartAsync();
        await service.Control.SubscriptionsAsync(new() { AreOffered = false }, Ct);
        await service.RestartAsync();
        var invoice = await service.Client.TipAsync(TipWish.New(), Ct);

        await service.Control.PayAsync(invoice, Ct);

        await service.SettlesAsync(1);
    }

    private static IEnumerable<string> Silences(RunningService service) =>
        service.Logs.AtLeast(LogLevel.Warning).Where(text => text.Contains("has fallen silent", StringComparison.Ordinal));

    private static async Task<RunningService> ListeningServiceAsync()
    {
        var service = await RunningService.StartAsync();
        await Eventually.HoldsAsync(
            "the service listens", async () => (await service.Control.CallsAsync(Ct)).ContainsKey("subscribe_store_changes"), Ct);
        return service;
    }

    // The date stands as well, so no due time comes.
    private static async Task NothingIsDueAsync(RunningService service)
    {
        await service.Database.ExecuteAsync("update read_models.invoice_watch set next_poll_at = now() + interval '1 day'");
        service.Clock.StandAt(service.Clock.GetUtcNow());
    }

    private static async Task<long> AskedAsync(RunningService service) =>
        (await service.Control.CallsAsync(Ct)).GetValueOrDefault("get_invoice");
}
