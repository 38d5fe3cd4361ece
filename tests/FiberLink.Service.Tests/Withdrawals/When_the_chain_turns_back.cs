using FiberLink.Chain;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;

namespace FiberLink.Service.Tests.Withdrawals;

/// <summary>W-05, W-08, W-10: blocks that are taken back, pools that forget, and cells that something else has spent.</summary>
public sealed class When_the_chain_turns_back
{
    [Theory]
    [InlineData(false, "CKB")]
    [InlineData(true, "CKB")]
    [InlineData(true, TokenScene.Code)]
    public async Task What_is_taken_back_before_it_counts_is_sent_again_and_paid_once(bool forget, string asset)
    {
        await using var service = await TokenScene.StartAsync();
        var (id, recipient) = await BegunAsync(service, "InBlock", asset);

        var block = await service.Database.CountAsync("select block_number::bigint from read_models.withdrawals");
        var tip = (long)(await service.OnChain!.Control.StateAsync(Ct)).TipNumber;
        await service.OnChain.Control.ReorganiseAsync((int)(tip - block + 1), null, forget, Ct);
        await service.MinedUntilAsync(id, "Completed");

        await service.OnChain.HasOnceAsync(recipient, 100, asset);
        Assert.Equal(1, await EventsAsync(service, "withdrawal.transaction_prepared.v1"));
    }

    [Fact]
    public async Task What_is_taken_back_after_it_counted_is_told_sent_again_and_never_posted_twice()
    {
        // Blocks come faster here than anybody looks: so that it is not final when it is looked at.
        await using var service = await RunningService.StartAsync(
            new Opening { WithChain = true, Change = s => s with { Payouts = s.Payouts with { FinalDepth = 10_000 } } });
        var (id, recipient) = await BegunAsync(service, "Completed");

        // However many blocks have come meanwhile, the one that pays is among those that are taken back.
        var block = await service.Database.CountAsync("select block_number::bigint from read_models.withdrawals");
        var tip = (long)(await service.OnChain!.Control.StateAsync(Ct)).TipNumber;
        await service.OnChain.Control.ReorganiseAsync((int)(tip - block + 1), null, forget: true, Ct);
        await Eventually.HoldsAsync(
            "the reorganisation is seen",
            async () =>
            {
                service.Clock.Move(TimeSpan.FromSeconds(30));
                return await EventsAsync(service, "withdrawal.taken_back.v1") == 1;
            },
            Ct);
        await Eventually.HoldsAsync(
            "it is in a block again",
            async () =>
            {
                service.Clock.Move(TimeSpan.FromSeconds(30));
                await service.OnChain.Control.MineAsync(1, Ct);
                return await service.OnChain.HeldByAsync(recipient, Ct) == 99_99999000;
            },
            Ct);

        Assert.Equal("Completed", await service.StageOfAsync(id));
        Assert.Equal(1, await EventsAsync(service, "withdrawal.completed.v1"));
        Assert.Equal(0, await service.Database.CountAsync("select sum(units)::bigint from read_models.account_balances"));
    }

    /// <summary>Somebody with the wallet's key spent the cell by hand. Only when that is final is another transaction made.</summary>
    [Theory]
    [InlineData("CKB")]
    [InlineData(TokenScene.Code)]
    public async Task What_can_never_be_paid_is_made_anew_once_that_is_final_and_paid_once(string asset)
    {
        await using var service = await TokenScene.StartAsync(s => s with { Payouts = s.Payouts with { FinalDepth = 24 } });
        var chain = service.OnChain!;
        var (id, recipient) = await BegunAsync(service, "Sent", asset);

        // Of a token's two cells the one with coins: the other is free again with it.
        await chain.Control.CommitAsync(await chain.SweepAsync(await service.CoinsReservedAsync(1_000)), Ct);
        await chain.FundAsync(500, 1, Ct);
        await Eventually.HoldsAsync(
            "the withdrawal is complete",
            async () =>
            {
                await chain.Control.MineAsync(2, Ct);
                service.Clock.Move(TimeSpan.FromSeconds(5));
                return await service.StageOfAsync(id) == "Completed";
            },
            Ct);

        await chain.HasOnceAsync(recipient, 100, asset);
        await service.EachAssetIsEvenAsync();
        Assert.Equal(2, await EventsAsync(service, "withdrawal.transaction_prepared.v1"));
        Assert.Equal(1, await EventsAsync(service, "withdrawal.attempt_failed.v1"));
    }

    [Fact]
    public async Task Cells_are_kept_until_the_payment_is_final_and_then_let_go()
    {
        await using var service = await RunningService.StartAsync(
            new Opening { WithChain = true, Change = s => s with { Payouts = s.Payouts with { FinalDepth = 24 } } });
        _ = await BegunAsync(service, "Completed");
        Assert.Equal(1, await service.Database.CountAsync("select count(*) from read_models.wallet_cells"));

        await service.OnChain!.Control.MineAsync(30, Ct);
        await Eventually.HoldsAsync(
            "the cells are let go",
            async () =>
            {
                service.Clock.Move(TimeSpan.FromSeconds(30));
                return await service.Database.CountAsync("select count(*) from read_models.wallet_cells") == 0;
            },
            Ct);
        Assert.Equal(1, await EventsAsync(service, "withdrawal.made_final.v1"));
    }

    private static async Task<(string Id, Script Recipient)> BegunAsync(RunningService service, string stage, string asset = "CKB")
    {
        await service.OnChain!.FundAsync(1_000, 1, Ct);
        if (asset == TokenScene.Code)
        {
            await service.OnChain.FundTokenAsync(500);
        }

        await service.GiveAsync("alice", 200, asset);
        var (id, recipient) = await service.GrantedAsync("alice", 100, asset);
        if (stage == "Sent")
        {
            await service.StageIsAsync(id, stage);
        }
        else
        {
            await service.MinedUntilAsync(id, stage);
        }

        return (id, recipient);
    }

    private static Task<long> EventsAsync(RunningService service, string type) =>
        service.Database.CountAsync("select count(*) from event_store.mt_events where type = $1", type);
}
