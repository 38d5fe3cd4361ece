using FiberLink.HubNode.Invoices;
using FiberLink.Testing;

namespace FiberLink.HubNode.Tests.Contract;

/// <summary>The same of every node when it pays.</summary>
public abstract class What_every_node_does_with_payments(NodeUnderTest node) : IAsyncLifetime
{
    private const int Amount = 1_000_000; // shannon
    private const long TooMuch = 50_000_000_000; // shannon

    private const string NoPath = "Send payment error: Failed to build route, PathFind error: no path found";

    protected NodeUnderTest Node => node;

    public async ValueTask InitializeAsync() => await node.CanPayAsync(Amount);

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_payment_is_created_and_then_arrives()
    {
        var request = Request(await node.PeersInvoiceAsync(Amount));
        var before = await node.QuietChannelAsync();

        var sent = Known(await node.Hub.SendPaymentAsync(request, Scene.Ct));
        var done = await node.BecomesAsync(request.PaymentHash, HubPaymentStatus.Success);

        Assert.Equal((request.PaymentHash, HubPaymentStatus.Created, UInt128.Zero), (sent.PaymentHash, sent.Status, sent.Fee));
        Assert.Equal((UInt128.Zero, (PaymentFailure?)null, false), (done.Fee, done.Failure, done.IsMultiPart));
        Assert.Equal((sent.CreatedAt, sent.LastUpdatedAt), (done.CreatedAt, done.LastUpdatedAt));
        var after = await node.QuietChannelAsync();
        Assert.Equal((before.LocalBalance - Amount, before.RemoteBalance + Amount), (after.LocalBalance, after.RemoteBalance));
    }

    [Fact]
    public async Task An_answer_about_a_payment_has_the_recorded_form()
    {
        var invoice = await node.PeersInvoiceAsync(Amount);
        var answer = await node.CallAsync("send_payment", $$"""{"invoice":"{{invoice}}","dry_run":true}""");

        Assert.Equal(
            ["payment_hash", "status", "created_at", "last_updated_at", "failed_error", "fee", "custom_records"],
            answer.GetProperty("result").EnumerateObject().Select(m => m.Name));
    }

    [Fact]
    public async Task A_payment_that_nobody_sent_is_not_found()
    {
        var hash = What_every_node_does_with_invoices.AnyHash();

        Answers.Failure(NodeFailure.PaymentNotFound, await node.Hub.FindPaymentAsync(hash, Scene.Ct));
        Assert.Equal(
            $"InvalidParameter: Payment session not found: Hash256({hash})",
            await node.RefusedAsync("get_payment", What_every_node_does_with_invoices.By(hash)));
    }

    [Fact]
    public async Task A_payment_that_has_arrived_is_not_sent_again()
    {
        var request = Request(await node.PeersInvoiceAsync(Amount));
        await node.Hub.SendPaymentAsync(request, Scene.Ct);
        await node.BecomesAsync(request.PaymentHash, HubPaymentStatus.Success);
        var before = await node.QuietChannelAsync();
        var refusal = $"InvalidParameter: Payment session already exists: Hash256({request.PaymentHash}) with payment session "
            + "status: Success";

        Assert.Equal(refusal, await node.RefusedAsync("send_payment", Sending(request)));
        Assert.Equal(refusal, await node.RefusedAsync("send_payment", $$"""{"invoice":"{{request.Invoice}}","dry_run":true}"""));
        Assert.Equal(HubPaymentStatus.Success, Known(await node.Hub.SendPaymentAsync(request, Scene.Ct)).Status);
        Assert.Equal(before.LocalBalance, (await node.QuietChannelAsync()).LocalBalance);
    }

    [Fact]
    public async Task Of_two_that_send_at_once_one_has_sent()
    {
        var request = Request(await node.PeersInvoiceAsync(Amount));
        var before = await node.QuietChannelAsync();

        var answers = await Task.WhenAll(
            node.CallAsync("send_payment", Sending(request)), node.CallAsync("send_payment", Sending(request)));

        var refused = Assert.Single(answers, a => a.Find("error") is not null);
        Assert.Equal(AtWork(request), Wire.Error(refused).Message);
        await node.BecomesAsync(request.PaymentHash, HubPaymentStatus.Success);
        Assert.Equal(before.LocalBalance - Amount, (await node.QuietChannelAsync()).LocalBalance);
    }

    [Fact]
    public async Task A_payment_that_the_payee_keeps_waiting_is_in_flight_until_he_takes_it()
    {
        var request = Request(await node.PeersInvoiceAsync(Amount, isHeld: true));
        var before = await node.QuietChannelAsync();
        await node.Hub.SendPaymentAsync(request, Scene.Ct);
        await node.BecomesAsync(request.PaymentHash, HubPaymentStatus.Inflight);

        HubChannel? held = null;
        await Eventually.HoldsAsync(
            "the channel holds it", async () => (held = await node.ChannelAsync()).OfferedBalance == Amount, Scene.Ct);
        Assert.Equal((before.LocalBalance, before.RemoteBalance), (held!.LocalBalance, held.RemoteBalance));
        Assert.Equal(before.Spendable - Amount, held.Spendable);
        Assert.Contains(held.PendingTlcs, p => p.PaymentHash == request.PaymentHash && p.Amount == Amount && p.IsOutbound);
        Assert.Equal(AtWork(request), await node.RefusedAsync("send_payment", Sending(request)));
        Assert.Equal(HubPaymentStatus.Inflight, Known(await node.Hub.SendPaymentAsync(request, Scene.Ct)).Status);

        await node.PeerSettlesAsync(request.PaymentHash);
        await node.BecomesAsync(request.PaymentHash, HubPaymentStatus.Success);
        Assert.Equal(before.LocalBalance - Amount, (await node.QuietChannelAsync()).LocalBalance);
    }

    [Fact]
    public async Task A_payment_whose_payee_cancels_comes_back_and_can_be_sent_again()
    {
        var request = Request(await node.PeersInvoiceAsync(Amount, isHeld: true));
        var before = await node.QuietChannelAsync();
        await node.Hub.SendPaymentAsync(request, Scene.Ct);
        await node.BecomesAsync(request.PaymentHash, HubPaymentStatus.Inflight);
        await Eventually.HoldsAsync(
            "the payee has it",
            async () => (await node.ChannelAsync()).PendingTlcs.Any(p => p.PaymentHash == request.PaymentHash),
            Scene.Ct);

        await node.PeerCancelsAsync(request.PaymentHash);

        var failed = await node.BecomesAsync(request.PaymentHash, HubPaymentStatus.Failed);
        Assert.Equal(new PaymentFailure(PaymentFailureKind.PermanentForInvoice, "InvoiceCancelled"), failed.Failure);
        Assert.Equal(before.LocalBalance, (await node.QuietChannelAsync()).LocalBalance);
        Assert.Equal(HubPaymentStatus.Created, Known(await node.Hub.SendPaymentAsync(request, Scene.Ct)).Status);
        Assert.Equal("InvoiceCancelled", (await node.BecomesAsync(request.PaymentHash, HubPaymentStatus.Failed)).Failure!.Text);
    }

    [Fact]
    public async Task Its_own_invoice_is_not_paid_and_leaves_a_failed_payment()
    {
        var invoice = Answers.Value(
            await node.Hub.CreateInvoiceAsync(What_every_node_does_with_invoices.NewInvoice(), Scene.Ct)).Invoice;
        const string Why =
            "Send payment error: Failed to build route, Feature not enabled: allow_self_payment is not enabled, can not pay to self";
        var request = Request(invoice);

        Assert.Equal(Why, await node.RefusedAsync("send_payment", Sending(request)));
        var failed = Known(await node.Hub.SendPaymentAsync(request, Scene.Ct));

        Assert.Equal(HubPaymentStatus.Failed, failed.Status);
        Assert.Equal(new PaymentFailure(PaymentFailureKind.PermanentForInvoice, Why), failed.Failure);
    }

    [Fact]
    public async Task An_expired_invoice_is_refused_and_leaves_nothing()
    {
        var request = Request(await node.PeersInvoiceAsync(Amount, TimeSpan.FromSeconds(1)));
        var invoice = Assert.IsType<InvoiceReading.Decoded>(InvoiceCodec.Decode(request.Invoice)).Invoice;
        await Eventually.HoldsAsync("it has expired", () => TimeProvider.System.GetUtcNow() > invoice.ExpiresAt, Scene.Ct);

        Assert.Equal(
            "InvalidParameter: Failed to validate payment request: \"invoice is expired\"",
            await node.RefusedAsync("send_payment", Sending(request)));
        var refused = Assert.IsType<PaymentOutcome.Refused>(await node.Hub.SendPaymentAsync(request, Scene.Ct));

        Assert.Equal(PaymentFailureKind.PermanentForInvoice, refused.Failure.Kind);
        Answers.Failure(NodeFailure.PaymentNotFound, await node.Hub.FindPaymentAsync(request.PaymentHash, Scene.Ct));
    }

    [Theory]
    [InlineData(false, "max")]
    [InlineData(true, "total")]
    public async Task More_than_the_channel_has_needs_liquidity(bool allowsParts, string measure)
    {
        var request = Request(await node.PeersInvoiceAsync(TooMuch, allowsParts: allowsParts));
        var spendable = (await node.QuietChannelAsync()).Spendable;
        var why = $"Send payment error: Failed to build route, Insufficient balance: {measure} outbound liquidity {spendable} is "
            + $"insufficient, required amount: {TooMuch}";

        Assert.Equal(why, await node.RefusedAsync("send_payment", Sending(request)));
        var failed = Known(await node.Hub.SendPaymentAsync(request, Scene.Ct));

        Assert.Equal(new PaymentFailure(PaymentFailureKind.NeedsLiquidity, why), failed.Failure);
        Assert.Equal((HubPaymentStatus.Failed, UInt128.Zero), (failed.Status, failed.Fee));
    }

    [Fact]
    public async Task A_peer_is_paid_for_nothing_so_a_highest_fee_of_nothing_will_do()
    {
        var request = Request(await node.PeersInvoiceAsync(Amount)) with { FeeMax = 0 };

        Assert.IsType<PaymentOutcome.Known>(await node.Hub.SendPaymentAsync(request, Scene.Ct));

        Assert.Equal(UInt128.Zero, (await node.BecomesAsync(request.PaymentHash, HubPaymentStatus.Success)).Fee);
    }

    [Fact]
    public async Task A_dry_run_leaves_nothing()
    {
        var request = Request(await node.PeersInvoiceAsync(Amount));

        var answer = await node.CallAsync("send_payment", $$"""{"invoice":"{{request.Invoice}}","dry_run":true}""");

        Assert.Equal("Created", answer.GetProperty("result").GetProperty("status").GetString());
        Answers.Failure(NodeFailure.PaymentNotFound, await node.Hub.FindPaymentAsync(request.PaymentHash, Scene.Ct));
    }

    [Fact]
    public async Task A_payment_that_may_go_in_parts_says_so()
    {
        var request = Request(await node.PeersInvoiceAsync(Amount, allowsParts: true));

        Known(await node.Hub.SendPaymentAsync(request, Scene.Ct));

        Assert.True((await node.BecomesAsync(request.PaymentHash, HubPaymentStatus.Success)).IsMultiPart);
    }

    [Fact]
    public async Task A_payee_whom_nobody_knows_is_not_reached()
    {
        using var key = InvoiceKey.Generate();
        var draft = new InvoiceDraft
        {
            Currency = FiberCurrency.Fibt,
            Amount = Amount,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()),
            PaymentHash = What_every_node_does_with_invoices.AnyHash(),
            FinalExpiryDelta = TimeSpan.FromMinutes(160),
        };
        var request = Request(InvoiceCodec.Encode(draft.Sign(key)));

        var failed = Known(await node.Hub.SendPaymentAsync(request, Scene.Ct));

        Assert.Equal(HubPaymentStatus.Failed, failed.Status);
        Assert.Equal(new PaymentFailure(PaymentFailureKind.TransientRoute, NoPath), failed.Failure);
    }

    [Fact]
    public async Task While_the_peer_is_away_nothing_can_be_sent_and_then_it_can()
    {
        var request = Request(await node.PeersInvoiceAsync(Amount));
        await node.QuietChannelAsync();
        await node.ConnectAsync(false);
        try
        {
            var failed = Known(await node.Hub.SendPaymentAsync(request, Scene.Ct));

            Assert.Equal((HubPaymentStatus.Failed, PaymentFailureKind.TransientRoute), (failed.Status, failed.Failure!.Kind));
            Assert.EndsWith(
                $"max outbound liquidity 0 is insufficient, required amount: {Amount}", failed.Failure.Text, StringComparison.Ordinal);
            Assert.Empty(Answers.Value(await node.Hub.ListPeersAsync(Scene.Ct)));
            var channel = await node.ChannelAsync();
            Assert.Equal((HubChannelStage.Ready, true), (channel.Stage, channel.IsEnabled));
        }
        finally
        {
            await node.ConnectAsync(true);
        }

        var peer = Assert.Single(Answers.Value(await node.Hub.ListPeersAsync(Scene.Ct)));
        Assert.Equal((await node.ChannelAsync()).Peer, peer.Peer);
        Known(await node.Hub.SendPaymentAsync(request, Scene.Ct));
        await node.BecomesAsync(request.PaymentHash, HubPaymentStatus.Success);
    }

    private static PaymentRequest Request(string text)
    {
        var invoice = Assert.IsType<InvoiceReading.Decoded>(InvoiceCodec.Decode(text)).Invoice;
        return new PaymentRequest(text, invoice.PaymentHash, invoice.Amount!.Value, 1_000, TimeSpan.FromSeconds(60));
    }

    /// <summary>What a node says to a second call while it works on the first.</summary>
    private static string AtWork(PaymentRequest request) =>
        $"Payment session already exists, stop start new payment actor for Hash256({request.PaymentHash})";

    private static string Sending(PaymentRequest request) => $$"""{"invoice":"{{request.Invoice}}"}""";

    private static HubPayment Known(PaymentOutcome outcome) => Assert.IsType<PaymentOutcome.Known>(outcome).Payment;
}
