using System.Text.Json;
using System.Text.Json.Nodes;
using FiberLink.HubNode.Invoices;

namespace FiberLink.HubNode.Tests;

public sealed class Paying
{
    private const string NotFound = "InvalidParameter: Payment session not found: Hash256(0x01)";

    private static readonly string Invoice = Vector.Recorded("new_invoice")
        .Select(c => c.Answer.Find("result")).First(r => r is not null)!.Value.GetProperty("invoice_address").GetString()!;

    internal static PaymentRequest Request { get; } = RequestOf(Invoice);

    [Fact]
    public async Task A_payment_is_sent_with_its_hash_amount_and_highest_fee()
    {
        await using var node = new RawNode(c => RawNode.Response(Payment(c, "Created")));
        await using var hub = Hub(node);

        var outcome = await hub.SendPaymentAsync(Request, Scene.Ct);

        var payment = Assert.IsType<PaymentOutcome.Known>(outcome).Payment;
        Assert.Equal((Request.PaymentHash, HubPaymentStatus.Created, (UInt128)0x2a), (payment.PaymentHash, payment.Status, payment.Fee));
        Assert.Null(payment.Failure);
        using var sent = JsonDocument.Parse(RawNode.Body(Assert.Single(node.Requests)));
        using var expected = JsonDocument.Parse(
            $$$"""
            {"jsonrpc":"2.0","id":1,"method":"send_payment","params":[{"invoice":"{{{Invoice}}}",
             "payment_hash":"{{{Request.PaymentHash}}}","amount":"0x5f5e100","max_fee_amount":"0x3e8","max_fee_rate":"0x1",
             "timeout":"0x3c","allow_self_payment":false}]}
            """);
        Assert.True(JsonElement.DeepEquals(expected.RootElement, sent.RootElement), sent.RootElement.GetRawText());
    }

    [Theory]
    [InlineData(0, "0x0")]
    [InlineData(100_000, "0x1")]
    [InlineData(100_001, "0x2")]
    [InlineData(1_000_000_000_000, "0x989680")]
    [InlineData(ulong.MaxValue, "0xffffffffffffffff")]
    public async Task The_rate_never_makes_the_highest_fee_lower(ulong feeMax, string rate)
    {
        await using var node = new RawNode(c => RawNode.Response(Payment(c, "Created")));
        await using var hub = Hub(node);

        await hub.SendPaymentAsync(Request with { FeeMax = feeMax }, Scene.Ct);

        Assert.Contains($"\"max_fee_rate\":\"{rate}\"", Assert.Single(node.Requests), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_would_be_wrong_at_every_node_is_not_sent()
    {
        await using var node = new RawNode(c => RawNode.Response(Payment(c, "Created")));
        await using var hub = Hub(node);
        var killer = Vector.Read("malformed-panicking").GetProperty("len104signed").GetString()!;
        PaymentRequest[] wrong =
        [
            Request with { Amount = 0 },
            Request with { Amount = Request.Amount + 1 },
            Request with { PaymentHash = InvoiceAnswers.Hash(1) },
            Request with { Timeout = TimeSpan.Zero },
            Request with { Timeout = TimeSpan.FromSeconds(1.5) },
            Request with { Invoice = "lnbc1" },
            Request with { Invoice = killer },
        ];

        foreach (var request in wrong)
        {
            var outcome = Assert.IsType<PaymentOutcome.NotSent>(await hub.SendPaymentAsync(request, Scene.Ct));
            Assert.Equal(NodeFailure.InvalidRequest, outcome.Failure);
        }

        Assert.Empty(node.Requests);
    }

    [Theory]
    [InlineData("Created")]
    [InlineData("Inflight")]
    [InlineData("Success")]
    [InlineData("Failed")]
    public async Task After_a_refusal_or_silence_what_the_node_has_decides(string status)
    {
        foreach (var isSilent in new[] { true, false })
        {
            await using var node = new RawNode(c => InvoiceAnswers.Method(c) == "get_payment" ? RawNode.Response(Payment(c, status))
                : isSilent ? []
                : Error(c, "Send payment error: Failed to build route, PathFind error: no path found"));
            await using var hub = Hub(node);

            var known = Assert.IsType<PaymentOutcome.Known>(await hub.SendPaymentAsync(Request, Scene.Ct));

            Assert.Equal(status, known.Payment.Status.ToString());
        }
    }

    [Fact]
    public async Task A_request_that_is_wrong_in_itself_is_refused_once_the_node_has_no_such_payment()
    {
        await using var node = new RawNode(c => Error(c, InvoiceAnswers.Method(c) == "get_payment"
            ? NotFound
            : "InvalidParameter: Failed to validate payment request: \"invoice is expired\""));
        await using var hub = Hub(node);

        var refused = Assert.IsType<PaymentOutcome.Refused>(await hub.SendPaymentAsync(Request, Scene.Ct));

        Assert.Equal(PaymentFailureKind.PermanentForInvoice, refused.Failure.Kind);
        Assert.Contains("invoice is expired", refused.Failure.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Send payment error: no path found", NotFound)]
    [InlineData("InvalidParameter: Failed to validate payment request: \"invoice is expired\"", "the store is on fire")]
    [InlineData(null, NotFound)]
    public async Task Nobody_knows_where_a_refusal_or_silence_is_all_there_is(string? refusal, string look)
    {
        await using var node = new RawNode(c =>
            InvoiceAnswers.Method(c) == "get_payment" ? Error(c, look) : refusal is null ? [] : Error(c, refusal));
        await using var hub = Hub(node);

        Assert.IsType<PaymentOutcome.Unknown>(await hub.SendPaymentAsync(Request, Scene.Ct));
    }

    [Fact]
    public async Task An_answer_about_another_payment_is_none()
    {
        await using var node = new RawNode(c => RawNode.Response(
            Payment(c, "Success", r => r["payment_hash"] = InvoiceAnswers.Hash(2).ToString())));
        await using var hub = Hub(node);

        Assert.IsType<PaymentOutcome.Unknown>(await hub.SendPaymentAsync(Request, Scene.Ct));
    }

    [Theory]
    [InlineData("InvoiceExpired", PaymentFailureKind.PermanentForInvoice)]
    [InlineData("InvoiceCancelled", PaymentFailureKind.PermanentForInvoice)]
    [InlineData("HoldTlcTimeout", PaymentFailureKind.PermanentForInvoice)]
    [InlineData("FinalIncorrectTlcAmount", PaymentFailureKind.PermanentForInvoice)]
    [InlineData("TemporaryChannelFailure", PaymentFailureKind.TransientRoute)]
    [InlineData("PermanentChannelFailure", PaymentFailureKind.TransientRoute)]
    [InlineData("Failed to send onion packet with error InvoiceExpired", PaymentFailureKind.TransientRoute)]
    [InlineData("Send payment error: Failed to build route, PathFind error: no path found", PaymentFailureKind.TransientRoute)]
    [InlineData(
        "Failed to build route, Insufficient balance: max outbound liquidity 0 is insufficient, required amount: 5",
        PaymentFailureKind.TransientRoute)]
    [InlineData(
        "Failed to build route, Insufficient balance: max outbound liquidity 40100000000 is insufficient, required amount: 50100000000",
        PaymentFailureKind.NeedsLiquidity)]
    [InlineData("Insufficient balance: total outbound liquidity 7 is insufficient", PaymentFailureKind.NeedsLiquidity)]
    [InlineData("Failed to build route, max_fee_amount is too low for selected route", PaymentFailureKind.NeedsHigherFee)]
    [InlineData("Feature not enabled: allow_self_payment is not enabled, can not pay to self", PaymentFailureKind.PermanentForInvoice)]
    [InlineData("Payment session already exists: Hash256 with payment session status: Success", PaymentFailureKind.AlreadyExists)]
    [InlineData("something new", PaymentFailureKind.Unknown)]
    [InlineData("", PaymentFailureKind.Unknown)]
    public async Task Texts_of_failures_have_their_kinds(string text, PaymentFailureKind expected)
    {
        await using var node = new RawNode(c => RawNode.Response(Payment(c, "Failed", r => r["failed_error"] = text)));
        await using var hub = Hub(node);

        var payment = Answers.Value(await hub.FindPaymentAsync(Request.PaymentHash, Scene.Ct));

        Assert.Equal((HubPaymentStatus.Failed, expected), (payment.Status, payment.Failure!.Kind));
        Assert.Equal(text, payment.Failure.Text);
    }

    [Fact]
    public async Task A_real_nodes_answers_are_read()
    {
        foreach (var (parameters, answer) in Vector.Recorded("get_payment"))
        {
            await using var node = new RawNode(c => RawNode.Response(WithId(answer, c)));
            await using var hub = Hub(node);

            var found = await hub.FindPaymentAsync(PaymentHash.Parse(parameters.GetProperty("payment_hash").GetString()!), Scene.Ct);

            if (answer.Find("result") is { } result)
            {
                Assert.Equal(result.GetProperty("status").GetString(), Answers.Value(found).Status.ToString());
            }
            else
            {
                Answers.Failure(NodeFailure.PaymentNotFound, found);
            }
        }
    }

    [Fact]
    public async Task Payments_come_in_pages()
    {
        await using var node = new RawNode(c =>
        {
            var page = JsonSerializer.Deserialize<JsonElement>(c).GetProperty("params")[0];
            Assert.Equal(("0x2", "Success"), (page.GetProperty("limit").GetString(), page.GetProperty("status").GetString()));
            var first = page.TryGetProperty("after", out var after) ? after.GetString() == InvoiceAnswers.Hash(2).ToString() ? 3 : 99 : 1;
            var payments = Enumerable.Range(first, first == 1 ? 2 : 1).Select(n => (JsonNode)Result(InvoiceAnswers.Hash(n), "Success"));
            return RawNode.Response(new JsonObject
            {
                ["jsonrpc"] = "2.0",
                ["id"] = InvoiceAnswers.Id(c),
                ["result"] = new JsonObject { ["payments"] = new JsonArray([.. payments]), ["last_cursor"] = null },
            }.ToJsonString());
        });
        await using var hub = Hub(node);

        var first = Answers.Value(await hub.ListPaymentsAsync(HubPaymentStatus.Success, null, 2, Scene.Ct));
        var second = Answers.Value(await hub.ListPaymentsAsync(HubPaymentStatus.Success, first.Next, 2, Scene.Ct));

        Assert.Equal([InvoiceAnswers.Hash(1), InvoiceAnswers.Hash(2)], first.Payments.Select(p => p.PaymentHash));
        Assert.Equal([InvoiceAnswers.Hash(3)], second.Payments.Select(p => p.PaymentHash));
        Assert.Null(second.Next);
        Answers.Failure(NodeFailure.InvalidRequest, await hub.ListPaymentsAsync(null, null, 0, Scene.Ct));
        Answers.Failure(NodeFailure.InvalidRequest, await hub.ListPaymentsAsync(null, null, 101, Scene.Ct));
    }

    private static PaymentRequest RequestOf(string text)
    {
        var invoice = Assert.IsType<InvoiceReading.Decoded>(InvoiceCodec.Decode(text)).Invoice;
        return new(text, invoice.PaymentHash, invoice.Amount!.Value, 1_000, TimeSpan.FromSeconds(60));
    }

    private static byte[] Error(string call, string message) =>
        RawNode.Response(InvoiceAnswers.Error(InvoiceAnswers.Id(call), -32000, message));

    private static string Payment(string call, string status, Action<JsonObject>? change = null)
    {
        var result = Result(Request.PaymentHash, status);
        change?.Invoke(result);
        return new JsonObject { ["jsonrpc"] = "2.0", ["id"] = InvoiceAnswers.Id(call), ["result"] = result }.ToJsonString();
    }

    private static JsonObject Result(PaymentHash hash, string status) =>
        new()
        {
            ["payment_hash"] = hash.ToString(),
            ["status"] = status,
            ["created_at"] = "0x1a1f98db206",
            ["last_updated_at"] = "0x1a1f98db206",
            ["failed_error"] = status == "Failed" ? "InvoiceCancelled" : null,
            ["fee"] = "0x2a",
            ["custom_records"] = null,
        };

    private static string WithId(JsonElement answer, string call)
    {
        var node = JsonNode.Parse(answer.GetRawText())!;
        node["id"] = InvoiceAnswers.Id(call);
        return node.ToJsonString();
    }

    private static JsonRpcHubNode Hub(RawNode node) =>
        new(Wire.NewHttpClient(), new() { Endpoint = node.Endpoint }, TimeProvider.System);
}
