using System.Text.Json;
using FiberLink.Service.Tests.Scene;

namespace FiberLink.Service.Tests;

public sealed class Dashboards_show_what_is_recorded
{
    [Fact]
    public async Task A_members_dashboard_is_the_approved_one()
    {
        await using var service = await RunningService.StartAsync();
        var wish = await OneOfEachAsync(service, service.Client);

        Approved.Json(await service.Client.DashboardAsync(wish.To, Ct), "Dashboard_of_a_member");
    }

    [Fact]
    public async Task An_admins_dashboard_is_the_approved_one()
    {
        await using var service = await RunningService.StartAsync();
        var wish = await OneOfEachAsync(service, service.Client);

        var reply = await service.Client.CallAsync(
            "dashboard.summary", new { userId = wish.To, limit = 1, includeAdmin = true }, Ct);
        Approved.Json(reply.Result, "Dashboard_of_an_admin");
    }

    [Fact]
    public async Task A_member_whom_nobody_knows_has_nothing()
    {
        await using var service = await RunningService.StartAsync();

        Approved.Json(await service.Client.DashboardAsync("nobody", Ct), "Dashboard_of_nobody");
    }

    [Fact]
    public async Task Tips_are_seen_from_the_members_side()
    {
        await using var service = await RunningService.StartAsync();
        var wish = TipWish.New();
        var first = await service.Client.TipAsync(wish, Ct);
        var back = await service.Client.TipAsync(new TipWish(wish.To, wish.From), Ct);
        var self = await service.Client.TipAsync(new TipWish(wish.From, wish.From), Ct);
        await service.DashboardsAreCurrentAsync();

        Assert.Equal(
            [(self, "IN", wish.From), (back, "IN", wish.To), (first, "OUT", wish.To)],
            Rows(await service.Client.DashboardAsync(wish.From, Ct)));
        Assert.Equal(
            [(back, "OUT", wish.From), (first, "IN", wish.From)],
            Rows(await service.Client.DashboardAsync(wish.To, Ct)));
        Assert.Equal(
            3, (await service.Client.DashboardAsync(wish.From, Ct)).GetProperty("stats").GetProperty("pendingCount").GetInt32());
    }

    [Fact]
    public async Task The_newest_come_first_and_no_more_than_were_asked_for()
    {
        await using var service = await RunningService.StartAsync();
        var wish = TipWish.New();
        var invoices = new List<string>();
        for (var i = 1; i <= 22; i++)
        {
            invoices.Insert(0, await service.Client.TipAsync(wish with { Amount = $"{i}" }, Ct));
        }

        await service.DashboardsAreCurrentAsync();
        async Task<IEnumerable<string>> ListAsync(object parameters) =>
            Rows((await service.Client.CallAsync("dashboard.summary", parameters, Ct)).Result).Select(r => r.Invoice);

        Assert.Equal(invoices.Take(20), await ListAsync(new { userId = wish.To }));
        Assert.Equal(invoices.Take(1), await ListAsync(new { userId = wish.To, limit = 1 }));
        Assert.Equal(invoices, await ListAsync(new { userId = wish.From, limit = 50 }));
        foreach (var limit in new object?[] { 0, 51, 1.5, "5", null })
        {
            var reply = await service.Client.CallAsync("dashboard.summary", new { userId = wish.To, limit }, Ct);
            reply.AssertError(-32602, "Invalid params");
            Assert.Equal(["limit"], reply.Paths);
        }
    }

    [Theory]
    [InlineData("ALL", 3)]
    [InlineData("UNPAID", 1)]
    [InlineData("SETTLED", 1)]
    [InlineData("FAILED", 1)]
    public async Task Filters_choose_what_admins_see_and_only_that(string state, int rows)
    {
        await using var service = await RunningService.StartAsync();
        var wish = await OneOfEachAsync(service, service.Client);
        var summary = (await service.Client.CallAsync(
            "dashboard.summary",
            new { userId = wish.To, includeAdmin = true, filters = new { withdrawalState = "PENDING", settlementState = state } },
            Ct)).Result;

        var admin = summary.GetProperty("admin");
        Assert.Equal($$"""{"withdrawalState":"PENDING","settlementState":"{{state}}"}""", admin.GetProperty("filtersApplied").GetRawText());
        Assert.Equal(rows, admin.GetProperty("settlements").GetArrayLength());
        Assert.Equal(rows, admin.GetProperty("pipelineBoard").GetProperty("invoiceRows").GetArrayLength());
        Assert.All(
            admin.GetProperty("settlements").EnumerateArray(),
            s => Assert.True(state == "ALL" || s.GetProperty("state").GetString() == state));
        Assert.Equal(3, summary.GetProperty("tips").GetArrayLength());
    }

    [Fact]
    public async Task What_is_no_filter_is_refused()
    {
        await using var service = await RunningService.StartAsync();
        foreach (var (filters, path) in new (object?, string)[]
        {
            (new { settlementState = "PAID" }, "filters.settlementState"),
            (new { withdrawalState = "settled" }, "filters.withdrawalState"),
            (new { settlementState = (string?)null }, "filters.settlementState"),
            ("ALL", "filters"),
            (null, "filters"),
        })
        {
            var reply = await service.Client.CallAsync("dashboard.summary", new { userId = "a", includeAdmin = true, filters }, Ct);
            reply.AssertError(-32602, "Invalid params");
            Assert.Equal([path], reply.Paths);
        }

        (await service.Client.CallAsync("dashboard.summary", new { userId = "a", includeAdmin = "true" }, Ct))
            .AssertError(-32602, "Invalid params");
    }

    /// <summary>W-27: of other communities nobody sees anything, not even that they exist.</summary>
    [Fact]
    public async Task Nothing_of_another_community_is_shown()
    {
        await using var service = await RunningService.StartAsync();
        var other = await service.NewCommunityAsync();
        var wish = await OneOfEachAsync(service, service.Client);
        await OneOfEachAsync(service, other, wish with { Post = "their post" });

        foreach (var (client, stranger) in new[] { (service.Client, other), (other, service.Client) })
        {
            var summary = (await client.CallAsync("dashboard.summary", new { userId = wish.To, includeAdmin = true }, Ct)).Result;
            Assert.Equal("1.5", summary.GetProperty("balance").GetString());
            Assert.Equal(3, summary.GetProperty("tips").GetArrayLength());
            var admin = summary.GetProperty("admin");
            Assert.Equal([client.App], admin.GetProperty("apps").EnumerateArray().Select(a => a.GetProperty("appId").GetString()));
            Assert.Equal(3, admin.GetProperty("settlements").GetArrayLength());
            Assert.All(
                admin.GetProperty("pipelineBoard").GetProperty("stageCounts").EnumerateArray(),
                s => Assert.Equal(1, s.GetProperty("count").GetInt32()));
            Assert.DoesNotContain(stranger.App, summary.GetRawText(), StringComparison.Ordinal);
            Assert.Equal(client == other, summary.GetRawText().Contains("their post", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Admins_things_are_shown_only_when_they_are_asked_for()
    {
        await using var service = await RunningService.StartAsync();
        foreach (var parameters in new object[] { new { userId = "a" }, new { userId = "a", includeAdmin = false } })
        {
            var summary = (await service.Client.CallAsync("dashboard.summary", parameters, Ct)).Result;
            Assert.False(summary.TryGetProperty("admin", out _));
        }
    }

    private static Task<TipWish> OneOfEachAsync(RunningService service, SignedClient client) =>
        OneOfEachAsync(service, client, TipWish.New());

    /// <summary>One tip settled (with a message), one failed, one unpaid; all between the same two.</summary>
    private static async Task<TipWish> OneOfEachAsync(RunningService service, SignedClient client, TipWish wish)
    {
        var paid = await client.TipAsync(wish with { Amount = "1.50", Message = "great post" }, Ct);
        await service.Control.PayAsync(paid, Ct);
        await ReachesAsync(client, paid, "SETTLED");
        var cancelled = await client.TipAsync(wish with { Amount = "2" }, Ct);
        await service.Control.CancelAsync(cancelled, Ct);
        await ReachesAsync(client, cancelled, "FAILED");
        await client.TipAsync(wish with { Amount = "0.25" }, Ct);
        await service.DashboardsAreCurrentAsync();
        return wish;
    }

    private static Task ReachesAsync(SignedClient client, string invoice, string state) => FiberLink.Testing.Eventually.HoldsAsync(
        state, async () => await client.StatusAsync(invoice, Ct) == state, Ct);

    private static IEnumerable<(string Invoice, string Direction, string Counterparty)> Rows(JsonElement summary) =>
        summary.GetProperty("tips").EnumerateArray().Select(t => (
            t.GetProperty("invoice").GetString()!,
            t.GetProperty("direction").GetString()!,
            t.GetProperty("counterpartyUserId").GetString()!));
}
