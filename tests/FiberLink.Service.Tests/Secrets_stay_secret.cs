using System.Security.Cryptography;
using System.Text;
using FiberLink.HubNode;
using FiberLink.Service.Secrets;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Service.Tests;

public sealed class Secrets_stay_secret
{
    private static readonly byte[] Ping = """{"jsonrpc":"2.0","id":1,"method":"health.ping"}"""u8.ToArray();

    /// <summary>W-26: a new secret is given out before the old one ends, and the old one ends.</summary>
    [Fact]
    public async Task While_a_secret_is_replaced_both_sign_and_then_only_the_new_one()
    {
        await using var service = await RunningService.StartAsync();
        const string NewSecret = "the-next-secret-of-the-demo-community";
        var (old, @new) = (service.Client, service.ClientOf(RunningService.App, NewSecret));
        Assert.Null((await PingAsync(old)).ErrorCode);
        (await PingAsync(@new)).AssertUnauthorized();

        await service.RotateAsync(RunningService.App, NewSecret, TimeSpan.FromHours(1));
        service.Clock.Move(TimeSpan.FromSeconds(10));
        Assert.Null((await PingAsync(@new)).ErrorCode);
        Assert.Null((await PingAsync(old)).ErrorCode);

        service.Clock.Move(TimeSpan.FromMinutes(58));
        Assert.Null((await PingAsync(old)).ErrorCode);
        service.Clock.Move(TimeSpan.FromMinutes(2));
        (await PingAsync(old)).AssertUnauthorized();
        Assert.Null((await PingAsync(@new)).ErrorCode);
    }

    [Fact]
    public async Task A_secret_that_is_replaced_at_once_ends_at_once()
    {
        await using var service = await RunningService.StartAsync();
        const string NewSecret = "the-next-secret-of-the-demo-community";
        Assert.Null((await PingAsync(service.Client)).ErrorCode);

        await service.RotateAsync(RunningService.App, NewSecret, TimeSpan.Zero);
        service.Clock.Move(TimeSpan.FromSeconds(6));
        (await PingAsync(service.Client)).AssertUnauthorized();
        Assert.Null((await PingAsync(service.ClientOf(RunningService.App, NewSecret))).ErrorCode);
    }

    /// <summary>W-26, W-34: whoever reads the database or the logs learns no secret, no preimage and none of the members' words.</summary>
    [Fact]
    public async Task Neither_the_database_nor_the_logs_tell_any_of_it()
    {
        await using var service = await RunningService.StartAsync();
        const string Words = "only for your eyes 谢谢";
        var request = service.Client.Sign(SignedClient.BodyOf("tip.create", (TipWish.New() with { Message = Words }).Params));
        var invoice = (await service.Client.SendAsync(request, Ct)).Result.GetProperty("invoice").GetString()!;
        await service.Client.SendAsync(request, Ct);
        await service.Client.SendAsync(service.Client.Sign(Ping).With("x-signature", request["x-signature"]), Ct);
        await service.Control.PayAsync(invoice, Ct);
        await service.ReachesAsync(invoice, "SETTLED");
        await service.DashboardsAreCurrentAsync();
        await Eventually.HoldsAsync(
            "the settlement is logged", () => service.Logs.Text.Contains(" settled (late", StringComparison.Ordinal), Ct);

        var tipId = Guid.ParseExact(
            (await service.Database.TextsAsync("select distinct stream_id from event_store.mt_events where stream_id like 'tip-%'"))
                .Single()["tip-".Length..],
            "N");
        var preimage = PreimageOf(service, tipId);
        var hash = Preimage.FromBytes(preimage).Hash(InvoiceHashAlgorithm.CkbHash).ToString();
        Assert.Contains(hash, await service.Database.DumpAsync(), StringComparison.Ordinal);

        var places = await service.Database.DumpAsync() + service.Logs.Text;
        string[] texts = [RunningService.Secret, Words, request["x-signature"]];
        byte[][] hidden =
        [
            preimage, service.Settings.MasterKeys[0], Convert.FromHexString(request["x-signature"]),
            .. texts.Select(Encoding.UTF8.GetBytes),
        ];
        Assert.All(
            texts.Concat(hidden.Select(Convert.ToHexString)).Concat(hidden.Select(h => Convert.ToBase64String(h)[..^4])),
            form => Assert.DoesNotContain(form, places, StringComparison.OrdinalIgnoreCase));

        // It would be no find if nothing had been looked at.
        Assert.Contains(tipId.ToString(), places, StringComparison.Ordinal);
    }

    /// <summary>W-34.</summary>
    [Fact]
    public async Task Erasing_a_members_key_erases_the_words_and_nothing_else()
    {
        await using var service = await RunningService.StartAsync();
        var (mine, other) = (TipWish.New() with { Message = "mine" }, TipWish.New() with { Message = "another's" });
        foreach (var wish in new[] { mine, other with { To = mine.To } })
        {
            var invoice = await service.Client.TipAsync(wish, Ct);
            await service.Control.PayAsync(invoice, Ct);
            await service.ReachesAsync(invoice, "SETTLED");
        }

        await service.DashboardsAreCurrentAsync();
        Assert.Equal(["another's", "mine"], await MessagesAsync(service, mine.To));

        await service.Database.ExecuteAsync("delete from vault.member_keys where member = $1", mine.From);
        service.Clock.Move(TimeSpan.FromMinutes(2));
        Assert.Equal(["another's", null], await MessagesAsync(service, mine.To));
        Assert.Equal("2", await service.Client.BalanceAsync(mine.To, Ct));
        var feed = (await service.Client.CallAsync("tip.settled_feed", new { }, Ct)).Result.GetProperty("items");
        Assert.Equal([null, "another's"], feed.EnumerateArray().Select(i => i.GetProperty("message").GetString()));
    }

    private static async Task<IReadOnlyList<string?>> MessagesAsync(RunningService service, string member) =>
    [
        .. (await service.Client.DashboardAsync(member, Ct)).GetProperty("tips").EnumerateArray()
            .Select(t => t.GetProperty("message").GetString()),
    ];

    private static byte[] PreimageOf(RunningService service, Guid tipId)
    {
        var keys = service.Instance.Services.GetRequiredService<MasterKeys>();
        return HMACSHA256.HashData(keys.Derive(keys.CurrentId, "preimages"), Encoding.UTF8.GetBytes($"tip/{tipId:N}"));
    }

    private static Task<RpcReply> PingAsync(SignedClient client) => client.SendAsync(client.Sign(Ping), Ct);
}
