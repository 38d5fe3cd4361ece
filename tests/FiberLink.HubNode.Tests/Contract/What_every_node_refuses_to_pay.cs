using System.Text.Json;

namespace FiberLink.HubNode.Tests.Contract;

/// <summary>The same of every node when it refuses, word for word: past our client, which would not send these.</summary>
public abstract class What_every_node_refuses_to_pay(NodeUnderTest node)
{
    private const string OtherKey = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    private const string Twos = "2222222222222222222222222222222222222222222222222222222222222222";
    private const int Amount = 1_000; // shannon

    protected NodeUnderTest Node => node;

    [Theory]
    [InlineData("\"amount\":\"0x1\"", "amount does not match the invoice")]
    [InlineData($"\"target_pubkey\":\"{OtherKey}\"", "target_pubkey does not match the invoice")]
    [InlineData("\"max_parts\":\"0x2\"", "payment invoice is not allow MPP")]
    [InlineData("\"keysend\":true", "keysend payment should not have invoice")]
    [InlineData("\"tlc_expiry_limit\":\"0x1\"", "tlc_expiry_limit is too small, final_tlc_expiry_delta: 9600000, tlc_expiry_limit: 1")]
    [InlineData("\"trampoline_hops\":[]", "trampoline_hops must be non-empty when provided")]
    [InlineData(
        "\"payment_hash\":\"0x1111111111111111111111111111111111111111111111111111111111111111\"",
        "payment_hash does not match the invoice")]
    public async Task What_contradicts_the_invoice(string member, string why)
    {
        var invoice = await node.PeersInvoiceAsync(Amount);

        Assert.Equal(Invalid(why), await node.RefusedAsync("send_payment", $$"""{"invoice":"{{invoice}}",{{member}}}"""));
    }

    [Theory]
    [InlineData("{}", "target_pubkey is missing")]
    [InlineData("""{"invoice":"fibt1xxxx"}""", "invoice is invalid")]
    [InlineData($$"""{"target_pubkey":"{{OtherKey}}"}""", "amount is missing")]
    [InlineData($$"""{"target_pubkey":"{{OtherKey}}","amount":"0x64"}""", "payment_hash is missing")]
    [InlineData(
        $$"""{"target_pubkey":"{{OtherKey}}","amount":"0x64","keysend":true,"payment_hash":"0x{{Twos}}"}""",
        "keysend payment should not have payment_hash")]
    [InlineData(
        $$"""{"target_pubkey":"{{OtherKey}}","amount":"0x0","keysend":true}""", "amount must be greater than 0")]
    [InlineData(
        $$"""{"target_pubkey":"{{OtherKey}}","amount":"0xffffffffffffffff","keysend":true}""",
        "The payment amount (18446744073709551615) should be less than 18446744073709551615")]
    public async Task What_is_incomplete(string parameters, string why) =>
        Assert.Equal(Invalid(why), await node.RefusedAsync("send_payment", parameters));

    [Theory]
    [InlineData("0x1")]
    [InlineData("0x19")]
    public async Task Too_few_or_too_many_parts(string parts)
    {
        var invoice = await node.PeersInvoiceAsync(Amount, allowsParts: true);

        Assert.Equal(
            Invalid("invalid max_parts, value should be in range [1, 24]"),
            await node.RefusedAsync("send_payment", $$"""{"invoice":"{{invoice}}","max_parts":"{{parts}}"}"""));
    }

    [Fact]
    public async Task An_invoice_of_nothing()
    {
        var invoice = await node.PeersInvoiceAsync(0);

        Assert.Equal(Invalid("amount must be greater than 0"), await node.RefusedAsync("send_payment", $$"""{"invoice":"{{invoice}}"}"""));
    }

    [Fact]
    public async Task An_error_repeats_every_parameter()
    {
        var data = (await node.CallAsync("send_payment", "{}")).GetProperty("error").GetProperty("data");

        Assert.Equal(
            [
                "target_pubkey", "amount", "payment_hash", "final_tlc_expiry_delta", "tlc_expiry_limit", "invoice", "timeout",
                "max_fee_amount", "max_fee_rate", "max_parts", "trampoline_hops", "keysend", "udt_type_script", "allow_self_payment",
                "custom_records", "hop_hints", "dry_run",
            ],
            data.EnumerateObject().Select(m => m.Name));
        Assert.All(data.EnumerateObject(), m => Assert.Equal(JsonValueKind.Null, m.Value.ValueKind));
    }

    [Fact]
    public async Task A_token_that_no_channel_has()
    {
        var invoice = await node.PeersInvoiceAsync(Amount);
        const string Script = $$"""{"code_hash":"0x{{Twos}}","hash_type":"type","args":"0x01"}""";

        // An invoice that names no token doesn't contradict one.
        Assert.Equal(
            "Send payment error: Failed to build route, Insufficient balance: max outbound liquidity 0 is insufficient, "
            + $"required amount: {Amount}",
            await node.RefusedAsync("send_payment", $$"""{"invoice":"{{invoice}}","udt_type_script":{{Script}}}"""));
    }

    [Fact]
    public async Task To_list_pending_channels_with_closed_ones()
    {
        Assert.Equal(
            "only_pending and include_closed are mutually exclusive",
            await node.RefusedAsync("list_channels", """{"only_pending":true,"include_closed":true}"""));
        Assert.Equal(0, await CountAsync("""{"only_pending":true}"""));
        Assert.Equal(0, await CountAsync($$"""{"pubkey":"{{OtherKey}}"}"""));
        Assert.Equal(1, await CountAsync($$"""{"pubkey":"{{(await node.ChannelAsync()).Peer}}"}"""));
    }

    [Fact]
    public async Task A_hash_that_the_payee_does_not_know_and_too_little_for_one_that_he_knows()
    {
        var peer = (await node.ChannelAsync()).Peer;
        var unknown = What_every_node_does_with_invoices.AnyHash();
        var invoice = (await node.CallAsync("parse_invoice", $$"""{"invoice":"{{await node.PeersInvoiceAsync(Amount)}}"}"""))
            .GetProperty("result").GetProperty("invoice").GetProperty("data").GetProperty("payment_hash").GetString()!;

        Assert.Equal("IncorrectOrUnknownPaymentDetails", await FailsAsync(unknown));
        Assert.Equal("FinalIncorrectTlcAmount", await FailsAsync(PaymentHash.Parse(invoice)));

        async Task<string> FailsAsync(PaymentHash hash)
        {
            var sent = await node.CallAsync("send_payment", $$"""{"target_pubkey":"{{peer}}","amount":"0x64","payment_hash":"{{hash}}"}""");
            Assert.True(sent.Find("result") is not null, sent.GetRawText());
            return (await node.BecomesAsync(hash, HubPaymentStatus.Failed)).Failure!.Text;
        }
    }

    private static string Invalid(string why) => $"InvalidParameter: Failed to validate payment request: \"{why}\"";

    private async Task<int> CountAsync(string parameters) =>
        (await node.CallAsync("list_channels", parameters)).GetProperty("result").GetProperty("channels").GetArrayLength();
}
