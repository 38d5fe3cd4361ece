using System.Globalization;
using FiberLink.Service.Tests.Scene;

namespace FiberLink.Service.Tests;

/// <summary>A request is from a community or it is from nobody, and nobody is told which of the checks said so.</summary>
public sealed class Who_signed_a_request(OneService one) : IClassFixture<OneService>
{
    private static readonly byte[] Ping = """{"jsonrpc":"2.0","id":1,"method":"health.ping"}"""u8.ToArray();

    private readonly SignedClient _client = one.Running.Client;

    [Theory]
    [InlineData("x-app-id")]
    [InlineData("x-ts")]
    [InlineData("x-nonce")]
    [InlineData("x-signature")]
    public async Task Each_header_is_needed_once(string header)
    {
        var request = _client.Sign(Ping);

        (await _client.SendAsync(request.Without(header), Ct)).AssertUnauthorized();
        (await _client.SendAsync(request.With(header, ""), Ct)).AssertUnauthorized();
        (await _client.SendAsync(request.With(header, $"{request[header]}, {request[header]}"), Ct)).AssertUnauthorized();

        var twice = await RawHttp.SendAsync(
            one.Running.Url,
            RawHttp.Bytes(request with { Headers = [.. request.Headers, (header, request[header])] }),
            isCutShort: false,
            Ct);
        Assert.Contains("\"code\":-32001", twice, StringComparison.Ordinal);

        // None of it has used up the nonce.
        Assert.Null((await _client.SendAsync(request, Ct)).ErrorCode);
    }

    [Fact]
    public async Task Header_names_are_of_any_case()
    {
        var request = _client.Sign(Ping);
        var reply = await _client.SendAsync(
            request with { Headers = [.. request.Headers.Select(h => (h.Name.ToUpperInvariant(), h.Value))] }, Ct);

        Assert.Null(reply.ErrorCode);
    }

    [Theory]
    [InlineData("x-app-id", "demo2")]
    [InlineData("x-app-id", "DEMO")]
    [InlineData("x-nonce", "another")]
    [InlineData("x-signature", "0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("x-signature", "00")]
    public async Task What_was_not_signed_is_refused(string header, string value) =>
        (await _client.SendAsync(_client.Sign(Ping).With(header, value), Ct)).AssertUnauthorized();

    [Fact]
    public async Task A_signature_of_other_letters_is_none()
    {
        var request = _client.Sign(Ping);
        var letters = new string('谢', 64);

        var answer = await RawHttp.SendAsync(
            one.Running.Url, RawHttp.Bytes(request.With("x-signature", letters)), isCutShort: false, Ct);
        Assert.Contains("\"code\":-32001", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upper_case_digits_are_no_signature()
    {
        var request = _client.Sign(Ping);
        (await _client.SendAsync(request.With("x-signature", request["x-signature"].ToUpperInvariant()), Ct)).AssertUnauthorized();
    }

    [Theory]
    [InlineData(-300, true)]
    [InlineData(300, true)]
    [InlineData(-301, false)]
    [InlineData(301, false)]
    public async Task The_window_is_five_minutes_either_way_to_the_second(int seconds, bool isFresh)
    {
        var (service, client) = await StandingAsync();
        await using var running = service;
        var stamp = service.Clock.GetUtcNow().ToUnixTimeSeconds() + seconds;

        Assert.Equal(isFresh ? null : -32001, (await SendAsync(client, Text(stamp))).ErrorCode);
    }

    [Fact]
    public async Task The_window_is_kept_to_the_millisecond()
    {
        var (service, client) = await StandingAsync();
        await using var running = service;
        var now = service.Clock.GetUtcNow().ToUnixTimeSeconds();
        service.Clock.Move(TimeSpan.FromMilliseconds(1));

        (await SendAsync(client, Text(now - 300))).AssertUnauthorized();
        Assert.Null((await SendAsync(client, Text(now - 299))).ErrorCode);
        Assert.Null((await SendAsync(client, Text(now + 300))).ErrorCode);
    }

    [Theory]
    [InlineData("{0}.0")]
    [InlineData("{0}.5")]
    [InlineData("-{0}")]
    [InlineData("+{0}")]
    [InlineData("{0}e0")]
    [InlineData("{0}000")]
    [InlineData("0x{0}")]
    [InlineData("{0} {0}")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("999999999999")]
    [InlineData("99999999999999999999999999999999999999999999")]
    [InlineData("1e99")]
    public async Task A_timestamp_is_whole_seconds_in_decimal(string form)
    {
        var stamp = string.Format(CultureInfo.InvariantCulture, form, Text(one.Running.Clock.GetUtcNow().ToUnixTimeSeconds()));

        (await SendAsync(_client, stamp)).AssertUnauthorized();
    }

    [Fact]
    public async Task A_community_that_does_not_exist_signs_for_nobody()
    {
        (await SendAsync(one.Running.ClientOf("nobody", RunningService.Secret))).AssertUnauthorized();
        (await SendAsync(one.Running.ClientOf("", RunningService.Secret))).AssertUnauthorized();
        (await SendAsync(one.Running.ClientOf("nobody", ""))).AssertUnauthorized();
    }

    /// <summary>W-25: no secret is accepted for more than its own community.</summary>
    [Fact]
    public async Task The_secret_of_one_community_does_not_sign_for_another()
    {
        var other = await one.Running.NewCommunityAsync();

        Assert.Null((await SendAsync(other)).ErrorCode);
        (await SendAsync(one.Running.ClientOf(other.App, RunningService.Secret))).AssertUnauthorized();
    }

    private static async Task<(RunningService Service, SignedClient Client)> StandingAsync()
    {
        var clock = new TestClock();
        clock.StandAt(new DateTimeOffset(2026, 7, 1, 12, 0, 0, TimeSpan.Zero));
        var service = await RunningService.StartAsync(new Opening { Clock = clock });
        return (service, service.Client);
    }

    private static Task<RpcReply> SendAsync(SignedClient client) => client.SendAsync(client.Sign(Ping), Ct);

    private static Task<RpcReply> SendAsync(SignedClient client, string stamp) => client.SendAsync(client.Sign(Ping, stamp), Ct);

    private static string Text(long seconds) => seconds.ToString(CultureInfo.InvariantCulture);
}
