using FiberLink.Events.Money;
using FiberLink.Events.Treasury;
using FiberLink.Service.Startup;
using FiberLink.Service.Tests.Scene;
using FiberLink.Service.Tests.Withdrawals;
using FiberLink.Service.Treasury.Administration;
using FiberLink.Testing;
using Microsoft.Extensions.DependencyInjection;
using static FiberLink.Service.Tests.Treasury.LossScene;

namespace FiberLink.Service.Tests.Treasury;

/// <summary>A token is swept as coins are, and the coins that its cell is made of move to the cold wallet with it.</summary>
public sealed class Sweeping_a_token_to_a_cold_address
{
    private const long Room = (long)TokenScene.Room;

    public static TheoryData<string> Deaths => Every_effect_and_every_fault.Deaths;

    [Fact]
    public async Task It_arrives_in_one_cell_and_books_and_wallet_agree_all_the_way()
    {
        await using var scene = await FundedAsync();
        await scene.BookAsync(HubPlace.OnChain, await scene.Chain.HeldByAsync(scene.Chain.Wallet, Ct));
        await scene.BookAsync(HubPlace.OnChain, Tokens(500));

        var id = await scene.SweepAsync(Tokens(300));
        await scene.StageIsAsync(id, "Sent");
        await scene.AgreesAsync(places: 2);
        await scene.MinedUntilAsync(id, "InBlock");
        await scene.AgreesAsync(places: 2);
        await scene.MinedUntilAsync(id, "Completed");
        await scene.AgreesAsync(places: 2);

        await IsSweptOnceAsync(scene, 300, opened: true);
        Assert.Equal(TokenScene.One * 200, await scene.Chain.TokensOfAsync(scene.Chain.Wallet, TokenScene.Type, Ct));
    }

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task A_death_at_a_step_sweeps_it_once(string step)
    {
        await using var scene = await FundedAsync(countsSteps: true);
        scene.Service.Steps!.DieAt(step, 1);

        await IsCompleteAsync(scene, await scene.SweepAsync(Tokens(300)));

        await IsSweptOnceAsync(scene, 300);
        await Eventually.HoldsAsync("it died there", () => scene.Service.Steps.Of(step) > 0, Ct);
    }

    [Theory]
    [InlineData("lost")]
    [InlineData("cut")]
    [InlineData("refused")]
    public async Task A_fault_of_the_chain_node_sweeps_it_once(string fault)
    {
        await using var scene = await FundedAsync();
        var control = scene.Chain.Control;
        await (fault switch
        {
            "lost" => control.LoseAnswersAsync(3, Ct),
            "cut" => control.CutByChanceAsync(0.2, 0.2, 7, Ct),
            _ => control.RefuseAsync("send_transaction", -302, "TransactionFailedToVerify", 2, Ct),
        });

        await IsCompleteAsync(scene, await scene.SweepAsync(Tokens(300)));

        await control.ResetAsync(Ct);
        await IsSweptOnceAsync(scene, 300);
    }

    /// <summary>What a token is worth in coins nobody knows.</summary>
    [Fact]
    public async Task It_counts_only_as_deep_as_the_largest_amount_of_coins()
    {
        await using var scene = await FundedAsync(
            s => s with { Payouts = s.Payouts with { Confirmations = PayoutSettings.ConfirmationRule.Parse("1000:1,500") } });
        var id = await scene.SweepAsync(Tokens(300));
        await scene.MinedUntilAsync(id, "InBlock");
        await scene.Chain.Control.MineAsync(20, Ct);

        await scene.WaitsAsync(" deep.");

        Assert.Equal(0, await scene.EventsAsync("movement.completed.v1"));
    }

    [Fact]
    public async Task It_keeps_to_a_budget_of_its_own()
    {
        await using var scene = await FundedAsync();

        var refused = await scene.Operators.RequestSweepAsync(scene.Address, Tokens(1_001), "ann", "too much", Ct);
        Assert.Equal(
            "It is more than the budget of a day, 1000 USDI (FIBERLINK_TREASURY_DAY_MAX): no service would ever do it.",
            Assert.IsType<TreasuryAnswer.Refused>(refused).Why);
        await scene.SweepAsync(Tokens(800));
        var second = await scene.AskAsync(Tokens(201));
        Assert.Contains(
            "The budget of a day does not cover it",
            Assert.IsType<TreasuryAnswer.Refused>(await scene.Operators.ApproveAsync(second, "bob", "fine", Ct)).Why,
            StringComparison.Ordinal);

        // All of the coins' budget is left.
        await scene.SweepAsync(1_000);
    }

    [Fact]
    public async Task The_budget_of_the_service_counts_for_it_whatever_budget_it_was_agreed_to_under()
    {
        await using var scene = await FundedAsync();
        var settings = scene.Service.Settings;
        await using var generous = scene.OperatorsWith(settings with
        {
            Treasury = settings.Treasury with { DayMax = new Dictionary<Asset, UInt128> { [TokenScene.Asset] = 1_000_000 } },
        });
        var admin = generous.GetRequiredService<TreasuryAdministration>();
        var asked = await admin.RequestSweepAsync(scene.Address, Tokens(1_001), "ann", "too much", Ct);
        await admin.ApproveAsync(Assert.IsType<TreasuryAnswer.Done>(asked).MovementId, "bob", "fine", Ct);

        await scene.WaitsAsync("budget of a day");

        Assert.Equal(0, await scene.EventsAsync("movement.token_prepared.v1"));
    }

    [Fact]
    public async Task Tokens_that_wait_to_be_withdrawn_are_not_swept_away()
    {
        await using var scene = await FundedAsync();
        await scene.Service.LimitAsync(RunningService.App, new() { NewDestinationWait = 3_600 }, TokenScene.Code);
        await scene.Service.GiveAsync("alice", 300, TokenScene.Code);
        await scene.Service.GrantedAsync("alice", 300, TokenScene.Code);

        var sweep = await scene.SweepAsync(Tokens(201));

        await scene.WaitsAsync("beside what waits to be withdrawn");
        Assert.Equal("Approved", await scene.StageOfAsync(sweep));
        await scene.Operators.CancelAsync(sweep, "ann", "not now", Ct);
        await IsCompleteAsync(scene, await scene.SweepAsync(Tokens(200)));
    }

    /// <summary>It takes room with it, of coins that members have asked for.</summary>
    [Fact]
    public async Task Coins_that_wait_to_be_withdrawn_do_not_go_with_it()
    {
        await using var scene = await StartAsync();
        await scene.Chain.FundAsync(441, 1, Ct);
        await scene.Chain.FundTokenAsync(500);
        await scene.Service.LimitAsync(RunningService.App, new() { ApprovalAbove = 1 });
        await scene.Service.GiveAsync(RunningService.App, "alice", "300");
        await scene.Service.Client.WithdrawAsync("alice", "300", PaidChain.NewRecipient().Address, Ct);

        await scene.SweepAsync(Tokens(300));

        await scene.WaitsAsync("beside what waits to be withdrawn");
        Assert.Equal(0, await scene.EventsAsync("movement.token_prepared.v1"));
    }

    [Fact]
    public async Task A_token_without_cells_on_this_chain_is_not_swept()
    {
        await using var scene = await StartAsync(s => s with
        {
            Tokens = [TokenScene.Definition with { Script = new($"0x{new string('1', 64)}", "type", "0x00"), ChainMinimum = null }],
        });

        var refused = await scene.Operators.RequestSweepAsync(scene.Address, Tokens(300), "ann", "too much", Ct);

        Assert.Equal(
            "USDI has no cells on this chain: by FIBERLINK_ASSETS its code is none that is known there.",
            Assert.IsType<TreasuryAnswer.Refused>(refused).Why);
        Assert.Equal(0, await scene.EventsAsync("movement.sweep_requested.v1"));
    }

    /// <summary>Without its type an amount of it would be taken for one of coins.</summary>
    [Fact]
    public async Task A_token_that_is_not_set_up_where_it_is_done_waits()
    {
        await using var scene = await TreasuryScene.StartAsync(
            s => s with { Treasury = s.Treasury with { DayMax = Budgets } });
        await scene.Chain.FundAsync(1_000, 3, Ct);
        await using var others = scene.OperatorsWith(TokenScene.WithToken(scene.Service.Settings));
        var admin = others.GetRequiredService<TreasuryAdministration>();
        var asked = await admin.RequestSweepAsync(scene.Address, Tokens(1_000), "ann", "too much", Ct);
        var id = Assert.IsType<TreasuryAnswer.Done>(asked).MovementId;

        Assert.IsType<TreasuryAnswer.Done>(await admin.ApproveAsync(id, "bob", "fine", Ct));

        await scene.WaitsAsync("Its token is not set up any more.");
        Assert.Equal((UInt128)0, await scene.Chain.HeldByAsync(scene.Cold, Ct));
    }

    [Fact]
    public async Task What_can_never_arrive_is_made_anew_once_that_is_final_and_arrives_once()
    {
        await using var scene = await StartAsync(s => s with { Payouts = s.Payouts with { FinalDepth = 24 } });
        await scene.Chain.FundAsync(1_000, 1, Ct);
        await scene.Chain.FundTokenAsync(500);
        var id = await scene.SweepAsync(Tokens(300));
        await scene.StageIsAsync(id, "Sent");

        await scene.Chain.Control.CommitAsync(await scene.Chain.SweepAsync(await scene.Service.CoinsReservedAsync(1_000)), Ct);
        await scene.Chain.FundAsync(800, 1, Ct);
        await SeenUntilAsync(scene, id, "Completed", secondsEach: 5);

        await IsSweptOnceAsync(scene, 300);
        Assert.Equal(2, await scene.EventsAsync("movement.token_prepared.v1"));
        Assert.Equal(1, await scene.EventsAsync("movement.attempt_failed.v1"));
    }

    [Fact]
    public async Task What_is_lost_for_good_is_in_the_wallets_books_again_with_its_room()
    {
        await using var scene = await StartAsync(Final);
        await scene.Chain.FundTokenAsync(500);
        await FundAsync(scene, 1);
        var id = await scene.SweepAsync(Tokens(300));
        await scene.StageIsAsync(id, "Sent");
        var other = await scene.Chain.SweepAsync(await scene.Service.CoinsReservedAsync(1_000));
        await SeenUntilAsync(scene, id, "Completed", secondsEach: 3);

        await TurnBackAsync(scene, id, other);
        await SeenUntilAsync(scene, id, "Lost");

        await NothingIsWaitedForAsync(scene, id);
        await NothingIsBookedAsync(scene);
        Assert.Empty(await scene.Chain.CellsOfAsync(scene.Cold, Ct));
    }

    private static IReadOnlyDictionary<Asset, UInt128> Budgets { get; } = new Dictionary<Asset, UInt128>
    {
        [Asset.Ckb] = 1_000 * TreasuryScene.Ckb,
        [TokenScene.Asset] = 1_000 * TokenScene.One,
    };

    private static Amount Tokens(ulong count) => new(TokenScene.Asset, count * TokenScene.One);

    private static Task<TreasuryScene> StartAsync(Func<ServiceSettings, ServiceSettings>? change = null, bool countsSteps = false) =>
        TreasuryScene.StartAsync(
            settings =>
            {
                var tokens = TokenScene.WithToken(settings);
                return (change ?? (s => s))(tokens with { Treasury = tokens.Treasury with { DayMax = Budgets } });
            },
            countsSteps);

    private static async Task<TreasuryScene> FundedAsync(
        Func<ServiceSettings, ServiceSettings>? change = null, bool countsSteps = false)
    {
        var scene = await StartAsync(change, countsSteps);
        await scene.Chain.FundAsync(1_000, 3, Ct);
        await scene.Chain.FundTokenAsync(500);
        return scene;
    }

    // What waits for seconds to pass has them pass.
    private static Task IsCompleteAsync(TreasuryScene scene, Guid id) =>
        scene.MinedUntilAsync(id, "Completed", TimeSpan.FromMilliseconds(50));

    /// <summary>The token and its room have left the wallet and the books alike, once, and nothing is on its way.</summary>
    private static async Task IsSweptOnceAsync(TreasuryScene scene, ulong count, bool opened = false)
    {
        var units = (long)(count * TokenScene.One);
        await scene.Chain.HasOnceAsync(scene.Cold, count, TokenScene.Code);
        var fee = -await scene.Service.UnitsOfAsync("NetworkFees", "CKB");
        Assert.InRange(fee, 1, (long)scene.Service.Settings.Payouts.FeeMax);
        Assert.Equal(-units, await scene.Service.UnitsOfAsync("HubCold", TokenScene.Code));
        Assert.Equal(-Room, await scene.Service.UnitsOfAsync("HubCold", "CKB"));
        if (!opened)
        {
            Assert.Equal(units, await scene.Service.UnitsOfAsync("HubOnChain", TokenScene.Code));
            Assert.Equal(Room + fee, await scene.Service.UnitsOfAsync("HubOnChain", "CKB"));
        }

        Assert.Equal(0, await scene.Service.UnitsOfAsync("InFlight", TokenScene.Code));
        Assert.Equal(0, await scene.Service.UnitsOfAsync("InFlight", "CKB"));
        Assert.Equal(1, await scene.EventsAsync("movement.completed.v1"));
        await scene.Service.EachAssetIsEvenAsync();
    }
}
