using System.Net;
using System.Text;
using FiberLink.Service.Tests.Scene;
using Microsoft.Extensions.Logging;

namespace FiberLink.Service.Tests;

/// <summary>Nothing that anybody sends brings the service out of step, and what is refused leaves nothing behind.</summary>
public sealed class Bodies_of_every_kind(OneService one) : IClassFixture<OneService>
{
    private const int BodyBytesMax = 1024 * 1024;

    private readonly SignedClient _client = one.Running.Client;

    [Fact]
    public async Task A_mebibyte_is_taken_and_a_byte_more_is_not()
    {
        var largest = await _client.SendAsync(_client.Sign(PingOf(BodyBytesMax)), Ct);
        var larger = await _client.SendAsync(_client.Sign(PingOf(BodyBytesMax + 1)), Ct);

        Assert.Equal("ok", largest.Result.GetProperty("status").GetString());
        AssertTooLarge(larger.Status, larger.Text);
    }

    [Theory]
    [InlineData(BodyBytesMax + 1)]
    [InlineData((3 * BodyBytesMax) + 4097)]
    public async Task A_body_that_does_not_tell_its_length_has_the_same_limit(int length)
    {
        var request = _client.Sign(PingOf(length));
        var head = RawHttp.Bytes(request with { Body = [] }).AsSpan();
        var text = Encoding.UTF8.GetString(head).Replace("Content-Length: 0", "Transfer-Encoding: chunked", StringComparison.Ordinal);
        byte[] bytes =
        [
            .. Encoding.UTF8.GetBytes(text), .. Encoding.ASCII.GetBytes($"{request.Body.Length:x}\r\n"), .. request.Body,
            .. "\r\n0\r\n\r\n"u8,
        ];

        var answer = await RawHttp.SendAsync(one.Running.Url, bytes, isCutShort: false, Ct);
        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        AssertTooLarge(HttpStatusCode.RequestEntityTooLarge, answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
    }

    [Fact]
    public async Task A_body_that_breaks_off_leaves_no_trace()
    {
        await using var service = await RunningService.StartAsync();
        var request = service.Client.Sign(SignedClient.BodyOf("tip.create", TipWish.New().Params));
        var before = await service.Database.TraceAsync();

        // What came is a whole call with a good signature; only the promised length is not reached.
        await RawHttp.SendAsync(service.Url, RawHttp.Bytes(request, request.Body.Length + 10), isCutShort: true, Ct);
        await RawHttp.SendAsync(
            service.Url, RawHttp.Bytes(request with { Body = request.Body[..50] }, request.Body.Length), isCutShort: true, Ct);

        // The nonce is not burnt either.
        Assert.Equal(before, await service.Database.TraceAsync());
        Assert.NotNull((await service.Client.SendAsync(request, Ct)).Result.GetProperty("invoice").GetString());
        Assert.Empty(service.Logs.AtLeast(LogLevel.Error));
    }

    [Fact]
    public async Task What_is_nested_too_deeply_is_a_bad_request()
    {
        var deep = new string('[', 100_000) + new string(']', 100_000);
        var reply = await _client.SendAsync(
            _client.Sign($$"""{"jsonrpc":"2.0","id":1,"method":"health.ping","params":{{deep}}}"""), Ct);

        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
    }

    [Fact]
    public async Task Of_a_key_that_comes_twice_the_last_one_counts()
    {
        var body =
            """
            {"jsonrpc":"1.0","id":1,"id":2,"method":"no.such","method":"tip.status",
             "params":{},"params":{"invoice":"x","invoice":"y"},"jsonrpc":"2.0"}
            """;
        var reply = await _client.SendAsync(_client.Sign(body), Ct);

        reply.AssertError(-32004, "Tip not found");
        Assert.Equal("2", reply.Id);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":"?","method":"health.ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"?"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"health.ping","params":{"?":1}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tip.status","params":{"invoice":"?"}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tip.create","params":{"amount":"?","asset":"?","message":"?"}}""")]
    public async Task Bytes_that_are_not_utf_8_are_a_bad_request(string body)
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(body).SelectMany(b => b == (byte)'?' ? [0xC3, 0x28, 0xFF] : new[] { b })];

        var reply = await _client.SendAsync(_client.Sign(bytes), Ct);
        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Equal(400, reply.Json.GetProperty("statusCode").GetInt32());
    }

    [Theory]
    [InlineData("tip.create", """{"amount":"1","asset":"CKB","postId":"?","fromUserId":"a","toUserId":"b"}""", "postId")]
    [InlineData("tip.create", """{"amount":"1","asset":"CKB","postId":"1","fromUserId":"?","toUserId":"b"}""", "fromUserId")]
    [InlineData("tip.create", """{"amount":"1","asset":"CKB","postId":"1","fromUserId":"a","toUserId":"?"}""", "toUserId")]
    [InlineData("tip.create", """{"amount":"1","asset":"?","postId":"1","fromUserId":"a","toUserId":"b"}""", "asset")]
    [InlineData("tip.create", """{"amount":"?","asset":"CKB","postId":"1","fromUserId":"a","toUserId":"b"}""", "amount")]
    [InlineData("tip.create", """{"amount":"1","asset":"CKB","postId":"1","fromUserId":"a","toUserId":"b","message":"x?"}""", "message")]
    [InlineData("tip.status", """{"invoice":"?"}""", "invoice")]
    [InlineData("tip.get", """{"invoice":"?"}""", "invoice")]
    [InlineData("tip.settled_feed", """{"after":{"settledAt":"2026-01-01T00:00:00.000Z","id":"?"}}""", "after.id")]
    [InlineData("tip.settled_feed", """{"after":{"settledAt":"?","id":"x"}}""", "after.settledAt")]
    [InlineData("dashboard.summary", """{"userId":"?"}""", "userId")]
    [InlineData("dashboard.summary", """{"userId":"a","filters":{"settlementState":"?"}}""", "filters.settlementState")]
    [InlineData("dashboard.summary", """{"userId":"a","filters":{"withdrawalState":"?"}}""", "filters.withdrawalState")]
    public async Task Text_that_is_none_is_refused_wherever_it_stands(string method, string parameters, string path)
    {
        await one.Running.DashboardsAreCurrentAsync();
        var before = await one.Running.Database.TraceAsync();
        foreach (var escape in new[] { @"\ud800", @"\udc00x", @"\u0000" })
        {
            var body = $$"""
                {"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{{parameters.Replace("?", escape, StringComparison.Ordinal)}}}
                """;
            var reply = await _client.SendAsync(_client.Sign(body), Ct);
            reply.AssertError(-32602, "Invalid params");
            Assert.Contains(path, reply.Paths);
        }

        Assert.Equal(before, await one.Running.Database.TraceAsync());
    }

    [Fact]
    public async Task Names_that_are_no_text_are_ignored_like_other_unknown_ones()
    {
        const string Body =
            """{"jsonrpc":"2.0","id":1,"method":"tip.status","params":{"invoice":"x","\ud800":1,"\udc00invoice":2,"\u0000":3}}""";

        (await _client.SendAsync(_client.Sign(Body), Ct)).AssertError(-32004, "Tip not found");
    }

    [Theory]
    [InlineData("x-app-id")]
    [InlineData("x-ts")]
    [InlineData("x-nonce")]
    [InlineData("x-signature")]
    public async Task Huge_header_values_are_refused(string header)
    {
        var request = _client.Sign(PingOf(100));

        (await _client.SendAsync(request.With(header, new string('1', 20_000)), Ct)).AssertUnauthorized();
        var answer = await RawHttp.SendAsync(
            one.Running.Url, RawHttp.Bytes(request.With(header, new string('1', 200_000))), isCutShort: false, Ct);
        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 431 ", StringComparison.Ordinal), answer);
    }

    private static string PingOf(int length)
    {
        const string Head = """{"jsonrpc":"2.0","id":1,"method":"health.ping","params":{"x":" """;
        const string Tail = "\"}}";
        return Head + new string('x', length - Head.Length - Tail.Length) + Tail;
    }

    private static void AssertTooLarge(HttpStatusCode status, string body)
    {
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Equal(
            """{"statusCode":413,"error":"Payload Too Large","message":"Request body is larger than 1048576 bytes"}""", body);
    }
}
