using FiberLink.Sandbox;
using FiberLink.Service.Reconciliation;
using FiberLink.Service.Tests.Scene;

namespace FiberLink.Service.Tests.Reconciliation;

/// <summary>Money bug 12, and an operator's answer to every payment that was missed.</summary>
public sealed class Backfilling_a_window
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Finds_a_payment_that_nobody_asks_about_any_more()
    {
        await using var service = await RunningService.StartAsync();
        var wish = TipWish.New();
        var invoice = await service.Client.TipAsync(wish, Ct);
        await service.GiveUpWatchingAsync();
        await service.Control.PayAsync(invoice, Ct);
        await service.RestartAsync();

        var report = await service.BackfillAsync();

        Assert.Equal((1, 1, true), (report.Examined, report.Paid, report.IsWhole));
        Assert.Equal(new MessageFates(1, 1, 0, 0, 0), await service.FatesAsync(report.News, Patience));
        Assert.Equal(1, await service.SettledAsync());
        Assert.Equal("1", await service.Client.BalanceAsync(wish.To, Ct));
    }

    [Fact]
    public async Task Keeps_for_the_service_what_it_finds_while_none_runs_and_credits_it_once()
    {
        await using var service = await RunningService.StartAsync();
        var wish = TipWish.New();
        var invoice = await service.Client.TipAsync(wish, Ct);
        await service.Instance.DisposeAsync();
        await service.Control.PayAsync(invoice, Ct);

        var first = await service.BackfillAsync();
        var again = await service.BackfillAsync();
        Assert.Equal(first.News, again.News);
        var fates = await service.FatesAsync(first.News, TimeSpan.Zero);
        Assert.Equal((new MessageFates(1, 0, 1, 0, 0), true), (fates, fates.NobodyHandles));

        await service.RestartAsync();
        await service.SettlesAsync(1);
        var last = await service.BackfillAsync();
        Assert.Equal((0, 1, 0), (last.Examined, last.Settled, last.News.Count));
        Assert.Equal(1, await service.SettledAsync());
        Assert.Equal("1", await service.Client.BalanceAsync(wish.To, Ct));
        Assert.Equal(0, await service.Database.CountAsync("select sum(units) from read_models.account_balances"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Finds_a_tip_whose_invoice_was_never_recorded(bool isPaid)
    {
        await using var service = await RunningService.StartAsync();
        var wish = TipWish.New();
        var invoice = await service.LoseAnInvoiceAsync(wish);
        if (isPaid)
        {
            await service.Control.PayAsync(invoice, Ct);
        }

        var report = await service.BackfillAsync();
        Assert.Equal((1, isPaid ? 1 : 0, isPaid ? 0 : 1, 1), (report.Examined, report.Paid, report.Open, report.News.Count));
        await service.RestartAsync();
        Assert.Equal(1, (await service.FatesAsync(report.News, Patience)).Handled);

        if (!isPaid)
        {
            Assert.Equal([invoice], await service.Database.TextsAsync("select invoice from read_models.tip_status"));
            await service.Control.PayAsync(invoice, Ct);
        }

        await service.SettlesAsync(1);
        Assert.Equal("1", await service.Client.BalanceAsync(wish.To, Ct));
    }

    [Theory]
    [InlineData("expired")]
    [InlineData("cancelled")]
    public async Task Examines_what_was_given_up_and_finds_it_paid_after_all(string how)
    {
        await using var service = await RunningService.StartAsync();
        var wish = TipWish.New();
        var invoice = await service.Client.TipAsync(wish, Ct);
        await (how == "expired" ? service.Control.ExpireAsync(invoice, Ct) : service.Control.CancelAsync(invoice, Ct));
        await service.ReachesAsync(invoice, "FAILED");
        await service.GiveUpWatchingAsync();

        var before = await service.BackfillAsync();
        Assert.Equal((how == "expired" ? (1L, 0L) : (0L, 1L), 0), ((before.Expired, before.Cancelled), before.News.Count));

        await service.Control.PayAsync(invoice, after: null, force: true, Ct);
        service.Clock.Move(TimeSpan.FromDays(40));
        Assert.Equal(1, (await service.BackfillAsync()).Paid);
        await service.RestartAsync();
        await service.SettlesAsync(1);
        Assert.Equal("1", await service.Client.BalanceAsync(wish.To, Ct));
    }

    /// <summary>Async read models may be behind, or never have run: what they have not seen is read from the log.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Has_its_first_moment_in_the_window_and_its_last_outside_wherever_the_dashboards_are(bool areBehind)
    {
        var clock = new TestClock();
        var noon = new DateTimeOffset(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);
        clock.StandAt(noon);
        await using var service = await RunningService.StartAsync(new Opening
        {
            Clock = clock,

            // The hours go by in a moment; a tip that expires meanwhile would be news of its own.
            Change = s => s with { InvoiceExpiry = TimeSpan.FromDays(1) },
        });
        var other = await service.NewCommunityAsync();
        for (var i = 0; i < 3; i++)
        {
            clock.StandAt(noon.AddHours(i));
            await service.Client.TipAsync(TipWish.New(), Ct);
            await other.TipAsync(TipWish.New(), Ct);
        }

        await service.DashboardsAreCurrentAsync();
        await service.Instance.DisposeAsync();
        if (areBehind)
        {
            await service.Database.ExecuteAsync("delete from read_models.tip_activity where position > 5");
            await service.Database.ExecuteAsync(
                "update event_store.mt_event_progression set last_seq_id = 5 where name like 'TipActivity%'");
        }

        var all = await service.BackfillAsync();

        Assert.Equal(areBehind, all.Position < all.Head);
        Assert.Equal(3, all.Examined);
        Assert.Equal(1, (await service.BackfillAsync(noon, noon.AddHours(1))).Examined);
        Assert.Equal(2, (await service.BackfillAsync(noon.AddHours(1), noon.AddHours(2).AddTicks(10))).Examined);
        Assert.Equal(0, (await service.BackfillAsync(noon.AddHours(2).AddTicks(10), noon.AddHours(3))).Examined);
    }

    [Fact]
    public async Task Says_what_the_node_did_not_answer_for_and_what_it_does_not_know()
    {
        await using var service = await RunningService.StartAsync();
        await service.Client.TipAsync(TipWish.New(), Ct);
        await service.Instance.DisposeAsync();

        await using (var empty = await SandboxNode.StartAsync(new() { Listen = new("http://127.0.0.1:0") }, service.Clock, Ct))
        {
            var unknown = await service.BackfillAsync(s => s with { NodeUrl = empty.Endpoint });
            Assert.Equal((1, 1, 0, false), (unknown.Examined, unknown.Unknown, unknown.News.Count, unknown.IsWhole));
        }

        await service.Control.GoAwayAsync(null, Ct);
        var unanswered = await service.BackfillAsync();
        Assert.Equal((1, 1, 0, false), (unanswered.Examined, unanswered.Unanswered, unanswered.News.Count, unanswered.IsWhole));
    }

    [Fact]
    public async Task Outlives_a_node_that_is_restarted()
    {
        await using var service = await RunningService.StartAsync();
        await service.Client.TipAsync(TipWish.New(), Ct);
        await service.Instance.DisposeAsync();

        // The client itself asks three times within half a second.
        await service.Control.GoAwayAsync(TimeSpan.FromSeconds(2), Ct);
        var report = await service.BackfillAsync();
        Assert.Equal((1, 1, true), (report.Examined, report.Open, report.IsWhole));
    }

    [Fact]
    public async Task Says_so_when_what_it_finds_was_given_up_before()
    {
        await using var service = await RunningService.StartAsync();
        var invoice = await service.Client.TipAsync(TipWish.New(), Ct);
        await service.Instance.DisposeAsync();
        await service.Control.PayAsync(invoice, Ct);
        var news = (await service.BackfillAsync()).News;
        await service.Database.ExecuteAsync(
            """
            insert into messaging.dead_letters (message_id, name, tenant_id, body, created_at, attempts)
            select message_id, name, tenant_id, body, created_at, 30 from messaging.waiting where message_id = $1
            """,
            news.Single());
        await service.Database.ExecuteAsync("delete from messaging.waiting");

        var again = await service.BackfillAsync();
        Assert.Equal(news, again.News);
        Assert.Equal(new MessageFates(1, 0, 0, 0, 1), await service.FatesAsync(again.News, Patience));
    }
}
