using FiberLink.Domain.Treasury;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;
using FiberLink.Service.Tests.Scene;
using FiberLink.Service.Tests.Withdrawals;
using FiberLink.Testing;

namespace FiberLink.Service.Tests.Treasury;

/// <summary>A token takes coins of the hub's with it: in the books, in what waits, and in what is swept.</summary>
public sealed class Watching_the_hubs_tokens
{
    private const ulong Ckb = TreasuryScene.Ckb;

    [Fact]
    public async Task Books_that_were_opened_agree_with_the_wallets_cells_through_a_withdrawal_of_a_token()
    {
        await using var scene = await TreasuryScene.StartAsync(TokenScene.WithToken);
        var service = scene.Service;
        await scene.Chain.FundAsync(1_000, 2, Ct);
        await scene.Chain.FundTokenAsync(500);
        await scene.BookAsync(HubPlace.OnChain, await scene.Chain.HeldByAsync(scene.Chain.Wallet, Ct));
        await scene.BookAsync(HubPlace.OnChain, new Amount(TokenScene.Asset, 500 * TokenScene.One));
        await scene.AgreesAsync(places: 2);

        await service.GiveAsync("alice", 100, TokenScene.Code);
        var (id, _) = await service.GrantedAsync("alice", 100, TokenScene.Code);
        await service.StageIsAsync(id, "Sent");
        await scene.AgreesAsync(places: 2);
        await service.MinedUntilAsync(id, "InBlock");
        await scene.AgreesAsync(places: 2);
        await service.MinedUntilAsync(id, "Completed");
        await scene.AgreesAsync(places: 2);

        var coins = await FiguresAsync(scene, Asset.Ckb);
        Assert.Equal(coins.Books, (Int128)coins.Seen!.Value);
        var tokens = await FiguresAsync(scene, TokenScene.Asset);
        Assert.Equal((400 * (Int128)TokenScene.One, (UInt128)400 * TokenScene.One), (tokens.Books, tokens.Usable));
    }

    [Fact]
    public async Task The_coins_that_waiting_tokens_need_are_missing_are_told_and_are_not_swept()
    {
        await using var scene = await TreasuryScene.StartAsync(TokenScene.WithToken);
        var service = scene.Service;
        await scene.Chain.FundAsync(140, 1, Ct);
        await scene.Chain.FundTokenAsync(500);
        await service.GiveAsync("alice", 100, TokenScene.Code);
        await service.GrantedAsync("alice", 100, TokenScene.Code);
        await Eventually.HoldsAsync(
            "it waits", async () => await service.EventsAsync("withdrawal.liquidity_awaited.v1") == 1, Ct);

        await scene.Watch.LookAsync(Ct);
        var needed = service.Settings.Payouts.TokenCapacityMax + service.Settings.Payouts.FeeMax;
        Assert.Equal(needed, (await FiguresAsync(scene, Asset.Ckb)).Demand);
        var alarm = Assert.Single((await scene.Reports.StatusAsync(Ct)).Alarms);
        Assert.Equal(
            (TreasuryAlarmKind.DemandAboveLiquidity, Asset.Ckb, (Int128)(needed - (140 * Ckb))), (alarm.Kind, alarm.Asset, alarm.Units));

        // The wallet has the coins, and they are left for the token.
        var sweep = await scene.SweepAsync(70);
        await Eventually.HoldsAsync(
            "the sweep waits",
            async () => (await service.Database.TextsAsync("select last_error from messaging.waiting where last_error is not null"))
                .Any(e => e.Contains("beside what waits to be withdrawn", StringComparison.Ordinal)),
            Ct);
        Assert.Equal("Approved", await scene.StageOfAsync(sweep));
    }

    /// <summary>The token's cells are short, and there are coins enough: those that it takes with it go into no channel.</summary>
    [Fact]
    public async Task The_coins_that_waiting_tokens_need_go_into_no_channel()
    {
        await using var scene = await ChannelScene.StartAsync(TokenScene.WithToken);
        await scene.Chain.FundAsync(600, 1, Ct);
        await scene.Chain.FundTokenAsync(50);
        await scene.Service.GiveAsync("alice", 100, TokenScene.Code);
        await scene.Service.GrantedAsync("alice", 100, TokenScene.Code);

        var opening = await scene.OpenAsync(500);

        await scene.WaitsAsync("beside what waits to be withdrawn");
        Assert.Equal("Approved", await scene.Treasury.StageOfAsync(opening));
    }

    /// <summary>It waits for somebody to agree as well: once there is enough it no longer says that it waits for that.</summary>
    [Fact]
    public async Task Who_waits_for_something_else_is_told_when_tokens_and_coins_cover_it()
    {
        await using var scene = await TreasuryScene.StartAsync(TokenScene.WithToken);
        var service = scene.Service;
        await service.LimitAsync(RunningService.App, new() { NewDestinationWait = 3_600 }, TokenScene.Code);
        await scene.Chain.FundAsync(100, 1, Ct);
        await scene.Chain.FundTokenAsync(50);
        await scene.Watch.LookAsync(Ct);
        await service.GiveAsync("alice", 100, TokenScene.Code);
        await service.GrantedAsync("alice", 100, TokenScene.Code);
        Assert.Equal(1, await WaitingAsync(service));

        // The tokens alone are not enough, nor are the coins alone.
        await scene.Chain.FundTokenAsync(450);
        await scene.Watch.LookAsync(Ct);
        Assert.Equal(1, await WaitingAsync(service));
        await scene.Chain.FundAsync(100, 1, Ct);
        await scene.Watch.LookAsync(Ct);

        Assert.Equal(0, await WaitingAsync(service));
        Assert.Equal(1, await service.EventsAsync("withdrawal.liquidity_covered.v1"));
    }

    private static Task<long> WaitingAsync(RunningService service) =>
        service.Database.CountAsync("select count(*) from read_models.withdrawals where awaits_liquidity");

    private static async Task<PlaceFigures> FiguresAsync(TreasuryScene scene, Asset asset) =>
        (await scene.Reports.StatusAsync(Ct)).Places.Single(p => (p.Place, p.Asset) == (HubPlace.OnChain, asset));
}
