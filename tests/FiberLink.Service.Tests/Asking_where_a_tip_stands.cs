using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;

namespace FiberLink.Service.Tests;

public sealed class Asking_where_a_tip_stands
{
    [Theory]
    [InlineData("tip.status")]
    [InlineData("tip.get")]
    public async Task It_is_unpaid_settled_or_failed(string method)
    {
        await using var service = await RunningService.StartAsync();
        var paid = await service.Client.TipAsync(TipWish.New(), Ct);
        var expired = await service.Client.TipAsync(TipWish.New(), Ct);
        var cancelled = await service.Client.TipAsync(TipWish.New(), Ct);
        async Task ReachesAsync(string invoice, string state) => await Eventually.HoldsAsync(
            state,
            async () => (await service.Client.CallAsync(method, new { invoice }, Ct)).Text
                == $$$"""{"jsonrpc":"2.0","id":"id-1","result":{"state":"{{{state}}}"}}""",
            Ct);

        await ReachesAsync(paid, "UNPAID");
        await service.Control.PayAsync(paid, Ct);
        await service.Control.ExpireAsync(expired, Ct);
        await service.Control.CancelAsync(cancelled, Ct);
        await ReachesAsync(paid, "SETTLED");
        await ReachesAsync(expired, "FAILED");
        await ReachesAsync(cancelled, "FAILED");
    }

    [Fact]
    public async Task An_invoice_expires_by_itself()
    {
        await using var service = await RunningService.StartAsync();
        var invoice = await service.Client.TipAsync(TipWish.New(), Ct);

        service.Clock.Move(service.Settings.InvoiceExpiry - TimeSpan.FromMinutes(1));
        Assert.Equal("UNPAID", await service.Client.StatusAsync(invoice, Ct));
        service.Clock.Move(TimeSpan.FromMinutes(2));
        await service.ReachesAsync(invoice, "FAILED");
    }

    /// <summary>W-27: an invoice is known to the community that asked for it and to no other.</summary>
    [Fact]
    public async Task Another_communitys_invoice_is_not_found()
    {
        await using var service = await RunningService.StartAsync();
        var other = await service.NewCommunityAsync();
        var invoice = await service.Client.TipAsync(TipWish.New(), Ct);

        foreach (var method in new[] { "tip.status", "tip.get" })
        {
            (await other.CallAsync(method, new { invoice }, Ct)).AssertError(-32004, "Tip not found");
            Assert.Null((await service.Client.CallAsync(method, new { invoice }, Ct)).ErrorCode);
        }
    }

    [Fact]
    public async Task An_invoice_that_nobody_made_is_not_found()
    {
        await using var service = await RunningService.StartAsync();
        foreach (var invoice in new[] { "fibt1nothing", " ", new string('i', 4_096) })
        {
            (await service.Client.CallAsync("tip.status", new { invoice }, Ct)).AssertError(-32004, "Tip not found");
        }

        foreach (var invoice in new object?[] { null, "", 7, new string('i', 4_097) })
        {
            var reply = await service.Client.CallAsync("tip.status", new { invoice }, Ct);
            reply.AssertError(-32602, "Invalid params");
            Assert.Equal(["invoice"], reply.Paths);
        }
    }

    /// <summary>W-15, W-37: an outage of the node shows in no answer and fails no tip.</summary>
    [Fact]
    public async Task While_the_node_is_away_what_is_known_is_told()
    {
        await using var service = await RunningService.StartAsync();
        var invoice = await service.Client.TipAsync(TipWish.New(), Ct);
        await service.Control.GoAwayAsync(null, Ct);
        var asked = (await service.Control.CallsAsync(Ct)).GetValueOrDefault("get_invoice");
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal("UNPAID", await service.Client.StatusAsync(invoice, Ct));
        }

        // Longer than the invoice lives: nobody has said that it expired.
        service.Clock.Move(service.Settings.InvoiceExpiry * 2);
        Assert.Equal("UNPAID", await service.Client.StatusAsync(invoice, Ct));
        Assert.Equal(asked, (await service.Control.CallsAsync(Ct)).GetValueOrDefault("get_invoice"));
    }

    /// <summary>W-27, W-38: asking writes nothing, however often one asks.</summary>
    [Fact]
    public async Task Asking_writes_nothing()
    {
        await using var service = await RunningService.StartAsync();
        var wish = TipWish.New();
        var invoice = await service.Client.TipAsync(wish, Ct);
        await service.DashboardsAreCurrentAsync();
        var before = await service.Database.TraceAsync();

        for (var i = 0; i < 100; i++)
        {
            await service.Client.StatusAsync(invoice, Ct);
            await service.Client.CallAsync("tip.settled_feed", new { }, Ct);
            await service.Client.DashboardAsync(wish.To, Ct);
        }

        Assert.Equal(before, await service.Database.TraceAsync());
    }

    /// <summary>W-38: the watcher's looking leaves nothing either, until there is something to tell.</summary>
    [Fact]
    public async Task Watching_writes_nothing()
    {
        await using var service = await RunningService.StartAsync();
        await service.Client.TipAsync(TipWish.New(), Ct);
        await service.DashboardsAreCurrentAsync();
        var before = await service.Database.TraceAsync();

        for (var look = 1; look <= 10; look++)
        {
            service.Clock.Move(TimeSpan.FromSeconds(30));
            var (asked, least) = (0L, look + 0L);
            await Eventually.HoldsAsync(
                "the node was asked",
                async () => (asked = (await service.Control.CallsAsync(Ct)).GetValueOrDefault("get_invoice")) >= least,
                Ct);
        }

        Assert.Equal(before, await service.Database.TraceAsync());
    }
}
