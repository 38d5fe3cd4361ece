using System.Globalization;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;

namespace FiberLink.Service.Tests.Withdrawals;

/// <summary>The wallet is empty, and many wait for it. They are paid once it is filled, and ask little until then.</summary>
public sealed class Many_who_wait_for_the_same_coins
{
    private const int Many = 60;
    private const int Rounds = 10;

    [Fact]
    public async Task Look_at_the_wallet_together_and_not_each_for_himself()
    {
        await using var service = await WaitingAsync();
        await service.OnChain!.Control.ResetAsync(Ct);

        for (var round = 0; round < Rounds; round++)
        {
            await PassAsync(service, TimeSpan.FromSeconds(3));
        }

        // One look in each round, and those of whoever watches the hub's money beside.
        Assert.InRange((await service.OnChain.Control.CallsAsync(Ct))["get_cells"], 1, 2 * Rounds);
    }

    [Fact]
    public async Task Ask_seldom_when_they_are_far_behind_and_are_paid_all_the_same()
    {
        await using var service = await WaitingAsync();

        await PassAsync(service, TimeSpan.FromHours(1));

        Assert.Equal(20, await DueAsync(service, TimeSpan.FromSeconds(3)));
        Assert.Equal(20, await DueAsync(service, TimeSpan.FromSeconds(59)));
        Assert.Equal(Many, await DueAsync(service, TimeSpan.FromSeconds(60)));

        await service.OnChain!.FundAsync(2_000, 10, Ct);
        await Eventually.HoldsAsync(
            "all of them are paid",
            async () =>
            {
                await service.OnChain.Control.MineAsync(1, Ct);
                service.Clock.Move(TimeSpan.FromSeconds(3));
                return await service.Database.CountAsync(
                    "select count(*) from read_models.withdrawals where stage = 'Completed'") == Many;
            },
            Ct);
    }

    /// <summary>Nobody is kept from coins that are there because of what others have just seen.</summary>
    [Fact]
    public async Task Do_not_keep_those_from_being_paid_who_come_after_the_wallet_was_filled()
    {
        await using var service = await WaitingAsync();
        await service.RegisterAsync("other", RunningService.Secret);
        await service.GiveAsync("other", "bob", "100");
        await service.OnChain!.FundAsync(20_000, 2, Ct);

        // The date stands: what was seen before still holds for those it was seen of. The first of each community comes before its second.
        var reply = await service.ClientOf("other", RunningService.Secret)
            .WithdrawAsync("bob", "61", PaidChain.NewRecipient().Address, Ct);

        await service.StageIsAsync(reply.Result.GetProperty("id").GetString()!, "Sent");
    }

    private static async Task<RunningService> WaitingAsync()
    {
        var service = await RunningService.StartAsync(new Opening { WithChain = true });
        await service.LimitAsync(RunningService.App, new() { RequestMax = 100, MemberDayMax = 100_000, CommunityDayMax = 100_000 });
        await service.GiveAsync(RunningService.App, "alice", "10000");
        for (var i = 1; i <= Many; i++)
        {
            // Each wish is another one, so that none is taken for the repetition of another.
            var amount = string.Create(CultureInfo.InvariantCulture, $"61.{i:00000}");
            Assert.Null((await service.Client.WithdrawAsync("alice", amount, PaidChain.NewRecipient().Address, Ct)).ErrorMessage);
        }

        await Eventually.HoldsAsync(
            "all of them wait",
            async () => await service.Database.CountAsync("select count(*) from read_models.withdrawals where awaits_liquidity") == Many,
            Ct);
        service.Clock.StandAt(service.Clock.GetUtcNow());
        await PassAsync(service, TimeSpan.Zero);
        return service;
    }

    /// <summary>Time passes, and all who wanted to look have looked.</summary>
    private static async Task PassAsync(RunningService service, TimeSpan span)
    {
        service.Clock.Move(span);
        await Eventually.HoldsAsync("all have looked", async () => await DueAsync(service, TimeSpan.Zero) == 0, Ct);
    }

    /// <summary>How many are looked at again within a time.</summary>
    private static Task<long> DueAsync(RunningService service, TimeSpan within) => service.Database.CountAsync(
        "select count(*) from messaging.waiting where name = 'advance-withdrawal.v1' and due_at <= $1",
        (service.Clock.GetUtcNow() + within).ToUniversalTime());
}
