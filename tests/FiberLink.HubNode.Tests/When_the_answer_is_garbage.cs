using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FiberLink.HubNode.Tests;

/// <summary>Each answer starts from a real one and has one thing wrong with it.</summary>
public sealed class When_the_answer_is_garbage
{
    private static readonly JsonElement Good = Vector.Recorded("get_invoice").First(call => call.Answer.Find("result") is not null).Answer;

    private static readonly PaymentHash Hash = PaymentHash.Parse(
        Good.GetProperty("result").GetProperty("invoice").GetProperty("data").GetProperty("payment_hash").GetString()!);

    public static TheoryData<string, string?> ChangesToTheAnswer => new()
    {
        { "id", "2" },
        { "id", "\"1\"" },
        { "id", "null" },
        { "id", null },
        { "jsonrpc", "\"1.0\"" },
        { "jsonrpc", null },
        { "result", null },
        { "result", "[]" },
        { "result", "null" },
        { "error", """{"code":-32000,"message":"and a result too"}""" },
        { "error", "\"text\"" },
        { "result.invoice_address", null },
        { "result.invoice_address", "\"\\ud800\"" },
        { "result.status", null },
        { "result.status", "\"Settled\"" },
        { "result.status", "\"paid\"" },
        { "result.status", "4" },
        { "result.invoice", null },
        { "result.invoice.currency", "\"fibt\"" },
        { "result.invoice.amount", "100000000" },
        { "result.invoice.amount", "\"100000000\"" },
        { "result.invoice.amount", "\"0x05f5e100\"" },
        { "result.invoice.amount", "\"0x100000000000000000000000000000000\"" },
        { "result.invoice.data", null },
        { "result.invoice.data.timestamp", null },
        { "result.invoice.data.timestamp", "1795221418409" },
        { "result.invoice.data.timestamp", "\"0xffffffffffffffff\"" },
        { "result.invoice.data.payment_hash", null },
        { "result.invoice.data.payment_hash", "\"0x12\"" },
        { "result.invoice.data.attrs", null },
        { "result.invoice.data.attrs", "[1]" },
        { "result.invoice.data.attrs", """[{"expiry_time":"3600"}]""" },
        { "result.invoice.data.attrs", """[{"expiry_time":"0xe10"},{"expiry_time":"0xe11"}]""" },
        { "result.invoice.data.attrs", """[{"expiry_time":"0xffffffffffffffff"}]""" },
        { "result.invoice.data.attrs", """[{"hash_algorithm":"md5"}]""" },
        { "result.invoice.data.attrs", """[{"udt_script":"0x00"}]""" },
        { "result.invoice.data.attrs", """[{"udt_script":null}]""" },
    };

    [Theory]
    [MemberData(nameof(ChangesToTheAnswer))]
    public async Task One_wrong_member_makes_it_no_answer(string path, string? value)
    {
        var answer = JsonNode.Parse(Good.GetRawText())!;
        var names = path.Split('.');
        var parent = names[..^1].Aggregate(answer, (node, name) => node[name]!).AsObject();
        if (value is null)
        {
            parent.Remove(names[^1]);
        }
        else
        {
            // Put in as text: half a surrogate cannot be held by a node.
            parent[names[^1]] = "THE VALUE";
        }

        var text = answer.ToJsonString().Replace("\"THE VALUE\"", value, StringComparison.Ordinal);
        Answers.Failure(NodeFailure.NoAnswer, await AskAsync(RawNode.Response(text)));
    }

    [Fact]
    public async Task A_member_told_twice_is_no_answer()
    {
        var text = Good.GetRawText();
        var twice = text.Replace("\"status\":", "\"status\": \"Paid\", \"status\":", StringComparison.Ordinal);

        Assert.NotEqual(text, twice);
        Answers.Failure(NodeFailure.NoAnswer, await AskAsync(RawNode.Response(twice)));
    }

    [Fact]
    public async Task The_answer_without_a_change_is_read() =>
        Assert.Equal(Hash, Answers.Value(await AskAsync(RawNode.Response(Good.GetRawText()))).PaymentHash);

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"resu")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{},\"result\":{}}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"message\":\"no code\"}}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32000.5,\"message\":\"half a code\"}}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32000}}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32603,\"message\":\"Internal error\"}}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32000,\"message\":\"invoice not found\"}}")]
    [InlineData("<html>Bad gateway</html>")]
    public async Task A_body_that_answers_nothing_is_no_answer(string body) =>
        Answers.Failure(NodeFailure.NoAnswer, await AskAsync(RawNode.Response(body)));

    [Theory]
    [InlineData(-32700)]
    [InlineData(-32600)]
    [InlineData(-32602)]
    [InlineData(-32601)]
    public async Task Complaints_about_the_request_are_told_apart(int code)
    {
        var id = code is -32700 or -32600 ? "null" : "1";
        var body = $$$"""{"jsonrpc":"2.0","id":{{{id}}},"error":{"code":{{{code}}},"message":"no"}}""";

        Answers.Failure(NodeFailure.InvalidRequest, await AskAsync(RawNode.Response(body)));
    }

    [Theory]
    [InlineData("500 Internal Server Error", NodeFailure.NoAnswer)]
    [InlineData("502 Bad Gateway", NodeFailure.NoAnswer)]
    [InlineData("503 Service Unavailable", NodeFailure.NoAnswer)]
    [InlineData("404 Not Found", NodeFailure.NoAnswer)]
    [InlineData("204 No Content", NodeFailure.NoAnswer)]
    [InlineData("400 Bad Request", NodeFailure.InvalidRequest)]
    [InlineData("405 Method Not Allowed", NodeFailure.InvalidRequest)]
    [InlineData("413 Content Too Large", NodeFailure.InvalidRequest)]
    [InlineData("415 Unsupported Media Type", NodeFailure.InvalidRequest)]
    [InlineData("401 Unauthorized", NodeFailure.Unauthorized)]
    [InlineData("403 Forbidden", NodeFailure.Unauthorized)]
    public async Task Every_http_status_has_its_meaning(string status, NodeFailure expected) =>
        Answers.Failure(expected, await AskAsync(RawNode.Response(status.StartsWith("204", StringComparison.Ordinal) ? "" : "{}", status)));

    [Fact]
    public async Task A_body_cut_short_is_no_answer()
    {
        var whole = RawNode.Response(Good.GetRawText());

        Answers.Failure(NodeFailure.NoAnswer, await AskAsync(whole[..^10]));
        Answers.Failure(NodeFailure.NoAnswer, await AskAsync([]));
        Answers.Failure(NodeFailure.NoAnswer, await AskAsync(Encoding.ASCII.GetBytes("SSH-2.0-OpenSSH_9.2\r\n")));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(2_000_000, false)]
    public async Task A_huge_body_is_not_taken_in(int padding, bool isRead)
    {
        var answer = await AskAsync(RawNode.Response(Good.GetRawText() + new string(' ', padding)));

        Assert.Equal(isRead, answer is NodeAnswer<HubInvoice>.Ok);
        if (!isRead)
        {
            Answers.Failure(NodeFailure.NoAnswer, answer);
        }
    }

    [Fact]
    public async Task Broken_utf8_is_no_answer()
    {
        var text = RawNode.Response(Good.GetRawText());
        text[Array.LastIndexOf(text, (byte)'O')] = 0xff; // The "O" of "Open".

        Answers.Failure(NodeFailure.NoAnswer, await AskAsync(text));
    }

    private static async Task<NodeAnswer<HubInvoice>> AskAsync(byte[] response)
    {
        await using var node = new RawNode(_ => response);
        using var http = Wire.NewHttpClient();
        using var hub = new JsonRpcHubNode(http, new() { Endpoint = node.Endpoint }, TimeProvider.System);
        return await hub.FindInvoiceAsync(Hash, Scene.Ct);
    }
}
