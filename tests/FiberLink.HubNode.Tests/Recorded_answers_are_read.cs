using System.Globalization;
using System.Text.Json;
using FiberLink.HubNode.Invoices;

namespace FiberLink.HubNode.Tests;

/// <summary>The client reads what real nodes have answered, and says the same with its own words.</summary>
public sealed class Recorded_answers_are_read
{
    [Fact]
    public async Task Every_recorded_get_and_cancel()
    {
        foreach (var method in (string[])["get_invoice", "cancel_invoice"])
        {
            foreach (var (parameters, recorded) in Vector.Recorded(method))
            {
                var hash = PaymentHash.Parse(parameters.GetProperty("payment_hash").GetString()!);
                var answer = await AskAsync(recorded, hub => method == "get_invoice"
                    ? hub.FindInvoiceAsync(hash, Scene.Ct)
                    : hub.CancelInvoiceAsync(hash, Scene.Ct));

                AssertSame(recorded, answer);
            }
        }
    }

    [Fact]
    public async Task Every_recorded_new_invoice()
    {
        // Those were made without a preimage of ours, so only the answers can be compared.
        var any = new NewInvoice(
            1,
            FiberCurrency.Fibt,
            Preimage.Parse($"0x{new string('1', 64)}"),
            InvoiceHashAlgorithm.CkbHash,
            TimeSpan.FromHours(1),
            UdtTypeScript: null,
            Description: null);
        var recorded = Vector.Recorded("new_invoice").Select(call => call.Answer).Append(Vector.Read("mainnet-new-invoice")).ToList();

        Assert.True(recorded.Count > 10, $"{recorded.Count} are too few.");
        foreach (var answer in recorded)
        {
            AssertSame(answer, await AskAsync(answer, hub => hub.CreateInvoiceAsync(any, Scene.Ct)));
        }
    }

    [Fact]
    public async Task Every_recorded_node_info()
    {
        foreach (var (_, recorded) in Vector.Recorded("node_info"))
        {
            var info = Answers.Value(await AskAsync(recorded, hub => hub.GetInfoAsync(Scene.Ct)));

            Assert.Equal(recorded.GetProperty("result").GetProperty("pubkey").GetString(), info.Pubkey);
            Assert.Equal("0.8.1", info.Version);
            Assert.Equal(FiberCurrency.Fibt, info.Currency);
            Assert.Equal("RUSD", Assert.Single(info.Tokens).Name);
            Assert.Equal((1U, 0U, 1U), (info.ChannelCount, info.PendingChannelCount, info.PeersCount));
        }
    }

    [Fact]
    public async Task Every_invoice_of_a_real_testnet_node()
    {
        var invoices = Vector.Read("invoices-testnet").EnumerateArray().ToList();

        Assert.Equal(60, invoices.Count);
        foreach (var vector in invoices)
        {
            var text = vector.GetProperty("invoice_address").GetString()!;
            var answer = await AskAsync(Parsed(vector.GetProperty("invoice")), hub => hub.ParseInvoiceAsync(text, Scene.Ct));

            var invoice = Answers.Value(answer);
            AssertSame(vector.GetProperty("invoice"), invoice);
            Assert.Equal(text, invoice.Invoice);
            Assert.Null(invoice.Status);
            if (vector.GetProperty("request").Find("udt_type_script") is { } script)
            {
                var asked = new UdtScript(Text(script, "code_hash"), Text(script, "hash_type"), Text(script, "args"));
                Assert.Equal(asked, invoice.UdtScript);
                Assert.Equal(
                    vector.GetProperty("invoice").Attribute("udt_script")!.Value.GetString(),
                    $"0x{Convert.ToHexStringLower(asked.ToMolecule())}");
            }
        }
    }

    [Fact]
    public async Task Every_text_that_a_real_node_was_asked_to_parse()
    {
        foreach (var vector in Vector.Read("parse-cases").EnumerateArray())
        {
            var text = Text(vector, "invoice");
            var answer = vector.Find("result") is { } result
                ? await AskAsync(Parsed(result), hub => hub.ParseInvoiceAsync(text, Scene.Ct))
                : await AskAsync(Refused(vector.GetProperty("error")), hub => hub.ParseInvoiceAsync(text, Scene.Ct));

            if (vector.Find("result") is { } invoice && InvoiceCodec.Decode(text) is InvoiceReading.Decoded)
            {
                AssertSame(invoice, Answers.Value(answer));
            }
            else
            {
                // Nothing that a node might choke on gets as far as the node.
                Answers.Failure(NodeFailure.InvalidRequest, answer);
            }
        }
    }

    private static void AssertSame(JsonElement recorded, NodeAnswer<HubInvoice> answer)
    {
        if (recorded.Find("error") is { } error)
        {
            var expected = Text(error, "message") switch
            {
                "invoice not found" => NodeFailure.InvoiceNotFound,
                "invoice can not be canceled, current status: Paid" => NodeFailure.InvoiceAlreadyPaid,
                var other => throw new InvalidOperationException($"Not foreseen: {other}"),
            };
            Answers.Failure(expected, answer);
            return;
        }

        var result = recorded.GetProperty("result");
        var invoice = Answers.Value(answer);
        AssertSame(result.GetProperty("invoice"), invoice);
        Assert.Equal(Text(result, "invoice_address"), invoice.Invoice);
        Assert.Equal(result.Find("status")?.GetString() ?? "Open", invoice.Status.ToString());
    }

    private static void AssertSame(JsonElement recorded, HubInvoice invoice)
    {
        var data = recorded.GetProperty("data");
        Assert.Equal(Text(data, "payment_hash"), invoice.PaymentHash.ToString());
        Assert.Equal(Text(recorded, "currency"), invoice.Currency.ToString());
        Assert.Equal(recorded.Find("amount")?.GetString(), invoice.Amount is { } amount ? Hex(amount) : null);
        Assert.Equal(Text(data, "timestamp"), Hex((UInt128)invoice.CreatedAt.ToUnixTimeMilliseconds()));
        Assert.Equal(
            recorded.Attribute("expiry_time")?.GetString(), invoice.Expiry is { } expiry ? Hex((UInt128)expiry.TotalSeconds) : null);
        Assert.Equal(
            recorded.Attribute("hash_algorithm")?.GetString() == "sha256" ? InvoiceHashAlgorithm.Sha256 : InvoiceHashAlgorithm.CkbHash,
            invoice.HashAlgorithm);
        Assert.Equal(recorded.Attribute("udt_script") is null, invoice.UdtScript is null);
    }

    private static async Task<NodeAnswer<T>> AskAsync<T>(JsonElement recorded, Func<JsonRpcHubNode, Task<NodeAnswer<T>>> ask)
    {
        // The recorded calls have the id 1, as the first call of a client has.
        await using var node = new RawNode(_ => RawNode.Response(recorded.GetRawText()));
        using var http = Wire.NewHttpClient();
        using var hub = new JsonRpcHubNode(http, new() { Endpoint = node.Endpoint }, TimeProvider.System);
        return await ask(hub);
    }

    private static JsonElement Parsed(JsonElement invoice) =>
        Json($$$"""{"jsonrpc":"2.0","id":1,"result":{"invoice":{{{invoice.GetRawText()}}}}}""");

    private static JsonElement Refused(JsonElement error) => Json($$$"""{"jsonrpc":"2.0","id":1,"error":{{{error.GetRawText()}}}}""");

    private static JsonElement Json(string text) => JsonSerializer.Deserialize<JsonElement>(text);

    private static string Text(JsonElement parent, string name) => parent.GetProperty(name).GetString()!;

    private static string Hex(UInt128 value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:x}");
}
