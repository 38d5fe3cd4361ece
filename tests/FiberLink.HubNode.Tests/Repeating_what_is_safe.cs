using FiberLink.Testing;

namespace FiberLink.HubNode.Tests;

public sealed class Repeating_what_is_safe
{
    public static TheoryData<string> Reads => ["node_info", "get_invoice", "get_payment", "list_payments", "list_channels", "list_peers"];

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task A_read_is_repeated_after_an_outage_within_bounds(string method)
    {
        await using var node = new RawNode(_ => []);
        await using var hub = Hub(node.Endpoint);

        await ReadAsync(hub, method);

        Assert.Equal([method, method, method], Methods(node));
    }

    [Fact]
    public async Task The_answer_of_a_repetition_is_the_calls_answer()
    {
        var asked = 0;
        await using var node = new RawNode(call => ++asked < 3 ? [] : RawNode.Response(InvoiceAnswers.To(call)));
        await using var hub = Hub(node.Endpoint);

        Assert.Equal(InvoiceAnswers.Hash(1), Answers.Value(await hub.FindInvoiceAsync(InvoiceAnswers.Hash(1), Scene.Ct)).PaymentHash);
        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task What_was_answered_is_not_asked_again_however_bad_the_answer()
    {
        var errors = new[] { -32603, -32000 }.Select(code => InvoiceAnswers.Error(1, code, "no"));
        foreach (var answer in errors.Concat(["{}", "garbage"]))
        {
            await using var node = new RawNode(_ => RawNode.Response(answer));
            await using var hub = Hub(node.Endpoint);

            await hub.FindInvoiceAsync(InvoiceAnswers.Hash(1), Scene.Ct);

            Assert.Single(node.Requests);
        }
    }

    [Fact]
    public async Task A_payment_is_sent_once_whatever_happens_and_neither_is_a_settlement_repeated()
    {
        await using var node = new RawNode(call => InvoiceAnswers.Method(call) == "get_payment"
            ? RawNode.Response(InvoiceAnswers.Error(InvoiceAnswers.Id(call), -32000, "Payment session not found: Hash256(0x1)"))
            : []);
        await using var hub = Hub(node.Endpoint);

        Assert.IsType<PaymentOutcome.Unknown>(await hub.SendPaymentAsync(Paying.Request, Scene.Ct));
        Answers.Failure(
            NodeFailure.NoAnswer,
            await hub.SettleInvoiceAsync(InvoiceAnswers.Hash(1), Preimage.Parse($"0x{new string('1', 64)}"), Scene.Ct));

        Assert.Equal(["send_payment", "get_payment", "settle_invoice"], Methods(node));
    }

    [Fact]
    public async Task A_connection_that_is_kept_and_breaks_under_a_payment_does_not_make_it_two()
    {
        // An HTTP client may resend what it believes was never seen, on a connection that it has used before.
        await using var node = new RawNode(call => InvoiceAnswers.Method(call) == "get_invoice"
            ? RawNode.Response(InvoiceAnswers.To(call), isLast: false)
            : []);
        await using var hub = Hub(node.Endpoint);

        Answers.Value(await hub.FindInvoiceAsync(InvoiceAnswers.Hash(1), Scene.Ct));
        Assert.IsType<PaymentOutcome.Unknown>(await hub.SendPaymentAsync(Paying.Request, Scene.Ct));

        Assert.Equal(1, Methods(node).Count(m => m == "send_payment"));
    }

    [Fact]
    public async Task A_call_that_may_have_taken_effect_stays_unsure_when_the_node_cannot_even_be_reached_any_more()
    {
        RawNode? node = null;
        node = new RawNode(_ =>
        {
            node!.StopListening();
            return [];
        });
        await using var hub = Hub(node.Endpoint);

        Answers.Failure(NodeFailure.NoAnswer, await hub.CancelInvoiceAsync(InvoiceAnswers.Hash(1), Scene.Ct));

        Assert.Single(node.Requests);
        await node.DisposeAsync();
    }

    [Fact]
    public async Task A_repeated_cancel_that_finds_its_own_work_done_is_done()
    {
        await using var scene = await Scene.StartAsync();
        var invoice = await scene.CreateAsync();
        await using var hub = Hub(scene.Node.Endpoint);

        await scene.Control.LoseAnswersAsync(1, Scene.Ct);
        var cancelled = Answers.Value(await hub.CancelInvoiceAsync(invoice.PaymentHash, Scene.Ct));

        Assert.Equal(HubInvoiceStatus.Cancelled, cancelled.Status);
        Answers.Failure(NodeFailure.InvoiceAlreadyCancelled, await hub.CancelInvoiceAsync(invoice.PaymentHash, Scene.Ct));
    }

    [Fact]
    public async Task A_repeated_order_makes_one_invoice()
    {
        await using var scene = await Scene.StartAsync();
        await using var hub = Hub(scene.Node.Endpoint);

        await scene.Control.LoseAnswersAsync(1, Scene.Ct);
        var invoice = Answers.Value(await hub.CreateInvoiceAsync(scene.NewInvoice(), Scene.Ct));

        Assert.Equal(invoice.Invoice, Assert.Single(await scene.Control.ListAsync(Scene.Ct)).Invoice);
    }

    [Fact]
    public async Task Repeating_ends_with_the_calls_time_and_leaves_the_last_answer()
    {
        await using var node = new RawNode(_ => []);
        var time = new DrivenTime();
        using var http = Wire.NewHttpClient();
        await using var hub = new JsonRpcHubNode(http, new() { Endpoint = node.Endpoint, RetriesMax = 5, OutagesMax = 0 }, time);

        var call = hub.FindInvoiceAsync(InvoiceAnswers.Hash(1), Scene.Ct);
        await Eventually.HoldsAsync("it waits to repeat it", () => node.Requests.Count == 1 && time.TimersWaiting == 2, Scene.Ct);
        time.Advance(TimeSpan.FromSeconds(5));

        Answers.Failure(NodeFailure.NoAnswer, await call);
        Assert.InRange(node.Requests.Count, 1, 2);
    }

    private static async Task ReadAsync(JsonRpcHubNode hub, string method)
    {
        switch (method)
        {
            case "node_info":
                Answers.Failure(NodeFailure.NoAnswer, await hub.GetInfoAsync(Scene.Ct));
                break;
            case "get_invoice":
                Answers.Failure(NodeFailure.NoAnswer, await hub.FindInvoiceAsync(InvoiceAnswers.Hash(1), Scene.Ct));
                break;
            case "get_payment":
                Answers.Failure(NodeFailure.NoAnswer, await hub.FindPaymentAsync(InvoiceAnswers.Hash(1), Scene.Ct));
                break;
            case "list_payments":
                Answers.Failure(NodeFailure.NoAnswer, await hub.ListPaymentsAsync(null, null, 15, Scene.Ct));
                break;
            case "list_channels":
                Answers.Failure(NodeFailure.NoAnswer, await hub.ListChannelsAsync(false, Scene.Ct));
                break;
            default:
                Answers.Failure(NodeFailure.NoAnswer, await hub.ListPeersAsync(Scene.Ct));
                break;
        }
    }

    private static IEnumerable<string> Methods(RawNode node) => node.Requests.Select(r => InvoiceAnswers.Method(RawNode.Body(r)));

    private static JsonRpcHubNode Hub(Uri endpoint) =>
        new(Wire.NewHttpClient(), new() { Endpoint = endpoint, RetriesMax = 2 }, TimeProvider.System);
}
