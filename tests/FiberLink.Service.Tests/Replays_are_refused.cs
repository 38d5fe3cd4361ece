using System.Globalization;
using System.Text;
using FiberLink.Service.Tests.Scene;

namespace FiberLink.Service.Tests;

/// <summary>A request is good once.</summary>
public sealed class Replays_are_refused
{
    private static readonly byte[] Ping = """{"jsonrpc":"2.0","id":1,"method":"health.ping"}"""u8.ToArray();
    private static readonly DateTimeOffset Noon = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("health.ping")]
    [InlineData("tip.create")]
    [InlineData("no.such.method")]
    public async Task A_request_is_taken_once(string method)
    {
        await using var service = await RunningService.StartAsync();
        var request = service.Client.Sign(SignedClient.BodyOf(method, TipWish.New().Params));

        Assert.NotEqual(-32001, (await SendAsync(service, request)).ErrorCode);
        (await SendAsync(service, request)).AssertUnauthorized();

        // The nonce is used up also for another body, and for a read as for a write.
        var again = service.Client.Sign(Ping, request["x-ts"], request["x-nonce"]);
        (await SendAsync(service, again)).AssertUnauthorized();
    }

    [Fact]
    public async Task Of_the_same_request_many_times_at_once_one_is_taken()
    {
        await using var service = await RunningService.StartAsync();
        var request = service.Client.Sign(Ping);

        var replies = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => SendAsync(service, request)));
        Assert.Single(replies, r => r.ErrorCode is null);
        Assert.Equal(39, replies.Count(r => r.ErrorCode == -32001));
    }

    [Fact]
    public async Task Two_communities_may_use_the_same_nonce()
    {
        await using var service = await RunningService.StartAsync();
        var other = await service.NewCommunityAsync();
        var mine = service.Client.Sign(Ping);

        Assert.Null((await SendAsync(service, mine)).ErrorCode);
        Assert.Null((await SendAsync(service, other.Sign(Ping, mine["x-ts"], mine["x-nonce"]))).ErrorCode);
    }

    [Fact]
    public async Task A_forged_request_does_not_use_up_the_nonce_of_a_genuine_one()
    {
        await using var service = await RunningService.StartAsync();
        var request = service.Client.Sign(Ping);

        (await SendAsync(service, request.With("x-signature", new string('a', 64)))).AssertUnauthorized();
        (await SendAsync(service, request with { Body = [.. Ping, (byte)'\n'] })).AssertUnauthorized();
        Assert.Null((await SendAsync(service, request)).ErrorCode);
    }

    /// <summary>W-24: a nonce is remembered for as long as its request is fresh, also when that is stamped in the future.</summary>
    [Theory]
    [InlineData(300)]
    [InlineData(0)]
    [InlineData(-300)]
    public async Task No_moment_lets_a_request_in_again(int stampedAhead)
    {
        var clock = new TestClock();
        clock.StandAt(Noon);
        await using var service = await RunningService.StartAsync(new Opening { Clock = clock });
        var stamp = Noon.AddSeconds(stampedAhead).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var request = service.Client.Sign(Ping, stamp);
        Assert.Null((await SendAsync(service, request)).ErrorCode);

        var nonces = (Authentication.NonceStore)service.Instance.Services.GetService(typeof(Authentication.NonceStore))!;
        for (var second = 0; second <= 700; second += 20)
        {
            clock.StandAt(Noon.AddSeconds(second));
            await nonces.PruneAsync(Ct);
            (await SendAsync(service, request)).AssertUnauthorized();
        }

        // To the very last moment, and then it is forgotten: by now it is stale for ever.
        Assert.Equal(0, await service.Database.CountAsync("select count(*) from edge.request_nonces"));
    }

    /// <summary>W-24.</summary>
    [Fact]
    public async Task The_last_fresh_moment_of_a_request_from_the_future_is_no_gap()
    {
        var clock = new TestClock();
        clock.StandAt(Noon);
        await using var service = await RunningService.StartAsync(new Opening { Clock = clock });
        var request = service.Client.Sign(Ping, Noon.AddSeconds(300).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        Assert.Null((await SendAsync(service, request)).ErrorCode);

        clock.StandAt(Noon.AddSeconds(600));
        (await SendAsync(service, request)).AssertUnauthorized();
        Assert.Equal(1, await service.Database.CountAsync("select count(*) from edge.request_nonces"));
    }

    /// <summary>W-23: what was seen is in the database, not in a process.</summary>
    [Fact]
    public async Task A_restart_forgets_no_request()
    {
        await using var service = await RunningService.StartAsync();
        var request = service.Client.Sign(Ping);
        Assert.Null((await SendAsync(service, request)).ErrorCode);

        await service.RestartAsync();
        (await SendAsync(service, request)).AssertUnauthorized();
    }

    /// <summary>W-23.</summary>
    [Fact]
    public async Task Two_service_nodes_take_a_request_once_between_them()
    {
        await using var service = await RunningService.StartAsync();
        var other = new SignedClient((await service.StartAnotherAsync()).Url, RunningService.App, RunningService.Secret, service.Clock);

        var first = service.Client.Sign(Ping);
        Assert.Null((await SendAsync(service, first)).ErrorCode);
        (await other.SendAsync(first, Ct)).AssertUnauthorized();

        var second = other.Sign(Encoding.UTF8.GetBytes(SignedClient.BodyOf("tip.create", TipWish.New().Params)));
        Assert.Null((await other.SendAsync(second, Ct)).ErrorCode);
        (await SendAsync(service, second)).AssertUnauthorized();
    }

    private static Task<RpcReply> SendAsync(RunningService service, SignedRequest request) => service.Client.SendAsync(request, Ct);
}
