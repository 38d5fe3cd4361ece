using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;

namespace FiberLink.Service.Tests;

public sealed class What_has_ended_is_removed
{
    private const string Claim = "insert into event_store.claims values ('demo', 'tip.create', $1, 'tip', $2)";
    private const string Nonce = "insert into edge.request_nonces values ('demo', $1, $2)";

    [Fact]
    public async Task By_the_service_itself_and_nothing_else_is()
    {
        await using var service = await RunningService.StartAsync();
        var now = service.Clock.GetUtcNow().ToUniversalTime();
        foreach (var sql in (string[])[Claim, Nonce])
        {
            await service.Database.ExecuteAsync(sql, "ended", now.AddHours(-2));
            await service.Database.ExecuteAsync(sql, "lasts", now.AddDays(1));
        }

        await Eventually.HoldsAsync("what has ended is gone", async () => !(await KeysAsync(service)).Contains("ended"), Ct);
        Assert.Equal(["lasts", "lasts"], await KeysAsync(service));
    }

    private static Task<IReadOnlyList<string>> KeysAsync(RunningService service) =>
        service.Database.TextsAsync("select key from event_store.claims union all select nonce from edge.request_nonces");
}
