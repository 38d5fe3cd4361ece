using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;

namespace FiberLink.Service.Tests.Withdrawals;

/// <summary>Coins are owed to members; the room of a token's cell is the hub's to give, out of what is left.</summary>
public sealed class What_a_token_leaves_to_coins
{
    [Fact]
    public async Task Coins_that_are_owed_come_first_though_they_were_asked_for_later()
    {
        await using var service = await TokenScene.StartAsync();
        var chain = service.OnChain!;
        await service.LimitAsync(RunningService.App, new() { ApprovalAbove = 1 });
        await service.GiveAsync("alice", 100, TokenScene.Code);
        await service.GiveAsync("bob", 200, "CKB");
        await chain.FundTokenAsync(500);
        var (token, _) = await service.GrantedAsync("alice", 100, TokenScene.Code);
        await service.StageIsAsync(token, "Queued");
        var (coins, recipient) = await service.GrantedAsync("bob", 200, "CKB");
        await service.AppendAsync(
            new StreamId(RunningService.App, $"withdrawal-{coins.Replace("-", "", StringComparison.Ordinal)}"),
            new WithdrawalEvent.Approved(Guid.Parse(coins), "olga", "a test", service.Clock.GetUtcNow()));

        // Enough for either, and not for both at once; nobody looks at the coins but by way of the token.
        await chain.FundAsync(300, 1, Ct);
        var looks = await LooksAsync(chain);
        await Eventually.HoldsAsync("the wallet is looked at again and again", async () => await LooksAsync(chain) > looks + 3, Ct);
        Assert.Equal("Queued", await service.StageOfAsync(token));

        await chain.FundAsync(1_000, 1, Ct);
        await service.MinedUntilAsync(token, "Completed");
        Assert.Equal("Queued", await service.StageOfAsync(coins));
        Assert.Empty(await chain.CellsOfAsync(recipient, Ct));
    }

    /// <summary>What somebody has waited for so long is not taken away bit by bit by those who come later.</summary>
    [Fact]
    public async Task Coins_that_were_waited_for_long_are_not_used_up_by_tokens()
    {
        await using var service = await TokenScene.StartAsync();
        var chain = service.OnChain!;
        await chain.FundAsync(1_000, 1, Ct);
        await chain.FundTokenAsync(500);
        await service.GiveAsync("alice", 100, TokenScene.Code);
        await service.GiveAsync("bob", 2_000, "CKB");
        var (coins, _) = await service.GrantedAsync("bob", 2_000, "CKB");
        await LookedAtAsync(service, coins);
        service.Clock.Move(TimeSpan.FromMinutes(31));

        var (token, recipient) = await service.GrantedAsync("alice", 100, TokenScene.Code);
        await LookedAtAsync(service, token);
        Assert.Equal("Queued", await service.StageOfAsync(token));

        await chain.FundAsync(1_500, 1, Ct);
        await service.MinedUntilAsync(coins, "Completed");
        await service.MinedUntilAsync(token, "Completed");
        await chain.HasOnceAsync(recipient, 100, TokenScene.Code);
    }

    [Fact]
    public async Task The_reserve_is_not_touched_for_a_token()
    {
        await using var service = await TokenScene.StartAsync(
            s => s with { Payouts = s.Payouts with { Reserve = 900 * PaidChain.Ckb } });
        var chain = service.OnChain!;
        await chain.FundAsync(1_000, 1, Ct);
        await chain.FundTokenAsync(500);
        await service.GiveAsync("alice", 100, TokenScene.Code);
        var (token, _) = await service.GrantedAsync("alice", 100, TokenScene.Code);
        await LookedAtAsync(service, token);
        Assert.Equal("Queued", await service.StageOfAsync(token));

        await chain.FundAsync(100, 1, Ct);
        await service.MinedUntilAsync(token, "Completed");
    }

    /// <summary>It was put off with a reason, or has gone on.</summary>
    private static Task LookedAtAsync(RunningService service, string id) => Eventually.HoldsAsync(
        "it was its turn",
        async () => await service.StageOfAsync(id) != "Queued" || await service.Database.CountAsync(
            "select count(*) from messaging.waiting where body::text like '%' || $1 || '%' and last_error like '%does not cover it%'",
            id) > 0,
        Ct);

    private static async Task<long> LooksAsync(PaidChain chain) =>
        (await chain.Control.CallsAsync(Ct)).GetValueOrDefault("get_cells");
}
