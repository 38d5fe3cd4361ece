using FiberLink.Service.CommandHandling;
using FiberLink.Service.Tests.Scene;
using FiberLink.Service.Tests.Withdrawals;
using FiberLink.Testing;

namespace FiberLink.Service.Tests.Treasury;

/// <summary>
/// The node has let a channel go after we had signed. No more is spent on that than the cap of a fee, and nothing follows before the coins
/// are back for good, or gone for good.
/// </summary>
public sealed class Sending_back_what_was_meant_for_a_channel
{
    [Fact]
    public async Task Costs_no_more_than_the_cap()
    {
        await using var scene = await SignedAsync(finalDepth: 24);
        await scene.Chain.Control.SayFeeRateAsync(10_000_000, Ct);

        await LetGoAsync(scene);

        Assert.Equal(
            [$"{scene.Service.Settings.Payouts.FeeMax}"],
            await scene.Service.Database.TextsAsync(
                """
                select data -> 'transaction' -> 'fee' ->> 'units' from event_store.mt_events where type = 'movement.return_prepared.v1'
                """));
    }

    [Fact]
    public async Task Is_waited_for_until_it_is_final()
    {
        await using var scene = await SignedAsync(finalDepth: 10_000);
        await LetGoAsync(scene);

        await scene.Chain.Control.MineAsync(1, Ct);
        await scene.Chain.Control.MineAsync(100, Ct);
        await scene.WaitsAsync("it is not final yet");

        Assert.Equal(0, await scene.Treasury.EventsAsync("movement.attempt_failed.v1"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Is_over_when_the_cell_is_spent_by_something_else_for_good(bool isSent)
    {
        await using var scene = await SignedAsync(finalDepth: 24);
        var byHand = await scene.Chain.SweepAsync(await scene.Service.CoinsReservedAsync(1_000));
        if (isSent)
        {
            await LetGoAsync(scene);
        }

        await scene.Chain.Control.CommitAsync(byHand, Ct);
        scene.Service.Clock.Move(TimeSpan.FromMinutes(6));
        await scene.Chain.FundAsync(900, 1, Ct);
        await scene.ReachesAsync(await OnlyAsync(scene), "Completed", secondsEach: 3);

        Assert.Equal(isSent ? 1 : 0, await scene.Treasury.EventsAsync("movement.return_prepared.v1"));
        Assert.Equal(2, await scene.Treasury.EventsAsync("movement.funding_prepared.v1"));
        Assert.StartsWith(
            "A cell of it was spent by something else",
            Assert.Single(await scene.Service.Database.TextsAsync(
                "select data ->> 'detail' from event_store.mt_events where type = 'movement.attempt_failed.v1'")),
            StringComparison.Ordinal);
    }

    /// <summary>What funds a channel is signed and stored; the node was not given it.</summary>
    private static async Task<ChannelScene> SignedAsync(ulong finalDepth)
    {
        var scene = await ChannelScene.StartAsync(
            s => s with { Payouts = s.Payouts with { FinalDepth = finalDepth } }, countsSteps: true);
        await scene.Chain.FundAsync(1_000, 1, Ct);
        scene.Service.Steps!.DieAt(StopPoints.ChannelPrepared, 1);
        await scene.Treasury.StageIsAsync(await scene.OpenAsync(500), "Prepared");
        return scene;
    }

    /// <summary>A node keeps an opening in memory for five minutes; then the coins are sent back.</summary>
    private static async Task LetGoAsync(ChannelScene scene)
    {
        scene.Service.Clock.Move(TimeSpan.FromMinutes(6));
        await Eventually.HoldsAsync(
            "the coins are sent back",
            () =>
            {
                scene.Service.Clock.Move(TimeSpan.FromMilliseconds(100));
                return scene.Service.Steps!.Of(StopPoints.ChannelReturnSent) > 0;
            },
            Ct);
    }

    private static async Task<Guid> OnlyAsync(ChannelScene scene) => Guid.Parse(Assert.Single(
        await scene.Service.Database.TextsAsync("select movement_id::text from read_models.treasury_movements")));
}
