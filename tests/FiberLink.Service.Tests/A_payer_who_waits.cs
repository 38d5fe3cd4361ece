using FiberLink.Service.Tests.Scene;

namespace FiberLink.Service.Tests;

/// <summary>A page that polls <c>tip.status</c> makes the watcher look sooner than the invoice is due.</summary>
public sealed class A_payer_who_waits
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sees_the_payment_of_an_old_invoice_long_before_it_is_due()
    {
        await using var service = await RunningService.StartAsync();
        var invoice = await service.Client.TipAsync(TipWish.New(), Ct);

        // The date stands, so no due time comes: what is seen is seen because it was asked for.
        await service.Database.ExecuteAsync("update read_models.invoice_watch set next_poll_at = now() + interval '1 day'");
        service.Clock.StandAt(service.Clock.GetUtcNow());
        await service.Control.PayAsync(invoice, Ct);

        await service.ReachesAsync(invoice, "SETTLED");
    }
}
