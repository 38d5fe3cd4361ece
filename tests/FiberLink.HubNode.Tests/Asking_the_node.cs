using System.Text.Json;
using FiberLink.Sandbox.Control;

namespace FiberLink.HubNode.Tests;

public sealed class Asking_the_node
{
    private static readonly UdtScript Rusd = new(
        "0x1142755a044bf2ee358cba9f2da187ce928c91cd4dc8692ded0337efa677d21a",
        "type",
        "0x878fcc6f1f08d48e87bb1c3b3d5083f23f8a39c5d5c764f253b55b998526439b");

    [Theory]
    [InlineData(FiberCurrency.Fibb)]
    [InlineData(FiberCurrency.Fibt)]
    [InlineData(FiberCurrency.Fibd)]
    public async Task It_says_who_it_is_and_on_which_chain(FiberCurrency currency)
    {
        await using var scene = await Scene.StartAsync(currency);

        var info = Answers.Value(await scene.Hub.GetInfoAsync(Scene.Ct));

        Assert.Equal(currency, info.Currency);
        Assert.Equal("0.8.1", info.Version);
        Assert.Equal(66, info.Pubkey.Length);
        Assert.Equal(1U, info.ChannelCount);
        Assert.Equal("RUSD", Assert.Single(info.Tokens).Name);
    }

    [Theory]
    [InlineData(InvoiceHashAlgorithm.CkbHash)]
    [InlineData(InvoiceHashAlgorithm.Sha256)]
    public async Task An_invoice_is_made_with_everything_that_was_asked_for(InvoiceHashAlgorithm algorithm)
    {
        await using var scene = await Scene.StartAsync();
        var asked = scene.NewInvoice() with { HashAlgorithm = algorithm, Amount = UInt128.MaxValue, UdtTypeScript = Rusd };

        var invoice = Answers.Value(await scene.Hub.CreateInvoiceAsync(asked, Scene.Ct));

        Assert.Equal(asked.Preimage.Hash(algorithm), invoice.PaymentHash);
        Assert.Equal(UInt128.MaxValue, invoice.Amount);
        Assert.Equal(FiberCurrency.Fibt, invoice.Currency);
        Assert.Equal(Rusd, invoice.UdtScript);
        Assert.Equal(HubInvoiceStatus.Open, invoice.Status);
        Assert.Equal(algorithm, invoice.HashAlgorithm);
        Assert.Equal(scene.Time.GetUtcNow(), invoice.CreatedAt);
        Assert.Equal(TimeSpan.FromHours(1), invoice.Expiry);
        Assert.StartsWith("fibt340282366920938463463374607431768211455" + "1", invoice.Invoice, StringComparison.Ordinal);
        Assert.True(invoice.Invoice.Length < 300, $"{invoice.Invoice.Length} letters don't fit a QR code.");
        Assert.Equal(invoice, Answers.Value(await scene.Hub.FindInvoiceAsync(invoice.PaymentHash, Scene.Ct)));
        Assert.Equal(invoice with { Status = null }, Answers.Value(await scene.Hub.ParseInvoiceAsync(invoice.Invoice, Scene.Ct)));
    }

    [Fact]
    public async Task Asking_twice_with_one_preimage_makes_one_invoice()
    {
        await using var scene = await Scene.StartAsync();
        var asked = scene.NewInvoice();

        var first = Answers.Value(await scene.Hub.CreateInvoiceAsync(asked, Scene.Ct));
        await scene.Control.PayAsync(first.PaymentHash.ToString(), Scene.Ct);
        var again = Answers.Value(await scene.Hub.CreateInvoiceAsync(asked with { Amount = 5, Description = "other" }, Scene.Ct));

        Assert.Equal(first with { Status = HubInvoiceStatus.Paid }, again);
        Assert.Single(await scene.Control.ListAsync(Scene.Ct));
    }

    [Fact]
    public async Task An_invoice_is_cancelled_once()
    {
        await using var scene = await Scene.StartAsync();
        var invoice = await scene.CreateAsync();

        var cancelled = Answers.Value(await scene.Hub.CancelInvoiceAsync(invoice.PaymentHash, Scene.Ct));

        Assert.Equal(invoice with { Status = HubInvoiceStatus.Cancelled }, cancelled);
        Answers.Failure(NodeFailure.InvoiceAlreadyCancelled, await scene.Hub.CancelInvoiceAsync(invoice.PaymentHash, Scene.Ct));
    }

    [Fact]
    public async Task A_paid_invoice_is_not_cancelled()
    {
        await using var scene = await Scene.StartAsync();
        var invoice = await scene.CreateAsync();
        await scene.Control.PayAsync(invoice.Invoice, Scene.Ct);

        Answers.Failure(NodeFailure.InvoiceAlreadyPaid, await scene.Hub.CancelInvoiceAsync(invoice.PaymentHash, Scene.Ct));
        Assert.Equal(HubInvoiceStatus.Paid, await scene.StatusAsync(invoice.PaymentHash));
    }

    [Fact]
    public async Task An_unknown_invoice_is_not_found()
    {
        await using var scene = await Scene.StartAsync();
        var unknown = PaymentHash.FromBytes(new byte[32]);

        Answers.Failure(NodeFailure.InvoiceNotFound, await scene.Hub.FindInvoiceAsync(unknown, Scene.Ct));
        Answers.Failure(NodeFailure.InvoiceNotFound, await scene.Hub.CancelInvoiceAsync(unknown, Scene.Ct));
    }

    [Fact]
    public async Task Another_networks_currency_is_refused_by_name()
    {
        await using var scene = await Scene.StartAsync();

        var answer = await scene.Hub.CreateInvoiceAsync(scene.NewInvoice() with { Currency = FiberCurrency.Fibb }, Scene.Ct);

        Answers.Failure(NodeFailure.WrongNetwork, answer);
    }

    [Fact]
    public async Task What_would_be_wrong_at_every_node_is_not_sent()
    {
        await using var scene = await Scene.StartAsync();
        var fine = scene.NewInvoice();
        NewInvoice[] wrong =
        [
            fine with { Amount = 0 },
            fine with { Preimage = default },
            fine with { Expiry = TimeSpan.Zero },
            fine with { Expiry = TimeSpan.FromSeconds(1.5) },
            fine with { Description = new string('ä', 320) },
            fine with { Description = "\ud800" },
            fine with { Currency = 0 },
            fine with { HashAlgorithm = 0 },
        ];

        foreach (var request in wrong)
        {
            Answers.Failure(NodeFailure.InvalidRequest, await scene.Hub.CreateInvoiceAsync(request, Scene.Ct));
        }

        Assert.Empty(await scene.Control.CallsAsync(Scene.Ct));
        Answers.Value(await scene.Hub.CreateInvoiceAsync(fine with { Description = new string('ä', 319) }, Scene.Ct));
    }

    [Fact]
    public async Task Texts_that_bring_a_node_down_are_not_sent()
    {
        await using var scene = await Scene.StartAsync();
        string[] killers = [.. Vector.Read("malformed-panicking").EnumerateObject().Select(p => p.Value.GetString()!)];

        string[] texts =
            [.. killers, "", "lnbc1", "fibt1qqqqqqqq", killers[0].ToUpperInvariant()[..20] + killers[0][20..], new('q', 5000)];
        foreach (var text in texts)
        {
            Answers.Failure(NodeFailure.InvalidRequest, await scene.Hub.ParseInvoiceAsync(text, Scene.Ct));
        }

        Assert.Empty(await scene.Control.CallsAsync(Scene.Ct));
    }

    [Fact]
    public async Task The_token_is_sent_and_appears_nowhere_else()
    {
        const string Answer = """{"jsonrpc":"2.0","id":1,"error":{"code":-32999,"message":"Unauthorized"}}""";
        await using var node = new RawNode(_ => RawNode.Response(Answer));
        using var http = Wire.NewHttpClient();
        var options = new HubNodeOptions { Endpoint = node.Endpoint, BearerToken = "EowBCjQKBG5vZGU" };
        using var hub = new JsonRpcHubNode(http, options, TimeProvider.System);

        var failed = Answers.Failure(NodeFailure.Unauthorized, await hub.GetInfoAsync(Scene.Ct));

        Assert.Contains("Authorization: Bearer EowBCjQKBG5vZGU\r\n", Assert.Single(node.Requests), StringComparison.Ordinal);
        Assert.DoesNotContain("EowB", failed.Detail + options, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_preimage_that_the_node_repeats_is_not_passed_on()
    {
        await using var scene = await Scene.StartAsync();
        var request = scene.NewInvoice();
        var secret = new string('0', 62) + "01";
        await using var node = new RawNode(body =>
        {
            using var call = JsonDocument.Parse(body);
            var preimage = call.RootElement.GetProperty("params")[0].GetProperty("payment_preimage").GetString();
            var data = $"bad value {preimage} here";
            return RawNode.Response(
                $$$"""{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"Invalid params","data":"{{{data}}}"}}""");
        });
        using var http = Wire.NewHttpClient();
        using var hub = new JsonRpcHubNode(http, new() { Endpoint = node.Endpoint }, TimeProvider.System);

        var failed = Answers.Failure(NodeFailure.InvalidRequest, await hub.CreateInvoiceAsync(request, Scene.Ct));

        Assert.Contains(secret, Assert.Single(node.Requests), StringComparison.Ordinal);
        Assert.DoesNotContain(secret, failed.Detail, StringComparison.Ordinal);
        Assert.Contains("bad value", failed.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_control_request_says_why()
    {
        await using var scene = await Scene.StartAsync();

        var refused = await Assert.ThrowsAsync<SandboxRefusedException>(() =>
            scene.Control.PayAsync(PaymentHash.FromBytes(new byte[32]).ToString(), Scene.Ct));

        Assert.Equal("invoice not found", refused.Message);
    }
}
