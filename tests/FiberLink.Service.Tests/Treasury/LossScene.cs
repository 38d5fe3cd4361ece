using FiberLink.Chain.Transactions;
using FiberLink.Events.Money;
using FiberLink.Service.Startup;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;

namespace FiberLink.Service.Tests.Treasury;

/// <summary>A chain that turns back deeper than what counted.</summary>
internal static class LossScene
{
    public static ServiceSettings Final(ServiceSettings settings) =>
        settings with { Payouts = settings.Payouts with { FinalDepth = 96 } };

    // So that there are blocks to go back to in which the wallet has its cells already.
    public static async Task FundAsync(TreasuryScene scene, int cells)
    {
        await scene.Chain.FundAsync(1_000, cells, Ct);
        await scene.Chain.Control.MineAsync(1, Ct);
    }

    /// <summary>All blocks since the one before that which has it are taken back, and another transaction may have its cell.</summary>
    public static async Task TurnBackAsync(TreasuryScene scene, Guid id, Transaction? other)
    {
        var block = await scene.Service.Database.CountAsync(
            "select block_number::bigint from read_models.treasury_movements where movement_id = $1", id);
        var tip = (long)(await scene.Chain.Control.StateAsync(Ct)).TipNumber;
        await scene.Chain.Control.ReorganiseAsync((int)(tip - block + 1), other, forget: true, Ct);
    }

    public static Task SeenUntilAsync(TreasuryScene scene, Guid id, string stage, int secondsEach = 30) =>
        BlocksComeUntilAsync(scene, $"movement {id} is {stage}", async () => await scene.StageOfAsync(id) == stage, secondsEach);

    public static Task BlocksComeUntilAsync(
        TreasuryScene scene, string what, Func<Task<bool>> holds, int secondsEach = 30) => Eventually.HoldsAsync(
        what,
        async () =>
        {
            await scene.Chain.Control.MineAsync(1, Ct);
            scene.Service.Clock.Move(TimeSpan.FromSeconds(secondsEach));
            return await holds();
        },
        Ct);

    // But for the message that looks after a week whether somebody has agreed.
    public static Task NothingIsWaitedForAsync(TreasuryScene scene, Guid id) => Eventually.HoldsAsync(
        "there is nothing left to do",
        async () =>
        {
            scene.Service.Clock.Move(TimeSpan.FromSeconds(30));
            return await scene.Service.Database.CountAsync(
                """
                select count(*) from messaging.waiting
                 where name = 'advance-movement.v1' and body ->> 'movementId' = $1 and (body ->> 'step')::bigint > 1
                """,
                id.ToString()) == 0;
        },
        Ct);

    public static async Task NothingIsBookedAsync(TreasuryScene scene)
    {
        foreach (var account in Enum.GetValues<Account>())
        {
            Assert.Equal(0, await scene.BalanceAsync(account));
        }

        Assert.Empty(await scene.Service.Database.TextsAsync("select out_point from read_models.wallet_cells"));
    }
}
