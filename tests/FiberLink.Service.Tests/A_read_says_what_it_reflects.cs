using System.Globalization;
using FiberLink.Postgres;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;

namespace FiberLink.Service.Tests;

public sealed class A_read_says_what_it_reflects
{
    private const string Header = "FiberLink-Log-Position";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_read_carries_a_position_that_it_shows_everything_up_to()
    {
        await using var service = await RunningService.StartAsync();
        var invoice = await service.Client.TipAsync(TipWish.New(), Ct);
        var head = await service.Database.CountAsync("select position from event_store.log_head");
        await service.DashboardsAreCurrentAsync();

        foreach (var (method, parameters) in new (string, object)[]
        {
            ("tip.status", new { invoice }),
            ("tip.settled_feed", new { limit = 10 }),
            ("dashboard.summary", new { userId = "alice" }),
        })
        {
            await Eventually.HoldsAsync(
                $"{method} shows what there was",
                async () =>
                {
                    service.Clock.Move(TimeSpan.FromMilliseconds(100));
                    return await PositionAsync(service, method, parameters) >= head;
                },
                Ct);
        }

        var write = await service.Client.CallAsync("nothing.such", null, Ct);
        Assert.False(write.Headers.ContainsKey(Header));
    }

    [Fact]
    public async Task It_is_never_more_than_the_read_model_that_is_furthest_behind()
    {
        await using var service = await RunningService.StartAsync();
        await using var hold = await UnitOfWork.BeginAsync(service.Database.DataSource, Ct);
        await service.Client.TipAsync(TipWish.New(), Ct);
        await service.DashboardsAreCurrentAsync();
        await using (var stop = hold.Command("select from event_store.mt_event_progression where name = 'SettledFeed:All' for update"))
        {
            await stop.ExecuteNonQueryAsync(Ct);
        }

        var stands = await service.Database.CountAsync(
            "select last_seq_id from event_store.mt_event_progression where name = 'SettledFeed:All'");
        var invoice = await service.Client.TipAsync(TipWish.New(), Ct);
        service.Clock.Move(TimeSpan.FromSeconds(1));
        Assert.InRange(await PositionAsync(service, "tip.status", new { invoice }), 1, stands);
    }

    private static async Task<long> PositionAsync(RunningService service, string method, object parameters)
    {
        var reply = await service.Client.CallAsync(method, parameters, Ct);
        Assert.Null(reply.ErrorCode);
        return long.Parse(
            reply.Headers.Single(h => string.Equals(h.Key, Header, StringComparison.OrdinalIgnoreCase)).Value,
            CultureInfo.InvariantCulture);
    }
}
