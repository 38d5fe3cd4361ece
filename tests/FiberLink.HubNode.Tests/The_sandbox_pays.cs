using FiberLink.Sandbox.Control;
using FiberLink.Sandbox.Payments;

namespace FiberLink.HubNode.Tests;

/// <summary>What the contract of all nodes does not say of payments: what they cost, how they go, what can happen to them.</summary>
public sealed class The_sandbox_pays
{
    private const int Amount = 100_000_001; // shannon
    private const int FeeOfAmount = 100_001; // a thousandth, rounded up

    [Fact]
    public async Task A_payment_goes_through_its_states_as_time_passes()
    {
        await using var scene = await Scene.StartAsync();
        var request = await scene.PayeeAsync(new(Amount) { IsFarther = true });

        Assert.Equal(HubPaymentStatus.Created, (await scene.SendAsync(request)).Status);
        Assert.Equal(HubPaymentStatus.Created, (await scene.FindAsync(request)).Status);
        scene.Time.Advance(PaymentBook.HandOver);
        await scene.BecomesAsync(request, HubPaymentStatus.Inflight);
        scene.Time.Advance(PaymentBook.Travel - TimeSpan.FromMilliseconds(1));
        Assert.Equal(HubPaymentStatus.Inflight, (await scene.FindAsync(request)).Status);
        scene.Time.Advance(TimeSpan.FromMilliseconds(1));

        var done = await scene.BecomesAsync(request, HubPaymentStatus.Success);
        Assert.Equal(((UInt128)FeeOfAmount, done.CreatedAt), (done.Fee, done.LastUpdatedAt));
    }

    [Fact]
    public async Task What_was_paid_and_what_it_cost_leaves_the_channel()
    {
        await using var scene = await Scene.StartAsync();
        var before = await scene.ChannelAsync();
        var request = await scene.PayeeAsync(new(Amount) { IsFarther = true });

        await scene.SendAsync(request);
        var under = await scene.ChannelAsync();
        await scene.PassAsync();
        await scene.BecomesAsync(request, HubPaymentStatus.Success);
        var after = await scene.ChannelAsync();

        const int Whole = Amount + FeeOfAmount;
        Assert.Equal(
            (before.LocalBalance, before.RemoteBalance, (UInt128)Whole), (under.LocalBalance, under.RemoteBalance, under.OfferedBalance));
        Assert.Equal(
            (before.LocalBalance - Whole, before.RemoteBalance + Whole, UInt128.Zero),
            (after.LocalBalance, after.RemoteBalance, after.OfferedBalance));
    }

    [Fact]
    public async Task What_came_in_can_go_out()
    {
        await using var scene = await Scene.StartAsync();
        var all = (await scene.ChannelAsync()).Spendable;
        var tooMuch = await scene.PayeeAsync(new(all + 1));
        Assert.Equal(PaymentFailureKind.NeedsLiquidity, (await scene.SendAsync(tooMuch)).Failure!.Kind);

        await scene.Control.PayAsync((await scene.CreateAsync()).Invoice, Scene.Ct);
        await scene.SendAsync(tooMuch);
        await scene.PassAsync();

        await scene.BecomesAsync(tooMuch, HubPaymentStatus.Success);
        Assert.Equal(scene.NewInvoice().Amount - 1, (await scene.ChannelAsync()).LocalBalance);
    }

    // Of the sandbox alone, as everything that costs something is: two real nodes are peers, and a peer is paid for nothing.
    [Theory]
    [InlineData(FeeOfAmount, true)]
    [InlineData(FeeOfAmount - 1, false)]
    public async Task A_way_that_costs_more_than_allowed_is_none(int feeMax, bool isAllowed)
    {
        await using var scene = await Scene.StartAsync();
        var request = await scene.PayeeAsync(new(Amount) { IsFarther = true }) with { FeeMax = (UInt128)feeMax };

        var sent = await scene.SendAsync(request);

        // A real node finds no way then, and doesn't say that money is the reason.
        Assert.Equal(isAllowed ? null : PaymentFailureKind.TransientRoute, sent.Failure?.Kind);
        Assert.Equal(isAllowed ? (UInt128)FeeOfAmount : UInt128.Zero, sent.Fee);
    }

    [Fact]
    public async Task Enough_for_the_amount_and_too_little_for_the_fee_is_no_way()
    {
        await using var scene = await Scene.StartAsync();
        var all = (await scene.ChannelAsync()).Spendable;

        var sent = await scene.SendAsync(await scene.PayeeAsync(new(all) { IsFarther = true }));

        Assert.Equal("Send payment error: Failed to build route, PathFind error: no path found", sent.Failure?.Text);
    }

    [Fact]
    public async Task A_payment_in_parts_goes_by_several_channels()
    {
        await using var scene = await Scene.StartAsync();
        await scene.Control.Payments.OpenChannelAsync(1, udtScript: null, 1_000_000_000, 0, Scene.Ct);
        var channels = await scene.ChannelsAsync();
        var both = channels[0].Spendable + 500_000_000;
        Assert.Equal(PaymentFailureKind.NeedsLiquidity, (await scene.SendAsync(await scene.PayeeAsync(new(both)))).Failure!.Kind);
        var request = await scene.PayeeAsync(new(both) { AllowsMultiPart = true }) with { FeeMax = 1_000_000 };

        var sent = await scene.SendAsync(request);
        await scene.PassAsync();
        var done = await scene.BecomesAsync(request, HubPaymentStatus.Success);

        Assert.True(sent.IsMultiPart);
        Assert.Equal((UInt128)500_000, done.Fee); // The first peer is the payee; through the second it costs a thousandth.
        var after = await scene.ChannelsAsync();
        Assert.Equal([0, (UInt128)499_500_000], after.Select(c => c.LocalBalance));
        Assert.Equal(channels.Select(c => c.LocalBalance + c.RemoteBalance), after.Select(c => c.LocalBalance + c.RemoteBalance));
    }

    [Fact]
    public async Task A_token_is_sent_from_its_own_channel_that_its_first_payment_opens()
    {
        await using var scene = await Scene.StartAsync();
        var token = new UdtScript($"0x{new string('1', 64)}", "type", "0x01");
        var request = await scene.PayeeAsync(new(70) { UdtScript = token });
        Assert.Equal(PaymentFailureKind.TransientRoute, (await scene.SendAsync(request)).Failure!.Kind);
        var invoice = Answers.Value(await scene.Hub.CreateInvoiceAsync(scene.NewInvoice() with { UdtTypeScript = token }, Scene.Ct));

        await scene.Control.PayAsync(invoice.Invoice, Scene.Ct);
        await scene.SendAsync(request);
        await scene.PassAsync();
        await scene.BecomesAsync(request, HubPaymentStatus.Success);

        var channels = await scene.ChannelsAsync();
        Assert.Equal([null, token], channels.Select(c => c.UdtScript));
        Assert.Equal(scene.NewInvoice().Amount - 70, channels[1].LocalBalance);
    }

    [Fact]
    public async Task A_channel_that_runs_dry_receives_no_more()
    {
        await using var scene = await Scene.StartAsync();
        var room = (await scene.ChannelAsync()).Receivable;
        var fits = Answers.Value(await scene.Hub.CreateInvoiceAsync(scene.NewInvoice() with { Amount = room }, Scene.Ct));
        var invoice = await scene.CreateAsync();
        await scene.Control.HoldAsync(fits.Invoice, Scene.Ct);

        var refused = await Assert.ThrowsAsync<SandboxRefusedException>(() => scene.Control.PayAsync(invoice.Invoice, Scene.Ct));

        Assert.Contains("no channel can receive", refused.Message, StringComparison.Ordinal);
        Assert.Equal(HubInvoiceStatus.Open, await scene.StatusAsync(invoice.PaymentHash));
        await scene.Control.CancelAsync(fits.Invoice, Scene.Ct);
        Assert.Equal(HubInvoiceStatus.Paid, (await scene.Control.PayAsync(invoice.Invoice, Scene.Ct)).Status);
    }

    [Theory]
    [InlineData("TemporaryChannelFailure", PaymentFailureKind.TransientRoute)]
    [InlineData("IncorrectOrUnknownPaymentDetails", PaymentFailureKind.PermanentForInvoice)]
    public async Task A_payment_fails_as_it_was_told_to_and_the_money_is_back(string error, PaymentFailureKind kind)
    {
        await using var scene = await Scene.StartAsync();
        var before = await scene.ChannelAsync();
        await scene.Control.Payments.DecideAsync(PaymentEnding.Fails, error, 1, Scene.Ct);
        var request = await scene.PayeeAsync(new(Amount) { IsFarther = true });

        await scene.SendAsync(request);
        await scene.PassAsync();
        var failed = await scene.BecomesAsync(request, HubPaymentStatus.Failed);

        Assert.Equal((new PaymentFailure(kind, error), UInt128.Zero), (failed.Failure!, failed.Fee));
        Assert.True(failed.LastUpdatedAt > failed.CreatedAt);
        var after = await scene.ChannelAsync();
        Assert.Equal((before.LocalBalance, UInt128.Zero), (after.LocalBalance, after.OfferedBalance));
        await scene.SendAsync(request);
        await scene.PassAsync();
        await scene.BecomesAsync(request, HubPaymentStatus.Success);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_payment_that_was_reported_as_failed_arrives_after_all(bool isTold)
    {
        await using var scene = await Scene.StartAsync();
        var before = await scene.ChannelAsync();
        await scene.Control.Payments.DecideAsync(PaymentEnding.FailsUnderWay, "TemporaryChannelFailure", 1, Scene.Ct);
        var request = await scene.PayeeAsync(new(Amount));
        await scene.SendAsync(request);
        await scene.PassAsync();
        await scene.BecomesAsync(request, HubPaymentStatus.Failed);
        Assert.Contains((await scene.ChannelAsync()).PendingTlcs, p => p.PaymentHash == request.PaymentHash);
        Assert.Contains(
            "has attempts that are in flight state, can not retry",
            Wire.Error(await scene.CallAsync("send_payment", $$"""{"invoice":"{{request.Invoice}}"}""")).Message,
            StringComparison.Ordinal);

        await scene.Control.Payments.SucceedAsync(request.Invoice, isTold, Scene.Ct);

        Assert.Equal(isTold ? HubPaymentStatus.Success : HubPaymentStatus.Failed, (await scene.FindAsync(request)).Status);
        Assert.Equal(before.LocalBalance - Amount, (await scene.ChannelAsync()).LocalBalance);
    }

    [Fact]
    public async Task A_payee_who_was_paid_though_it_was_reported_as_failed_is_not_paid_twice()
    {
        await using var scene = await Scene.StartAsync();
        await scene.Control.Payments.DecideAsync(PaymentEnding.FailsUnderWay, "TemporaryChannelFailure", 1, Scene.Ct);
        var request = await scene.PayeeAsync(new(Amount));
        await scene.SendAsync(request);
        await scene.PassAsync();
        await scene.BecomesAsync(request, HubPaymentStatus.Failed);
        await scene.Control.Payments.SucceedAsync(request.Invoice, isTold: false, Scene.Ct);
        var paid = await scene.ChannelAsync();

        Assert.Equal(HubPaymentStatus.Created, (await scene.SendAsync(request)).Status);
        await scene.PassAsync();

        Assert.Equal("HoldTlcTimeout", (await scene.BecomesAsync(request, HubPaymentStatus.Failed)).Failure!.Text);
        Assert.Equal(paid.LocalBalance, (await scene.ChannelAsync()).LocalBalance);
    }

    [Fact]
    public async Task A_held_payment_waits_for_days_and_then_has_another_text_for_who_sends_it_again()
    {
        await using var scene = await Scene.StartAsync();
        var request = await scene.PayeeAsync(new(Amount) { IsHeld = true });
        await scene.SendAsync(request);
        await scene.PassAsync();
        await scene.BecomesAsync(request, HubPaymentStatus.Inflight);

        scene.Time.Advance(TimeSpan.FromDays(3));

        Assert.Equal(HubPaymentStatus.Inflight, (await scene.FindAsync(request)).Status);
        Assert.Equal(
            $"InvalidParameter: Payment session already exists: Hash256({request.PaymentHash}) with payment session status: Inflight",
            Wire.Error(await scene.CallAsync("send_payment", $$"""{"invoice":"{{request.Invoice}}"}""")).Message);
        await scene.Control.Payments.FailAsync(request.Invoice, "ExpiryTooSoon", Scene.Ct);
        Assert.Equal(HubPaymentStatus.Failed, (await scene.FindAsync(request)).Status);
    }

    [Fact]
    public async Task What_has_left_a_channel_is_listed_until_the_next_thing_comes()
    {
        await using var scene = await Scene.StartAsync();
        var (first, second) = (await scene.PayeeAsync(new(Amount)), await scene.PayeeAsync(new(Amount) { IsHeld = true }));
        await scene.SendAsync(first);
        await scene.PassAsync();
        await scene.BecomesAsync(first, HubPaymentStatus.Success);

        var left = await scene.ChannelAsync();
        await scene.SendAsync(second);

        Assert.Equal((first.PaymentHash, true), (Assert.Single(left.PendingTlcs).PaymentHash, left.PendingTlcs[0].IsRemoved));
        Assert.Empty(left.UnderWay);
        Assert.Equal(second.PaymentHash, Assert.Single((await scene.ChannelAsync()).UnderWay).PaymentHash);
    }

    [Fact]
    public async Task Without_an_invoice_a_payment_brings_its_own_preimage()
    {
        await using var scene = await Scene.StartAsync();
        var peer = (await scene.ChannelAsync()).Peer;

        var sent = (await scene.CallAsync("send_payment", $$"""{"target_pubkey":"{{peer}}","amount":"0x64","keysend":true}"""))
            .GetProperty("result");
        await scene.PassAsync();

        var hash = PaymentHash.Parse(sent.GetProperty("payment_hash").GetString()!);
        await Scene.UntilAsync(async () =>
            Answers.Value(await scene.Hub.FindPaymentAsync(hash, Scene.Ct)).Status == HubPaymentStatus.Success);
    }

    // Of the sandbox alone: the real nodes of these tests are built for a browser, and that build has no list_payments.
    [Fact]
    public async Task Payments_are_listed_by_their_hashes_fifteen_at_a_time()
    {
        await using var scene = await Scene.StartAsync();
        var requests = new List<PaymentRequest>();
        for (var i = 0; i < 17; i++)
        {
            requests.Add(await scene.PayeeAsync(new(1)));
            await scene.SendAsync(requests[^1]);
        }

        var order = requests.Select(r => r.PaymentHash.ToString()).Order(StringComparer.Ordinal).ToArray();
        var first = (await scene.CallAsync("list_payments", "{}")).GetProperty("result");
        var second = (await scene.CallAsync("list_payments", $$"""{"after":"{{order[14]}}","status":"Created"}""")).GetProperty("result");
        var none = (await scene.CallAsync("list_payments", """{"status":"Failed"}""")).GetProperty("result");

        Assert.Equal(order[..15], first.GetProperty("payments").EnumerateArray().Select(p => p.GetProperty("payment_hash").GetString()));
        Assert.Equal(order[14], first.GetProperty("last_cursor").GetString());
        Assert.Equal(order[15..], second.GetProperty("payments").EnumerateArray().Select(p => p.GetProperty("payment_hash").GetString()));
        Assert.Null(none.Find("last_cursor"));
        Assert.Equal(
            order, (await scene.Control.Payments.ListAsync(Scene.Ct)).Select(p => p.PaymentHash.ToString()));
    }
}
