using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using FiberLink.HubNode.Changes;
using FiberLink.Sandbox.Payments;
using FiberLink.Testing;

namespace FiberLink.HubNode.Tests;

/// <summary>Faults around payments: what our client makes of them, and that no money is sent twice or lost.</summary>
public sealed class When_the_sandbox_pays_badly
{
    private const int Amount = 1_000_000; // shannon

    [Fact]
    public async Task A_payment_whose_answer_is_lost_is_found()
    {
        await using var scene = await Scene.StartAsync();
        var request = await scene.PayeeAsync(new(Amount));
        await scene.Control.LoseAnswersAsync(1, Scene.Ct);

        var outcome = await scene.Hub.SendPaymentAsync(request, Scene.Ct);

        Assert.Equal(HubPaymentStatus.Created, Assert.IsType<PaymentOutcome.Known>(outcome).Payment.Status);
        Assert.Equal((UInt128)Amount, (await scene.ChannelAsync()).OfferedBalance);
    }

    [Fact]
    public async Task A_payment_cut_off_before_it_was_read_is_unknown_and_was_not_sent()
    {
        await using var scene = await Scene.StartAsync();
        var request = await scene.PayeeAsync(new(Amount));
        await scene.Control.CutByChanceAsync(before: 1, after: 0, seed: 1, Scene.Ct);

        Assert.IsType<PaymentOutcome.Unknown>(await scene.Hub.SendPaymentAsync(request, Scene.Ct));

        await scene.Control.ResetAsync(Scene.Ct);
        Answers.Failure(NodeFailure.PaymentNotFound, await scene.Hub.FindPaymentAsync(request.PaymentHash, Scene.Ct));
        Assert.Equal(UInt128.Zero, (await scene.ChannelAsync()).OfferedBalance);
    }

    [Fact]
    public async Task A_payment_that_comes_to_the_node_twice_is_sent_once()
    {
        await using var scene = await Scene.StartAsync();
        var request = await scene.PayeeAsync(new(Amount));
        await scene.Control.AnswerTwiceAsync(true, Scene.Ct);

        // The answer to the second is what our client sees: that there is one already.
        var outcome = await scene.Hub.SendPaymentAsync(request, Scene.Ct);

        Assert.Equal(HubPaymentStatus.Created, Assert.IsType<PaymentOutcome.Known>(outcome).Payment.Status);
        Assert.Equal((UInt128)Amount, (await scene.ChannelAsync()).OfferedBalance);
    }

    [Fact]
    public async Task A_payment_still_waiting_in_the_node_is_not_found_and_is_sent_all_the_same()
    {
        await using var scene = await Scene.StartAsync();
        var request = await scene.PayeeAsync(new(Amount));
        await scene.Control.AnswerSlowlyAsync(TimeSpan.FromMinutes(1), Scene.Ct);

        var sending = scene.Hub.SendPaymentAsync(request, Scene.Ct);
        await Eventually.HoldsAsync("the node has it", () => scene.Time.TimersWaiting == 1, Scene.Ct);
        await scene.Control.AnswerSlowlyAsync(TimeSpan.Zero, Scene.Ct);
        scene.ClientTime.Advance(Scene.CallTimeout);

        Assert.IsType<PaymentOutcome.Unknown>(await sending);
        Answers.Failure(NodeFailure.PaymentNotFound, await scene.Hub.FindPaymentAsync(request.PaymentHash, Scene.Ct));
        scene.Time.Advance(TimeSpan.FromMinutes(1));
        await scene.BecomesAsync(request, HubPaymentStatus.Created);
    }

    [Fact]
    public async Task What_was_under_way_at_a_restart_is_so_afterwards_and_then_ends()
    {
        using var folder = new TempFolder();
        var file = folder.File("state.jsonl");
        var time = new DrivenTime();
        PaymentRequest created, inflight, held, failed;
        HubChannel before;
        await using (var scene = await Scene.StartAsync(stateFile: file, time: time))
        {
            inflight = await scene.PayeeAsync(new(Amount) { IsFarther = true });
            held = await scene.PayeeAsync(new(Amount) { IsHeld = true });
            await scene.SendAsync(inflight);
            await scene.SendAsync(held);
            scene.Time.Advance(PaymentBook.HandOver);
            await scene.BecomesAsync(inflight, HubPaymentStatus.Inflight);
            await scene.BecomesAsync(held, HubPaymentStatus.Inflight);
            await scene.Control.Payments.DecideAsync(PaymentEnding.Fails, "TemporaryNodeFailure", 1, Scene.Ct);
            failed = await scene.PayeeAsync(new(Amount));
            await scene.SendAsync(failed);
            created = await scene.PayeeAsync(new(Amount));
            await scene.SendAsync(created);
            before = await scene.ChannelAsync();
        }

        await using (var scene = await Scene.StartAsync(stateFile: file, time: time))
        {
            Assert.Equal(before with { PendingTlcs = [] }, await scene.ChannelAsync() with { PendingTlcs = [] });
            Assert.Equal(HubPaymentStatus.Inflight, (await scene.FindAsync(inflight)).Status);
            Assert.Equal(HubPaymentStatus.Created, (await scene.FindAsync(created)).Status);

            time.Advance(TimeSpan.FromHours(1));
            await scene.BecomesAsync(inflight, HubPaymentStatus.Success);
            await Eventually.HoldsAsync("they have left", () => scene.Time.TimersWaiting == 2, Scene.Ct);
            time.Advance(PaymentBook.Travel);
            await scene.BecomesAsync(created, HubPaymentStatus.Success);
            Assert.Equal("TemporaryNodeFailure", (await scene.BecomesAsync(failed, HubPaymentStatus.Failed)).Failure!.Text);
            Assert.Equal(HubPaymentStatus.Inflight, (await scene.FindAsync(held)).Status);
            await scene.Control.Payments.SucceedAsync(held.Invoice, isTold: false, Scene.Ct);
            Assert.Equal(before.LocalBalance - (3 * Amount) - 1_000, (await scene.ChannelAsync()).LocalBalance);
        }

        await using var last = await Scene.StartAsync(stateFile: file, time: time);
        Assert.Equal(before.LocalBalance - (3 * Amount) - 1_000, (await last.ChannelAsync()).LocalBalance);
        Assert.Equal(HubPaymentStatus.Success, (await last.FindAsync(held)).Status);
    }

    // Of the sandbox alone: the real nodes of these tests have neither WebSockets nor subscriptions.
    [Fact]
    public async Task Subscribers_hear_of_a_payment_when_it_is_made_and_when_it_ends()
    {
        await using var scene = await Scene.StartAsync();
        var (good, bad) = (await scene.PayeeAsync(new(Amount)), await scene.PayeeAsync(new(Amount * 1_000_000L)));
        await using var ear = new ChangeScene().Listen(scene.Node.Endpoint);
        Assert.IsType<NodeChange.Connected>(await ear.NextAsync());

        await scene.SendAsync(good);
        await scene.SendAsync(bad);
        await scene.PassAsync();

        Assert.Equal(new NodeChange.PaymentChanged(good.PaymentHash, HubPaymentStatus.Created), await ear.NextAsync());
        Assert.Equal(new NodeChange.PaymentChanged(bad.PaymentHash, HubPaymentStatus.Failed), await ear.NextAsync());
        Assert.Equal(new NodeChange.PaymentChanged(good.PaymentHash, HubPaymentStatus.Success), await ear.NextAsync());
    }

    [Theory]
    [InlineData("len104signed")]
    [InlineData("garbage")]
    [InlineData("badutf8")]
    [InlineData("badpubkey")]
    public async Task A_text_that_makes_a_node_panic_ends_it_when_that_is_switched_on(string name)
    {
        var text = Vector.Read("malformed-panicking").GetProperty(name).GetRawText();
        await using var scene = await Scene.StartAsync();
        Assert.Equal(-32000, Wire.Error(await scene.CallAsync("parse_invoice", $$"""{"invoice":{{text}}}""")).Code);
        await scene.Control.PanicOnMalformedAsync(true, Scene.Ct);

        await Assert.ThrowsAsync<HttpRequestException>(() => scene.CallAsync("parse_invoice", $$"""{"invoice":{{text}}}"""));
        Answers.Value(await scene.Hub.GetInfoAsync(Scene.Ct));
        await Assert.ThrowsAsync<HttpRequestException>(() => scene.CallAsync("send_payment", $$"""{"invoice":{{text}}}"""));
        Answers.Failure(NodeFailure.NoAnswer, await scene.Hub.GetInfoAsync(Scene.Ct));

        await scene.Control.ComeBackAsync(Scene.Ct);
        Answers.Value(await scene.Hub.GetInfoAsync(Scene.Ct));
    }

    [Fact]
    public async Task A_text_that_is_only_wrong_ends_nothing()
    {
        var text = Vector.Read("malformed-panicking").GetProperty("badmol").GetRawText();
        await using var scene = await Scene.StartAsync();
        await scene.Control.PanicOnMalformedAsync(true, Scene.Ct);

        Assert.StartsWith(
            "Molecule error",
            Wire.Error(await scene.CallAsync("parse_invoice", $$"""{"invoice":{{text}}}""")).Message,
            StringComparison.Ordinal);
        Assert.Equal(
            "InvalidParameter: Failed to validate payment request: \"invoice is invalid\"",
            Wire.Error(await scene.CallAsync("send_payment", $$"""{"invoice":{{text}}}""")).Message);
    }

    [Fact]
    public async Task Our_client_sends_no_text_that_makes_a_node_panic()
    {
        await using var scene = await Scene.StartAsync();
        await scene.Control.PanicOnMalformedAsync(true, Scene.Ct);
        var request = await scene.PayeeAsync(new(Amount));

        foreach (var killer in Vector.Read("malformed-panicking").EnumerateObject())
        {
            Assert.IsType<PaymentOutcome.NotSent>(
                await scene.Hub.SendPaymentAsync(request with { Invoice = killer.Value.GetString()! }, Scene.Ct));
        }

        Answers.Value(await scene.Hub.GetInfoAsync(Scene.Ct));
    }

    [Fact]
    public async Task Of_two_answers_the_later_comes_first_and_both_come_to_who_asked()
    {
        await using var scene = await Scene.StartAsync();
        await scene.Control.ReorderAnswersAsync(true, Scene.Ct);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(scene.Node.Endpoint) { Scheme = "ws" }.Uri, Scene.Ct);

        await AskAsync(socket, 1);
        await Eventually.HoldsAsync("the first waits", () => scene.Time.TimersWaiting == 1, Scene.Ct);
        await AskAsync(socket, 2);

        Assert.Equal((2, 1), (await IdAsync(socket), await IdAsync(socket)));

        // Nobody overtakes the last one.
        await AskAsync(socket, 3);
        await Eventually.HoldsAsync("it waits", () => scene.Time.TimersWaiting == 2, Scene.Ct);
        scene.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(3, await IdAsync(socket));
    }

    private static Task AskAsync(ClientWebSocket socket, int id) => socket.SendAsync(
        Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":{{id}},"method":"node_info","params":[]}"""),
        WebSocketMessageType.Text, true, Scene.Ct);

    private static async Task<int> IdAsync(ClientWebSocket socket)
    {
        var bytes = new byte[16 * 1024];
        var received = await socket.ReceiveAsync(bytes, Scene.Ct);
        return JsonSerializer.Deserialize<JsonElement>(bytes.AsSpan(0, received.Count)).GetProperty("id").GetInt32();
    }
}
