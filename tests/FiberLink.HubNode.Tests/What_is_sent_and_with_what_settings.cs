using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace FiberLink.HubNode.Tests;

public sealed class What_is_sent_and_with_what_settings
{
    [Fact]
    public async Task A_request_has_its_own_id_and_one_object_or_nothing_as_parameters()
    {
        await using var node = new RawNode(_ => RawNode.Response("{}"));
        using var http = Wire.NewHttpClient();
        using var hub = new JsonRpcHubNode(http, new() { Endpoint = node.Endpoint }, TimeProvider.System);
        var request = new NewInvoice(
            255,
            FiberCurrency.Fibt,
            Preimage.Parse($"0x{new string('1', 64)}"),
            InvoiceHashAlgorithm.Sha256,
            TimeSpan.FromHours(1),
            new UdtScript($"0x{new string('2', 64)}", "type", "0x03"),
            "a \"tip\"");

        await hub.GetInfoAsync(Scene.Ct);
        await hub.CreateInvoiceAsync(request, Scene.Ct);

        Assert.Equal("""{"jsonrpc":"2.0","id":1,"method":"node_info","params":[]}""", RawNode.Body(node.Requests[0]));
        using var sent = JsonDocument.Parse(RawNode.Body(node.Requests[1]));
        using var expected = JsonDocument.Parse(
            $$$"""
            {"jsonrpc":"2.0","id":2,"method":"new_invoice","params":[{"amount":"0xff","currency":"Fibt",
             "payment_preimage":"0x{{{new string('1', 64)}}}","hash_algorithm":"sha256","expiry":"0xe10","description":"a \"tip\"",
             "udt_type_script":{"code_hash":"0x{{{new string('2', 64)}}}","hash_type":"type","args":"0x03"}}]}
            """);
        Assert.True(JsonElement.DeepEquals(expected.RootElement, sent.RootElement), sent.RootElement.GetRawText());
        Assert.All(node.Requests, head => Assert.Contains("Content-Type: application/json\r\n", head, StringComparison.Ordinal));
    }

    [Fact]
    public void Settings_out_of_range_are_named()
    {
        var node = new Uri("http://127.0.0.1:8227");

        Assert.Empty(Faults(new() { Endpoint = node }));
        Assert.Equal(["CallTimeout"], Faults(new() { Endpoint = node, CallTimeout = TimeSpan.Zero }));
        Assert.Equal(["CallTimeout"], Faults(new() { Endpoint = node, CallTimeout = TimeSpan.FromMinutes(2) }));
        Assert.Equal(["CallsInFlightMax"], Faults(new() { Endpoint = node, CallsInFlightMax = 0 }));
        Assert.Equal(["Endpoint"], Faults(new() { Endpoint = null! }));
    }

    [Theory]
    [InlineData(FiberChain.MainnetGenesis, FiberCurrency.Fibb)]
    [InlineData(FiberChain.TestnetGenesis, FiberCurrency.Fibt)]
    [InlineData("0x0000000000000000000000000000000000000000000000000000000000000000", FiberCurrency.Fibd)]
    public void The_first_block_tells_the_currency(string chainHash, FiberCurrency currency) =>
        Assert.Equal(currency, FiberChain.CurrencyOf(chainHash));

    private static IEnumerable<string> Faults(HubNodeOptions options)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        return results.SelectMany(result => result.MemberNames);
    }
}
