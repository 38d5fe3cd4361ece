using FiberLink.Service.Tests.Reconciliation;
using FiberLink.Service.Tests.Scene;

namespace FiberLink.Service.Tests.MoneyBugs;

/// <summary>
/// Money bug 12: somebody takes the first invoice for dead, has a second one made, and both are paid. Here a wish has one invoice as long
/// as it can be paid; what comes in on both all the same is the recipient's, each once, and the late one is marked.
/// </summary>
public sealed class A_second_invoice_for_one_wish
{
    private const string Lateness = "select data ->> 'late' from event_store.mt_events where type like 'tip.settled%' order by seq_id";

    [Fact]
    public async Task Is_the_first_one_again_while_that_can_be_paid()
    {
        await using var service = await RunningService.StartAsync();
        var wish = TipWish.New();

        var first = await service.Client.TipAsync(wish, Ct);
        Assert.Equal(first, await service.Client.TipAsync(wish, Ct));
        await service.Control.PayAsync(first, Ct);
        await service.SettlesAsync(1);

        Assert.Single(await service.Control.ListAsync(Ct));
        Assert.Equal("1", await service.Client.BalanceAsync(wish.To, Ct));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Is_credited_beside_the_first_one_when_both_are_paid_and_the_late_one_is_marked(bool isSeenByTheWatcher)
    {
        await using var service = await RunningService.StartAsync();
        var wish = TipWish.New();
        var first = await service.Client.TipAsync(wish, Ct);
        await service.Control.ExpireAsync(first, Ct);
        await service.ReachesAsync(first, "FAILED");
        var second = await service.Client.TipAsync(wish, Ct);
        Assert.NotEqual(first, second);
        await service.Control.PayAsync(second, Ct);
        await service.SettlesAsync(1);
        if (!isSeenByTheWatcher)
        {
            await service.GiveUpWatchingAsync();
            await service.RestartAsync();
        }

        // A payment that was under way when the first one expired.
        await service.Control.PayAsync(first, after: null, force: true, Ct);
        if (!isSeenByTheWatcher)
        {
            Assert.Equal((1, 1), Counted(await service.BackfillAsync()));
        }

        await service.SettlesAsync(2);
        Assert.Equal(["false", "true"], await service.Database.TextsAsync(Lateness));
        Assert.Equal("2", await service.Client.BalanceAsync(wish.To, Ct));
        Assert.Equal((0, 0), Counted(await service.BackfillAsync()));
        Assert.Equal(2, await service.SettledAsync());
        Assert.Equal(0, await service.Database.CountAsync("select sum(units) from read_models.account_balances"));
    }

    private static (long, long) Counted(FiberLink.Service.Reconciliation.BackfillReport report) => (report.Examined, report.Paid);
}
