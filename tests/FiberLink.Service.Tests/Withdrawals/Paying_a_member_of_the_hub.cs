using FiberLink.HubNode;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Reconciliation;
using FiberLink.Service.Tests.Reconciliation;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;

namespace FiberLink.Service.Tests.Withdrawals;

/// <summary>Money bugs 3 and 11: a payment that never leaves the hub is debited and credited in one commit, or not at all.</summary>
public sealed class Paying_a_member_of_the_hub
{
    private const long Ckb = 100_000_000;

    public static TheoryData<string> Deaths =>
        [StopPoints.TransferDecided, StopPoints.TransferStored, StopPoints.TransferInvoiceCancelled];

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Debits_the_payer_and_credits_the_recipient_without_the_node(bool isOtherCommunity, bool isNodeNamed)
    {
        await using var service = await RunningService.StartAsync(new Opening
        {
            Change = settings => isNodeNamed ? settings.NamingTheNode() : settings,
        });
        var payers = isOtherCommunity ? await service.NewCommunityAsync() : service.Client;
        await service.GiveAsync(payers.App, "alice", "100");
        var invoice = await service.Client.TipToAsync("bob", "40");
        var before = await service.UnitsAsync("HubChannels");
        await service.Control.GoAwayAsync(null, Ct);

        var id = await payers.PayTipAsync("alice", "40", invoice);
        await service.StageIsAsync(id, "Completed");

        Assert.Equal("SETTLED", await service.Client.StatusAsync(invoice, Ct));
        await service.HaveAsync(alice: 60, bob: 40);
        Assert.Equal(before, await service.UnitsAsync("HubChannels"));
        Assert.Equal(
            isOtherCommunity ? [40 * Ckb, -40 * Ckb] : [0L],
            await OwedAsync(service));
        await service.BooksAreEvenAsync();
        Assert.Equal(1, await service.Database.CountAsync(
            """
            select count(distinct pos.xact) from (
                select xmin::text as xact from event_store.mt_events where type in ('withdrawal.transferred.v1', 'tip.settled.v1')
                   and stream_id not like 'given-%') as pos
            """));

        await service.Control.ComeBackAsync(Ct);
        service.Clock.Move(TimeSpan.FromMinutes(1));
        await service.IsCancelledAtTheNodeAsync(invoice);
        Assert.Empty(await service.Control.Payments.ListAsync(Ct));
    }

    [Fact]
    public async Task Costs_no_fee_and_is_quoted_so()
    {
        await using var service = await RunningService.StartAsync();
        await service.GiveAsync(RunningService.App, "alice", "40");
        var invoice = await service.Client.TipToAsync("bob", "40");

        var quote = await service.Client.QuoteAsync("alice", "40", invoice, Ct);
        Assert.True(quote.GetProperty("destinationValid").GetBoolean());
        Assert.Equal(("0", "40"), (quote.GetProperty("networkFee").GetString(), quote.GetProperty("receiveAmount").GetString()));

        // All there is: over the node it would not cover the fee.
        await service.StageIsAsync(await service.Client.PayTipAsync("alice", "40", invoice), "Completed");
        Assert.Equal(0, await service.UnitsAsync("MemberAvailable", "alice"));
    }

    [Fact]
    public async Task Is_refused_where_it_would_be_refused_when_it_is_paid()
    {
        await using var service = await RunningService.StartAsync(new Opening { Change = settings => settings.NamingTheNode() });
        await service.GiveAsync(RunningService.App, "alice", "100");
        var (open, own) = (await service.Client.TipToAsync("bob", "40"), await service.Client.TipToAsync("alice", "40"));
        var (paid, over) = (await service.Client.TipToAsync("bob", "41"), await service.Client.TipToAsync("bob", "42"));
        await service.Control.PayAsync(paid, Ct);
        await service.ReachesAsync(paid, "SETTLED");
        await service.Control.CancelAsync(over, Ct);
        await service.ReachesAsync(over, "FAILED");

        await RefusedAsync(service, "41", open, "The invoice is over 4000000000, not 4100000000.");
        await RefusedAsync(service, "40", own, "It is a tip to the member who would pay it.");
        await RefusedAsync(service, "41", paid, "It is paid already, or a payment of it is under way.");
        await RefusedAsync(service, "42", over, "It has expired, or was cancelled.");
        await RefusedAsync(service, "40", PaidWithin.Forged(open, (UInt128)(40 * Ckb)), "It has the payment hash of another invoice.");
        Assert.Equal(0, await service.Database.CountAsync("select count(*) from read_models.withdrawals"));

        // Of another community's members nobody knows whether they are the same person.
        var others = await service.NewCommunityAsync();
        await service.GiveAsync(others.App, "alice", "40");
        await service.StageIsAsync(await others.PayTipAsync("alice", "40", own), "Completed");
    }

    [Fact]
    public async Task Is_missed_by_the_comparison_when_the_node_has_been_paid_too_and_the_log_says_nothing_of_it()
    {
        await using var service = await RunningService.StartAsync();
        await service.GiveAsync(RunningService.App, "alice", "100");
        var invoice = await service.Client.TipToAsync("bob", "40");
        await service.StageIsAsync(await service.Client.PayTipAsync("alice", "40", invoice), "Completed");
        await service.IsCancelledAtTheNodeAsync(invoice);
        await service.GiveUpWatchingAsync();
        await service.Control.PayAsync(invoice, after: null, force: true, Ct);

        Assert.Equal([DifferenceKind.PaidNotCredited], await service.DifferencesAsync(isRepaired: true));
        await service.RestartAsync();
        await service.IsPaidTwiceAsync(invoice);
    }

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task Is_done_once_though_the_process_dies_at_a_step(string step)
    {
        await using var service = await RunningService.StartAsync(new Opening { CountsSteps = true });
        await service.GiveAsync(RunningService.App, "alice", "100");
        var invoice = await service.Client.TipToAsync("bob", "40");
        service.Steps!.DieAt(step, 1);

        var id = await service.Client.PayTipAsync("alice", "40", invoice);
        await Eventually.HoldsAsync(
            "it is over",
            async () =>
            {
                service.Clock.Move(TimeSpan.FromSeconds(10));
                return await service.Database.CountAsync("select count(*) from messaging.waiting") == 0;
            },
            Ct);

        Assert.Equal("Completed", await service.StageOfAsync(id));
        Assert.Equal((1, 1), (await service.EventsAsync("withdrawal.transferred.v1"), await service.Database.CountAsync(
            "select count(*) from event_store.mt_events where type = 'tip.settled.v1' and stream_id like 'tip-%'")));
        await service.HaveAsync(alice: 60, bob: 40);
        Assert.Equal(HubInvoiceStatus.Cancelled, await service.AtTheNodeAsync(invoice));
        await service.BooksAreEvenAsync();
    }

    /// <summary>The invoice's time is over while somebody is to agree.</summary>
    [Fact]
    public async Task Fails_when_the_invoice_has_expired_before_it_could_be_paid()
    {
        await using var service = await RunningService.StartAsync();
        await service.LimitAsync(RunningService.App, new() { NewDestinationWait = 30 * 24 * 3600 });
        await service.GiveAsync(RunningService.App, "alice", "100");
        var invoice = await service.Client.TipToAsync("bob", "40");
        var id = await service.Client.PayTipAsync("alice", "40", invoice);

        service.Clock.Move(TimeSpan.FromDays(31));
        await service.StageIsAsync(id, "Failed");
        Assert.Equal(100 * Ckb, await service.UnitsAsync("MemberAvailable", "alice"));
        await service.BooksAreEvenAsync();
    }

    private static async Task RefusedAsync(RunningService service, string amount, string invoice, string why)
    {
        (await service.Client.WithdrawAsync("alice", amount, invoice, Ct)).AssertError(-32602, $"payment request cannot be paid: {why}");
        var quote = await service.Client.QuoteAsync("alice", amount, invoice, Ct);
        Assert.Equal((false, $"payment request cannot be paid: {why}"),
            (quote.GetProperty("destinationValid").GetBoolean(), quote.GetProperty("validationMessage").GetString()));
    }

    private static async Task<long[]> OwedAsync(RunningService service) =>
    [
        .. (await service.Database.TextsAsync(
            "select units::text from read_models.account_balances where account = 'WithinHub' order by units desc"))
            .Select(u => long.Parse(u, System.Globalization.CultureInfo.InvariantCulture)),
    ];
}
