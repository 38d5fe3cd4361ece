using System.Net;
using System.Text;
using FiberLink.Service.Tests.Scene;

namespace FiberLink.Service.Tests;

/// <summary>Body, then envelope, then signature, then method, then parameters: each check before those that come after it.</summary>
public sealed class Calls_are_checked_in_order(OneService one) : IClassFixture<OneService>
{
    private const string Ping = """{"jsonrpc":"2.0","id":"p","method":"health.ping","params":{}}""";

    private readonly SignedClient _client = one.Running.Client;

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("Application/JSON")]
    public async Task Json_is_taken_by_its_content_type(string contentType)
    {
        var reply = await _client.SendAsync(_client.Sign(Ping) with { ContentType = contentType }, Ct);

        Assert.Equal("""{"jsonrpc":"2.0","id":"p","result":{"status":"ok"}}""", reply.Text);
        Assert.StartsWith("application/json", reply.ContentType, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json-rpc")]
    [InlineData(null)]
    public async Task Any_other_content_type_is_an_unreadable_body(string? contentType) =>
        AssertUnreadable(await _client.SendAsync(_client.Sign(Ping) with { ContentType = contentType }, Ct));

    [Fact]
    public async Task An_empty_body_is_unreadable() => AssertUnreadable(await _client.SendAsync(_client.Sign(""), Ct));

    [Theory]
    [InlineData("{")]
    [InlineData("no json")]
    [InlineData("{\"jsonrpc\":\"2.0\",}")]
    [InlineData("{} {}")]
    [InlineData("{\"a\":01}")]
    [InlineData(" ")]
    public async Task What_is_not_json_is_a_bad_request(string body)
    {
        var reply = await _client.SendAsync(_client.Sign(body), Ct);

        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Equal(["statusCode", "error", "message"], reply.Json.EnumerateObject().Select(p => p.Name));
        Assert.Equal(400, reply.Json.GetProperty("statusCode").GetInt32());
        Assert.Equal("Bad Request", reply.Json.GetProperty("error").GetString());
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[" + Ping + "]")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("1")]
    [InlineData("{}")]
    [InlineData("""{"jsonrpc":"2.0","method":"health.ping","params":{}}""")]
    [InlineData("""{"jsonrpc":"1.0","id":1,"method":"health.ping"}""")]
    [InlineData("""{"jsonrpc":2.0,"id":1,"method":"health.ping"}""")]
    [InlineData("""{"id":1,"method":"health.ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":true,"method":"health.ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":{},"method":"health.ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":[1],"method":"health.ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":""}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":null}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":7}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"\ud800"}""")]
    [InlineData("""{"jsonrpc":"\ud800","id":1,"method":"health.ping"}""")]
    public async Task An_envelope_that_is_none_is_refused_before_anybody_asks_who_sent_it(string body)
    {
        var unsigned = new SignedRequest("/rpc", "application/json", Encoding.UTF8.GetBytes(body), []);

        foreach (var request in new[] { unsigned, _client.Sign(body) })
        {
            var reply = await _client.SendAsync(request, Ct);
            reply.AssertError(-32600, "Invalid Request");
            Assert.Equal("null", reply.Id);
        }
    }

    [Theory]
    [InlineData("\"p\"")]
    [InlineData("\"\\u003c\\/\\\"\\ud83d\\ude00 谢谢\"")]
    [InlineData("\"\\ud800\"")]
    [InlineData("\"\"")]
    [InlineData("0")]
    [InlineData("-7")]
    [InlineData("1e3")]
    [InlineData("1.50")]
    [InlineData("123456789012345678901234567890123456789012345678901234567890")]
    [InlineData("null")]
    public async Task The_id_comes_back_to_the_letter(string id)
    {
        var body = $$"""{"jsonrpc":"2.0","id":{{id}},"method":"health.ping"}""";
        var good = await _client.SendAsync(_client.Sign(body), Ct);
        var unsigned = await _client.SendAsync(_client.Sign(body) with { Headers = [] }, Ct);

        Assert.Equal(id, good.Id);
        Assert.Null(good.ErrorCode);
        Assert.Equal(id, unsigned.Id);
        unsigned.AssertUnauthorized();
    }

    [Fact]
    public async Task Only_those_who_sign_hear_that_a_method_does_not_exist()
    {
        var request = _client.Sign(SignedClient.BodyOf("tip.steal", new { }));

        (await _client.SendAsync(request with { Headers = [] }, Ct)).AssertUnauthorized();
        (await _client.SendAsync(request, Ct)).AssertError(-32601, "Method not found");
        (await _client.CallAsync(new string('m', 200_000), new { }, Ct)).AssertError(-32601, "Method not found");
        (await _client.CallAsync("TIP.CREATE", new { }, Ct)).AssertError(-32601, "Method not found");
    }

    [Fact]
    public async Task Parameters_are_looked_at_last()
    {
        var request = _client.Sign(SignedClient.BodyOf("tip.create", new { }));

        (await _client.SendAsync(request.With("x-signature", new string('0', 64)), Ct)).AssertUnauthorized();
        (await _client.SendAsync(request, Ct)).AssertError(-32602, "Invalid params");
    }

    [Theory]
    [InlineData("null", "null")]
    [InlineData("7", "number")]
    [InlineData("\"x\"", "string")]
    [InlineData("[]", "array")]
    [InlineData("true", "boolean")]
    public async Task Parameters_that_are_no_object_are_refused_by_every_method_that_has_some(string parameters, string kind)
    {
        foreach (var method in new[] { "tip.create", "tip.status", "tip.get", "tip.settled_feed", "dashboard.summary" })
        {
            var body = $$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{{parameters}}}""";
            var reply = await _client.SendAsync(_client.Sign(body), Ct);
            reply.AssertError(-32602, "Invalid params");
            Assert.Contains(kind, reply.FirstIssue, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/rpc")]
    [InlineData("//rpc")]
    [InlineData("/rpc/")]
    [InlineData("//rpc/")]
    public async Task The_address_may_have_a_slash_too_many(string path)
    {
        var reply = await _client.SendAsync(_client.Sign(Ping) with { Path = path }, Ct);

        Assert.Equal("ok", reply.Result.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Unknown_members_of_the_envelope_are_ignored()
    {
        const string Body =
            """{"extra":{"a":[1]},"jsonrpc":"2.0","\u0069d":"x","method":"health.ping","params":null,"":0,"\ud800jsonrpc":1,"\ud800":2}""";

        var reply = await _client.SendAsync(_client.Sign(Body), Ct);
        Assert.Equal("ok", reply.Result.GetProperty("status").GetString());
        Assert.Equal("\"x\"", reply.Id);
    }

    private static void AssertUnreadable(RpcReply reply)
    {
        Assert.Equal(HttpStatusCode.InternalServerError, reply.Status);
        Assert.Equal(
            """{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"Internal error: could not read raw request body."}}""",
            reply.Text);
    }
}
