using FiberLink.HubNode;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;

namespace FiberLink.Service.Tests;

/// <summary>
/// W-17, W-37: the intent is stored before the node is asked, so whatever the node does, there is one invoice in the end, and it
/// is known. The words "service unavailable" keep an unmodified plugin patient.
/// </summary>
public sealed class When_the_node_fails_a_new_tip
{
    // Until the message that repairs is due.
    /// <summary>Making an invoice is safe to repeat, so one call to the node is as many as this before it is given up.</summary>
    private const int CallAttempts = 3;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(6);

    [Fact]
    public async Task A_node_that_is_away_makes_the_invoice_when_it_is_back()
    {
        await using var service = await RunningService.StartAsync();
        var wish = TipWish.New();
        await service.Control.GoAwayAsync(null, Ct);
        AssertUnavailable(await CreateAsync(service, wish));
        AssertUnavailable(await CreateAsync(service, wish));
        Assert.Equal(1, await service.Database.CountAsync("select count(*) from read_models.tip_status where stage = 'Requested'"));

        await service.Control.ComeBackAsync(Ct);
        service.Clock.Move(Grace);
        var invoice = await InvoiceOfAsync(service);
        Assert.Equal(invoice, await service.Client.TipAsync(wish, Ct));
        await AssertOneInvoiceAsync(service);
    }

    [Fact]
    public async Task The_outage_may_outlast_many_attempts()
    {
        await using var service = await RunningService.StartAsync();
        await service.Control.GoAwayAsync(null, Ct);
        AssertUnavailable(await CreateAsync(service, TipWish.New()));
        for (var attempt = 1; attempt <= 5; attempt++)
        {
            service.Clock.Move(TimeSpan.FromMinutes(30));
            await Eventually.HoldsAsync(
                "the message was tried and put off",
                async () => await service.Database.CountAsync(
                    "select count(*) from messaging.waiting where lease_owner is null and last_error is not null and due_at > $1",
                    service.Clock.GetUtcNow().UtcDateTime) == 1,
                Ct);
        }

        await service.Control.ComeBackAsync(Ct);
        service.Clock.Move(TimeSpan.FromMinutes(1));
        await InvoiceOfAsync(service);
        await AssertOneInvoiceAsync(service);
    }

    [Fact]
    public async Task A_node_that_is_too_slow_has_made_the_invoice_all_the_same()
    {
        await using var service = await RunningService.StartAsync(
            new Opening { Change = s => s with { NodeTimeout = TimeSpan.FromMilliseconds(200) } });
        await service.Control.AnswerSlowlyAsync(TimeSpan.FromSeconds(2), Ct);
        AssertUnavailable(await CreateAsync(service, TipWish.New()));

        await service.Control.AnswerSlowlyAsync(TimeSpan.Zero, Ct);
        service.Clock.Move(Grace);
        var invoice = await InvoiceOfAsync(service);
        await Eventually.HoldsAsync(
            "the slow call has been executed too",
            async () => (await service.Control.CallsAsync(Ct)).GetValueOrDefault("new_invoice") >= 2,
            Ct);
        Assert.Equal(invoice, (await service.Control.ListAsync(Ct)).Single().Invoice);
    }

    [Fact]
    public async Task When_one_answer_is_lost_the_node_is_asked_again_and_nobody_notices()
    {
        await using var service = await RunningService.StartAsync();
        await service.Control.LoseAnswersAsync(1, Ct);

        var invoice = await service.Client.TipAsync(TipWish.New(), Ct);

        Assert.Equal(invoice, (await service.Control.ListAsync(Ct)).Single().Invoice);
        await AssertOneInvoiceAsync(service);
    }

    [Fact]
    public async Task When_the_answer_is_lost_the_repeated_wish_hears_of_the_invoice_that_was_made()
    {
        await using var service = await RunningService.StartAsync();
        var wish = TipWish.New();
        await service.Control.LoseAnswersAsync(CallAttempts, Ct);
        AssertUnavailable(await CreateAsync(service, wish));
        var made = (await service.Control.ListAsync(Ct)).Single().Invoice;

        Assert.Equal(made, await service.Client.TipAsync(wish, Ct));
        await AssertOneInvoiceAsync(service);
    }

    [Fact]
    public async Task When_the_answer_is_lost_and_nobody_asks_again_the_invoice_is_found()
    {
        await using var service = await RunningService.StartAsync();
        await service.Control.LoseAnswersAsync(CallAttempts, Ct);
        AssertUnavailable(await CreateAsync(service, TipWish.New()));
        var made = (await service.Control.ListAsync(Ct)).Single().Invoice;

        service.Clock.Move(Grace);
        Assert.Equal(made, await InvoiceOfAsync(service));
        await AssertOneInvoiceAsync(service);

        // It was payable all the time, and it is watched.
        await service.Control.PayAsync(made, Ct);
        await service.ReachesAsync(made, "SETTLED");
    }

    [Fact]
    public async Task A_node_that_executes_twice_makes_one_invoice()
    {
        await using var service = await RunningService.StartAsync();
        await service.Control.AnswerTwiceAsync(true, Ct);

        var invoice = await service.Client.TipAsync(TipWish.New(), Ct);
        Assert.Equal(invoice, (await service.Control.ListAsync(Ct)).Single().Invoice);
    }

    [Fact]
    public async Task A_node_that_refuses_is_asked_again()
    {
        await using var service = await RunningService.StartAsync();
        var wish = TipWish.New();
        await service.Control.RefuseAsync("new_invoice", "the disk is full", 1, Ct);
        AssertUnavailable(await CreateAsync(service, wish));

        service.Clock.Move(Grace);
        Assert.Equal(await InvoiceOfAsync(service), await service.Client.TipAsync(wish, Ct));
        await AssertOneInvoiceAsync(service);
    }

    [Fact]
    public async Task A_node_of_another_network_makes_no_invoice()
    {
        await using var service = await RunningService.StartAsync(new Opening { NodeIsOn = FiberCurrency.Fibb });

        AssertUnavailable(await CreateAsync(service, TipWish.New()));
        Assert.Empty(await service.Control.ListAsync(Ct));
    }

    /// <summary>W-17: also when we had given the order up.</summary>
    [Fact]
    public async Task An_invoice_that_turns_up_after_an_hour_of_refusals_is_credited_when_it_is_paid()
    {
        await using var service = await RunningService.StartAsync();
        var wish = TipWish.New();
        await service.Control.LoseAnswersAsync(CallAttempts, Ct);
        AssertUnavailable(await CreateAsync(service, wish));
        var made = (await service.Control.ListAsync(Ct)).Single().Invoice;
        await service.Control.RefuseAsync("new_invoice", "no", 1_000, Ct);
        await service.Control.RefuseAsync("get_invoice", "no", 1_000, Ct);

        service.Clock.Move(TimeSpan.FromMinutes(65));
        await Eventually.HoldsAsync(
            "the order is given up",
            async () => await service.Database.CountAsync("select count(*) from read_models.tip_status where stage = 'Cancelled'") == 1,
            Ct);
        await service.Control.ResetAsync(Ct);
        await service.Control.PayAsync(made, after: null, force: true, Ct);
        service.Clock.Move(TimeSpan.FromHours(2));

        await Eventually.HoldsAsync(
            "the tip is settled",
            async () => await service.Database.CountAsync("select count(*) from read_models.tip_status where stage = 'Settled'") == 1,
            Ct);
        Assert.Equal("SETTLED", await service.Client.StatusAsync(made, Ct));
        await service.DashboardsAreCurrentAsync();
        Assert.Equal("1", await service.Client.BalanceAsync(wish.To, Ct));
        Assert.Equal(
            ["true"],
            await service.Database.TextsAsync("select data ->> 'late' from event_store.mt_events where type like 'tip.settled%'"));
    }

    private static Task<RpcReply> CreateAsync(RunningService service, TipWish wish) =>
        service.Client.CallAsync("tip.create", wish.Params, Ct);

    private static void AssertUnavailable(RpcReply reply)
    {
        Assert.Equal(-32603, reply.ErrorCode);
        Assert.Contains("service unavailable", reply.ErrorMessage, StringComparison.Ordinal);
    }

    private static async Task<string> InvoiceOfAsync(RunningService service)
    {
        IReadOnlyList<string> invoices = [];
        await Eventually.HoldsAsync(
            "the tip has its invoice",
            async () =>
            {
                invoices = await service.Database.TextsAsync("select invoice from read_models.tip_status where invoice is not null");
                return invoices.Count == 1;
            },
            Ct);
        return invoices[0];
    }

    private static async Task AssertOneInvoiceAsync(RunningService service)
    {
        Assert.Single(await service.Control.ListAsync(Ct));
        Assert.Equal(1, await service.Database.CountAsync("select count(*) from event_store.mt_streams where id like 'tip-%'"));
        Assert.Equal(
            1, await service.Database.CountAsync("select count(*) from event_store.mt_events where type like 'tip.invoice_issued%'"));
    }
}
