using FiberLink.HubNode;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;
using Microsoft.Extensions.Logging;

namespace FiberLink.Service.Tests;

/// <summary>W-03, W-11, W-15: what the node was paid is credited, once, in the commit that says so.</summary>
public sealed class Settling_tips
{
    private const string Postings =
        "select account || '/' || member || '/' || asset || '/' || units from read_models.account_balances where units <> 0 order by 1";

    private const string Settlements = "select count(*) from event_store.mt_events where type like 'tip.settled%'";

    [Fact]
    public async Task A_payment_becomes_the_recipients_balance()
    {
        await using var service = await RunningService.StartAsync();
        var wish = TipWish.New() with { Amount = "1.5" };
        var invoice = await service.Client.TipAsync(wish, Ct);

        await service.Control.PayAsync(invoice, Ct);
        await service.ReachesAsync(invoice, "SETTLED");
        Assert.Equal("1.5", await service.Client.BalanceAsync(wish.To, Ct));
        Assert.Equal("0", await service.Client.BalanceAsync(wish.From, Ct));
        Assert.Equal(
            ["HubChannels//CKB/-150000000", $"MemberAvailable/{wish.To}/CKB/150000000"], await service.Database.TextsAsync(Postings));
        Assert.Equal(["false"], await LateAsync(service));
    }

    [Fact]
    public async Task A_payment_that_is_reported_twice_is_credited_once()
    {
        await using var service = await RunningService.StartAsync();
        var wish = TipWish.New();
        var invoice = await service.Client.TipAsync(wish, Ct);
        await service.Control.PayAsync(invoice, Ct);
        await service.ReachesAsync(invoice, "SETTLED");

        // As if the watcher had not noted that it is done, and the inbox had forgotten that it was told.
        await service.Database.ExecuteAsync(
            """
            insert into read_models.invoice_watch (tenant_id, tip_id, payment_hash, stage, issued_at, expires_at, next_poll_at)
            select tenant_id, tip_id, payment_hash, 'AwaitingPayment', $1, $1, $1 from read_models.tip_status
            """,
            service.Clock.GetUtcNow().UtcDateTime);
        await service.Database.ExecuteAsync("delete from messaging.handled where name = 'invoice-observed.v1'");
        await Eventually.HoldsAsync(
            "the second report is handled",
            async () => await service.Database.CountAsync("select count(*) from messaging.handled where name = 'invoice-observed.v1'") == 1,
            Ct);

        Assert.Equal(1, await service.Database.CountAsync(Settlements));
        Assert.Equal("1", await service.Client.BalanceAsync(wish.To, Ct));
    }

    /// <summary>W-15: an invoice that is over is not forgotten, and a payment that was under way is still the recipient's.</summary>
    [Theory]
    [InlineData("expired")]
    [InlineData("cancelled")]
    public async Task A_late_payment_is_credited_and_marked_late(string how)
    {
        await using var service = await RunningService.StartAsync();
        var wish = TipWish.New();
        var invoice = await service.Client.TipAsync(wish, Ct);
        await (how == "expired" ? service.Control.ExpireAsync(invoice, Ct) : service.Control.CancelAsync(invoice, Ct));
        await service.ReachesAsync(invoice, "FAILED");

        await service.Control.PayAsync(invoice, after: null, force: true, Ct);
        service.Clock.Move(TimeSpan.FromDays(3));
        await service.ReachesAsync(invoice, "SETTLED");
        Assert.Equal("1", await service.Client.BalanceAsync(wish.To, Ct));
        Assert.Equal(["true"], await LateAsync(service));
    }

    [Fact]
    public async Task A_payment_that_is_held_is_not_settled_until_it_is()
    {
        await using var service = await RunningService.StartAsync();
        var wish = TipWish.New();
        var invoice = await service.Client.TipAsync(wish, Ct);
        await service.Control.HoldAsync(invoice, Ct);
        await Eventually.HoldsAsync(
            "the payment is received",
            async () => await service.Database.CountAsync("select count(*) from read_models.tip_status where stage = 'Received'") == 1,
            Ct);
        Assert.Equal("UNPAID", await service.Client.StatusAsync(invoice, Ct));
        Assert.Equal("0", await service.Client.BalanceAsync(wish.To, Ct));

        // The invoice's time is over while the payment is held: that fails nothing.
        service.Clock.Move(service.Settings.InvoiceExpiry * 2);
        Assert.Equal("UNPAID", await service.Client.StatusAsync(invoice, Ct));
        await service.Control.SettleAsync(invoice, Ct);
        await service.ReachesAsync(invoice, "SETTLED");
        Assert.Equal(["false"], await LateAsync(service));
    }

    /// <summary>W-03: the node's word is compared with the order; what differs is nobody's until an operator has looked.</summary>
    [Theory]
    [InlineData("amount", "Suspense//CKB/7", "Amount")]
    [InlineData("asset", null, "Asset")]
    [InlineData("hash", null, "PaymentHash")]
    public async Task A_payment_that_differs_from_the_order_is_credited_to_nobody(string what, string? posted, string difference)
    {
        await using var service = await RunningService.StartAsync();
        var wish = TipWish.New();
        var invoice = await service.Client.TipAsync(wish, Ct);
        await service.Control.ReportAsync(
            invoice,
            what == "amount" ? 7 : null,
            what == "asset" ? new UdtScript($"0x{new string('a', 64)}", "type", "0x00") : null,
            what == "hash" ? PaymentHash.Parse($"0x{new string('7', 64)}") : null,
            Ct);
        await service.Control.PayAsync(invoice, Ct);
        await Eventually.HoldsAsync(
            "the payment is in suspense",
            async () => await service.Database.CountAsync("select count(*) from read_models.tip_status where stage = 'Suspended'") == 1,
            Ct);

        Assert.Equal("UNPAID", await service.Client.StatusAsync(invoice, Ct));
        Assert.Equal("0", await service.Client.BalanceAsync(wish.To, Ct));
        Assert.Equal(posted is null ? [] : ["HubChannels//CKB/-7", posted], await service.Database.TextsAsync(Postings));
        Assert.Equal(0, await service.Database.CountAsync(Settlements));
        await Eventually.HoldsAsync(
            "operators are told",
            () => service.Logs.AtLeast(LogLevel.Critical).Any(t => t.Contains($"{difference} differs", StringComparison.Ordinal)),
            Ct);

        // Telling the truth later changes nothing: it is an operator's now.
        await service.Control.ResetAsync(Ct);
        service.Clock.Move(TimeSpan.FromHours(1));
        Assert.Equal("UNPAID", await service.Client.StatusAsync(invoice, Ct));
        Assert.Empty((await service.Client.CallAsync("tip.settled_feed", new { }, Ct)).Result.GetProperty("items").EnumerateArray());
    }

    /// <summary>W-15.</summary>
    [Fact]
    public async Task What_was_paid_while_the_node_was_away_settles_when_it_is_back()
    {
        await using var service = await RunningService.StartAsync();
        var wish = TipWish.New();
        var invoice = await service.Client.TipAsync(wish, Ct);
        await service.Control.GoAwayAsync(null, Ct);
        await service.Control.PayAsync(invoice, Ct);
        service.Clock.Move(service.Settings.InvoiceExpiry * 3);
        Assert.Equal("UNPAID", await service.Client.StatusAsync(invoice, Ct));

        await service.Control.ComeBackAsync(Ct);
        await service.ReachesAsync(invoice, "SETTLED");
        Assert.Equal("1", await service.Client.BalanceAsync(wish.To, Ct));
        Assert.Equal(["false"], await LateAsync(service));
    }

    /// <summary>W-11, W-14: what was paid while no service ran settles when one does.</summary>
    [Fact]
    public async Task What_was_paid_while_the_service_was_down_settles_when_it_is_up()
    {
        await using var service = await RunningService.StartAsync();
        var wish = TipWish.New();
        var invoice = await service.Client.TipAsync(wish, Ct);
        await service.Instance.DisposeAsync();
        await service.Control.PayAsync(invoice, Ct);

        await service.RestartAsync();
        await service.ReachesAsync(invoice, "SETTLED");
        Assert.Equal("1", await service.Client.BalanceAsync(wish.To, Ct));
    }

    /// <summary>W-12: the books balance, whoever is paid by whom and however much at once.</summary>
    [Fact]
    public async Task Many_payments_at_once_settle_once_each()
    {
        const int Tips = 200;
        await using var service = await RunningService.StartAsync(new Opening { Change = s => s with { RateLimitRequests = 100_000 } });
        await service.StartAnotherAsync();
        var wishes = Enumerable.Range(1, Tips)
            .Select(i => new TipWish($"sender-{i}", $"creator-{i % 3}") { Amount = $"{i}.{i:00000000}" })
            .ToArray();
        var invoices = await Task.WhenAll(wishes.Select(w => service.Client.TipAsync(w, Ct)));

        await Task.WhenAll(invoices.Select(i => service.Control.PayAsync(i, Ct)));
        await Eventually.HoldsAsync("all are settled", async () => await service.Database.CountAsync(Settlements) >= Tips, Ct);
        await Eventually.HoldsAsync(
            "no message waits", async () => await service.Database.CountAsync("select count(*) from messaging.waiting") == 0, Ct);

        Assert.Equal(Tips, await service.Database.CountAsync(Settlements));
        Assert.Equal(0, await service.Database.CountAsync("select sum(units) from read_models.account_balances"));
        Assert.Equal(0, await service.Database.CountAsync("select count(*) from messaging.dead_letters"));
        for (var creator = 0; creator < 3; creator++)
        {
            var shannon = Enumerable.Range(1, Tips).Where(i => i % 3 == creator).Sum(i => (i * 100_000_000L) + i);
            Assert.Equal(
                shannon,
                await service.Database.CountAsync(
                    "select units from read_models.account_balances where member = $1", $"creator-{creator}"));
        }
    }

    private static Task<IReadOnlyList<string>> LateAsync(RunningService service) =>
        service.Database.TextsAsync("select data ->> 'late' from event_store.mt_events where type like 'tip.settled%'");
}
