using System.Text.Json;

namespace FiberLink.HubNode.Tests;

/// <summary>On the bare wire: codes, texts and forms that real nodes have shown.</summary>
public sealed class The_sandbox_keeps_the_nodes_rules
{
    private const string Hash = "0xabababababababababababababababababababababababababababababababab";
    private const string Preimage = "0x0000000000000000000000000000000000000000000000000000000000000001";
    private const string HashOfPreimage = "0xcb7bce98a778f130d34da522623d7e56705bddfe0dc4781bd2331211134a19a5";

    public static TheoryData<string, int, string> Refusals => new()
    {
        { """{"amount":"0x1","currency":"Fibb"}""", -32000, "Currency must be Fibt with the chain network" },
        {
            $$"""{"amount":"0x1","currency":"Fibt","payment_hash":"{{Hash}}","payment_preimage":"{{Preimage}}"}""",
            -32000, "Both payment_hash and payment_preimage are set"
        },
        {
            """{"amount":"0x1","currency":"Fibt","final_expiry_delta":"0x927bff"}""",
            -32000, "final_expiry_delta must be greater than or equal to 9600000"
        },
        {
            $$"""{"amount":"0x1","currency":"Fibt","description":"{{new string('x', 640)}}"}""",
            -32000, "Description with length of 640 is too long, max length is 639"
        },
        { """{"currency":"Fibt"}""", -32602, "missing field `amount`" },
        { """{"amount":"0x1"}""", -32602, "missing field `currency`" },
        { """{"amount":"10","currency":"Fibt"}""", -32602, "uint hex string does not start with 0x: 10" },
        { """{"amount":10,"currency":"Fibt"}""", -32602, "invalid type: integer `10`, expected a string" },
        { """{"amount":"0x01","currency":"Fibt"}""", -32602, "uint hex string starts with redundant leading zeros: 0x01" },
        { """{"amount":"0x1","currency":"fibt"}""", -32602, "unknown variant `fibt`, expected one of `Fibb`, `Fibt`, `Fibd`" },
        { """{"amount":"0x1","currency":"Fibt","payment_hash":"0xab"}""", -32602, "failed to convert vector into type" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_new_invoice_is_refused_in_the_nodes_words(string parameters, int code, string text)
    {
        await using var scene = await Scene.StartAsync();

        var answer = await scene.CallAsync("new_invoice", parameters);

        var data = answer.GetProperty("error").Find("data");
        Assert.Equal(code == -32602 ? (code, "Invalid params") : (code, text), Wire.Error(answer));
        Assert.Equal(code == -32602 ? JsonValueKind.String : JsonValueKind.Object, data!.Value.ValueKind);
        Assert.True(code != -32602 || data.Value.GetString() == text, data.Value.GetRawText());
        Assert.Empty(await scene.Control.ListAsync(Scene.Ct));
    }

    [Fact]
    public async Task Recorded_requests_get_answers_of_the_recorded_form()
    {
        await using var scene = await Scene.StartAsync();

        foreach (var (parameters, recorded) in Vector.Recorded("new_invoice"))
        {
            var answer = await scene.CallAsync("new_invoice", parameters.GetRawText());

            Assert.Equal(Form(recorded), Form(answer));
        }

        Assert.Equal(Form(Vector.Recorded("node_info").First().Answer), Form(await scene.PostAsync(
            """{"jsonrpc":"2.0","id":7,"method":"node_info","params":[]}""") ?? default));
        Assert.Equal(Form(Vector.Recorded("list_channels").First().Answer), Form(await scene.CallAsync("list_channels", "{}")));
    }

    [Fact]
    public async Task Recorded_errors_are_the_sandboxes_errors()
    {
        await using var scene = await Scene.StartAsync();
        var hold = $$"""{"amount":"0x3e8","currency":"Fibt","payment_hash":"{{HashOfPreimage}}","expiry":"0xe10"}""";
        await scene.CallAsync("new_invoice", hold);
        var mine = $$"""{"payment_hash":"{{HashOfPreimage}}"}""";
        var settle = $$"""{"payment_hash":"{{HashOfPreimage}}","payment_preimage":"{{Preimage}}"}""";

        Assert.Equal((-32000, "invoice already exists"), Wire.Error(await scene.CallAsync("new_invoice", hold)));
        Assert.Equal(Recorded("get_invoice"), Wire.Error(await scene.CallAsync("get_invoice", $$"""{"payment_hash":"{{Hash}}"}""")));
        Assert.Equal(
            Recorded("settle_invoice", "Hash mismatch"),
            Wire.Error(await scene.CallAsync("settle_invoice", settle.Replace("01\"}", "02\"}", StringComparison.Ordinal))));
        Assert.Equal((-32000, "Invoice is still open"), Wire.Error(await scene.CallAsync("settle_invoice", settle)));

        await scene.Control.PayAsync(HashOfPreimage, Scene.Ct);
        Assert.Equal("Received", (await scene.CallAsync("get_invoice", mine)).GetProperty("result").GetProperty("status").GetString());
        Assert.Equal("{}", (await scene.CallAsync("settle_invoice", settle)).GetProperty("result").GetRawText());

        Assert.Equal(Recorded("settle_invoice", "Invoice is already paid"), Wire.Error(await scene.CallAsync("settle_invoice", settle)));
        Assert.Equal(Recorded("cancel_invoice"), Wire.Error(await scene.CallAsync("cancel_invoice", mine)));
    }

    [Fact]
    public async Task A_settle_tells_each_status_apart()
    {
        await using var scene = await Scene.StartAsync();
        var settle = $$"""{"payment_hash":"{{HashOfPreimage}}","payment_preimage":"{{Preimage}}"}""";
        Assert.Equal((-32000, "Invoice not found"), Wire.Error(await scene.CallAsync("settle_invoice", settle)));
        await scene.CallAsync(
            "new_invoice", $$"""{"amount":"0x3e8","currency":"Fibt","payment_hash":"{{HashOfPreimage}}","expiry":"0xe10"}""");

        scene.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal((-32000, "Invoice is already expired"), Wire.Error(await scene.CallAsync("settle_invoice", settle)));
        await scene.CallAsync("cancel_invoice", $$"""{"payment_hash":"{{HashOfPreimage}}"}""");
        Assert.Equal((-32000, "Invoice is already cancelled"), Wire.Error(await scene.CallAsync("settle_invoice", settle)));
    }

    [Fact]
    public async Task Texts_are_parsed_or_refused_as_by_a_real_node()
    {
        await using var scene = await Scene.StartAsync();
        foreach (var vector in Vector.Read("parse-cases").EnumerateArray().Where(v => v.Find("error") is not null))
        {
            var invoice = vector.GetProperty("invoice").GetRawText();

            var answer = await scene.CallAsync("parse_invoice", $$"""{"invoice":{{invoice}}}""");

            var recorded = vector.GetProperty("error");
            Assert.Equal((recorded.GetProperty("code").GetInt32(), recorded.GetProperty("message").GetString()), Wire.Error(answer));
        }
    }

    [Fact]
    public async Task An_invoice_with_another_amount_and_a_right_checksum_is_not_its_own()
    {
        await using var scene = await Scene.StartAsync();
        var invoice = await scene.CreateAsync();
        Bech32.Decode(invoice.Invoice, out _, out var groups);

        var changed = await scene.CallAsync("parse_invoice", $$"""{"invoice":"{{Bech32.Encode("fibt200000000", groups)}}"}""");
        var padded = await scene.CallAsync("parse_invoice", $$"""{"invoice":"{{Bech32.Encode("fibt00100000000", groups)}}"}""");
        var upper = await scene.CallAsync("parse_invoice", $$"""{"invoice":"{{invoice.Invoice.ToUpperInvariant()}}"}""");

        Assert.Equal((-32000, "Invalid signature"), Wire.Error(changed));
        Assert.NotNull(padded.Find("result"));
        Assert.NotNull(upper.Find("result"));
    }

    [Fact]
    public async Task Unknown_methods_are_forbidden_and_batches_are_answered_one_by_one()
    {
        await using var scene = await Scene.StartAsync();

        Assert.Equal((-32999, "Unauthorized"), Wire.Error(await scene.CallAsync("get_invoise", "{}")));
        Assert.Equal(-32700, Wire.Error((await scene.PostAsync("{"))!.Value).Code);
        Assert.Equal(-32600, Wire.Error((await scene.PostAsync("[]"))!.Value).Code);
        Assert.Equal(-32600, Wire.Error((await scene.PostAsync("1"))!.Value).Code);
        Assert.Null(await scene.PostAsync("""{"jsonrpc":"2.0","method":"node_info","params":[]}"""));

        var batch = await scene.PostAsync(
            """
            [{"jsonrpc":"2.0","id":"a","method":"list_peers","params":[]},
             {"jsonrpc":"2.0","method":"node_info","params":[]},
             {"jsonrpc":"2.0","id":2,"method":"get_invoice","params":[]}]
            """);
        Assert.Equal(["a", "2"], batch!.Value.EnumerateArray().Select(answer => answer.GetProperty("id").ToString()));
        Assert.Equal(-32602, Wire.Error(batch.Value[1]).Code);
    }

    private static (int Code, string Message) Recorded(string method, string? text = null) =>
        Vector.Recorded(method).Select(call => call.Answer).Where(answer => answer.Find("error") is not null).Select(Wire.Error)
            .First(error => text is null || error.Message == text);

    /// <summary>
    /// Names and kinds of all members in their order, and how strings begin: what a value is may differ, what it looks like may not.
    /// Lists that are empty on one side only and names that one may leave out are not compared.
    /// </summary>
    private static string Form(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => $"{{{string.Join(',', element.EnumerateObject().Select(m => $"{m.Name}:{FormOfMember(m)}"))}}}",
        JsonValueKind.Array => $"[{string.Join(',', element.EnumerateArray().Select(Form))}]",
        JsonValueKind.String => element.GetString()!.StartsWith("0x", StringComparison.Ordinal) ? "hex" : "text",
        var kind => kind.ToString(),
    };

    private static string FormOfMember(JsonProperty member) => member.Name switch
    {
        "id" or "addresses" or "node_name" or "cell_deps" or "pending_tlcs" => "any",
        "signature" => $"{member.Value.GetString()!.Length} digits",
        _ => Form(member.Value),
    };
}
