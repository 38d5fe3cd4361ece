using System.Globalization;
using FiberLink.Service.Tests.Scene;

namespace FiberLink.Service.Tests;

/// <summary>Fixed windows of a minute; the clock stands, so no window ends by itself.</summary>
public sealed class Rate_limits_are_fair
{
    private static readonly DateTimeOffset Start = new(2026, 7, 1, 12, 0, 10, TimeSpan.Zero);

    [Fact]
    public async Task Every_call_that_is_signed_hears_what_is_left()
    {
        await using var service = await StartAsync(limit: 300);
        var reset = Start.AddSeconds(50).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

        foreach (var (method, left) in new[]
        {
            ("health.ping", "299"), ("health.ping", "298"), ("tip.create", "299"), ("no.such", "299"), ("no.such.either", "298"),
            ("tip.status", "299"), ("dashboard.summary", "299"), ("tip.settled_feed", "299"),
        })
        {
            var reply = await service.Client.CallAsync(method, new { }, Ct);
            Assert.Equal(("300", left, reset), Limits(reply));
        }

        var unsigned = await service.Client.SendAsync(service.Client.Sign("{}"u8.ToArray()) with { Headers = [] }, Ct);
        Assert.DoesNotContain("x-ratelimit-limit", unsigned.Headers.Keys, StringComparer.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task One_call_too_many_is_refused_and_the_next_window_is_a_new_one()
    {
        await using var service = await StartAsync(limit: 3);
        for (var i = 0; i < 3; i++)
        {
            Assert.Null((await PingAsync(service.Client)).ErrorCode);
        }

        for (var i = 0; i < 2; i++)
        {
            var refused = await PingAsync(service.Client);
            refused.AssertError(-32005, "Rate limit exceeded");
            Assert.Equal("0", Limits(refused).Remaining);
        }

        service.Clock.StandAt(Start.AddSeconds(49.999));
        (await PingAsync(service.Client)).AssertError(-32005, "Rate limit exceeded");
        service.Clock.StandAt(Start.AddSeconds(50));
        var granted = await PingAsync(service.Client);
        Assert.Null(granted.ErrorCode);
        Assert.Equal("2", Limits(granted).Remaining);
    }

    [Fact]
    public async Task Communities_and_methods_have_limits_of_their_own()
    {
        await using var service = await StartAsync(limit: 1);
        var other = await service.NewCommunityAsync();

        Assert.Null((await PingAsync(service.Client)).ErrorCode);
        (await PingAsync(service.Client)).AssertError(-32005, "Rate limit exceeded");
        Assert.Null((await PingAsync(other)).ErrorCode);
        Assert.Null((await service.Client.CallAsync("tip.settled_feed", new { }, Ct)).ErrorCode);
    }

    [Fact]
    public async Task Names_that_callers_make_up_share_one_limit()
    {
        await using var service = await StartAsync(limit: 2);

        (await service.Client.CallAsync("made.up.1", new { }, Ct)).AssertError(-32601, "Method not found");
        (await service.Client.CallAsync("made.up.2", new { }, Ct)).AssertError(-32601, "Method not found");
        (await service.Client.CallAsync("made.up.3", new { }, Ct)).AssertError(-32005, "Rate limit exceeded");
    }

    [Fact]
    public async Task What_is_refused_for_its_signature_uses_nothing_up()
    {
        await using var service = await StartAsync(limit: 1);
        for (var i = 0; i < 5; i++)
        {
            (await PingAsync(service.ClientOf(RunningService.App, "another secret"))).AssertUnauthorized();
        }

        Assert.Null((await PingAsync(service.Client)).ErrorCode);
    }

    /// <summary>W-36: pages that wait for their payment, each asking once a second, do not use up each other's calls.</summary>
    [Fact]
    public async Task Many_who_wait_for_their_payments_do_not_stop_each_other()
    {
        await using var service = await StartAsync(limit: 60);
        var invoices = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            invoices.Add(await service.Client.TipAsync(TipWish.New(), Ct));
        }

        // A minute of ten pages: 600 calls, twice the whole community's share if it were one bucket of 300.
        for (var second = 0; second < 60; second++)
        {
            var replies = await Task.WhenAll(invoices.Select(i => service.Client.CallAsync("tip.status", new { invoice = i }, Ct)));
            Assert.All(replies, r => Assert.Equal("UNPAID", r.Result.GetProperty("state").GetString()));
        }

        var one = await service.Client.CallAsync("tip.status", new { invoice = invoices[0] }, Ct);
        one.AssertError(-32005, "Rate limit exceeded");
        Assert.Equal("UNPAID", await service.Client.StatusAsync(await service.Client.TipAsync(TipWish.New(), Ct), Ct));
    }

    /// <summary>W-36: the same for pages that show a balance.</summary>
    [Fact]
    public async Task Dashboards_are_counted_for_each_member()
    {
        await using var service = await StartAsync(limit: 1);

        await service.Client.DashboardAsync("one", Ct);
        await service.Client.DashboardAsync("two", Ct);
        (await service.Client.CallAsync("dashboard.summary", new { userId = "one" }, Ct)).AssertError(-32005, "Rate limit exceeded");
    }

    [Fact]
    public async Task A_community_that_makes_up_invoices_meets_its_ceiling()
    {
        await using var service = await StartAsync(limit: 1);
        var answers = new List<int?>();
        for (var i = 0; i <= Rpc.RateLimiter.SubjectsMax; i++)
        {
            answers.Add((await service.Client.CallAsync("tip.status", new { invoice = $"made up {i}" }, Ct)).ErrorCode);
        }

        Assert.All(answers.SkipLast(1), code => Assert.Equal(-32004, code));
        Assert.Equal(-32005, answers[^1]);
    }

    [Fact]
    public async Task The_limit_can_be_switched_off()
    {
        await using var service = await StartAsync(limit: 1, isEnabled: false);
        for (var i = 0; i < 5; i++)
        {
            var reply = await PingAsync(service.Client);
            Assert.Null(reply.ErrorCode);
            Assert.Equal("1", Limits(reply).Limit);
        }
    }

    private static async Task<RunningService> StartAsync(int limit, bool isEnabled = true)
    {
        var clock = new TestClock();
        clock.StandAt(Start);
        return await RunningService.StartAsync(new Opening
        {
            Clock = clock,
            Change = settings => settings with { RateLimitRequests = limit, RateLimitEnabled = isEnabled },
        });
    }

    private static Task<RpcReply> PingAsync(SignedClient client) => client.CallAsync("health.ping", new { }, Ct);

    private static (string Limit, string Remaining, string Reset) Limits(RpcReply reply) =>
        (reply.Headers["x-ratelimit-limit"], reply.Headers["x-ratelimit-remaining"], reply.Headers["x-ratelimit-reset"]);
}
