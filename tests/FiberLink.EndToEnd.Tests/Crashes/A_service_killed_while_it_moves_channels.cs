using FiberLink.Chain.Transactions;
using FiberLink.HubNode;
using FiberLink.Service.CommandHandling;

namespace FiberLink.EndToEnd.Tests.Crashes;

/// <summary>
/// kill -9 at every step of coins on their way into a channel, back when the node has let it go, and out of one: the next start goes on
/// from what is stored, and every coin is in one place.
/// </summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class A_service_killed_while_it_moves_channels
{
    private const long Ckb = (long)CellOutput.ShannonPerByte;
    private const long Wallet = 2_000 * Ckb;
    private const long PutIn = 500 * Ckb;
    private const long KeptBack = 99 * Ckb;

    private const string PreparedChannel =
        "select data ->> 'channelId' from event_store.mt_events where type = 'movement.funding_prepared.v1'";

    private static readonly string[] Return = [StopPoints.ChannelReturnSigned, StopPoints.ChannelReturnSent];
    private static readonly string[] Close = [StopPoints.ChannelClosePrepared, StopPoints.ChannelCloseAsked];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Opening =>
        [.. StopPoints.All.Where(s => s.StartsWith("channel:", StringComparison.Ordinal)).Except(Return).Except(Close)];

    public static TheoryData<string> Returning => [.. Return];

    public static TheoryData<string> Closing => [.. Close];

    [Theory]
    [MemberData(nameof(Opening))]
    public async Task Has_opened_one_channel_after_the_next_start(string step)
    {
        await using var scene = await ChannelScene.StartAsync(Ct);
        await using (var doomed = await scene.StartServiceAsync(step, Ct))
        {
            await scene.OpenAsync(PutIn, Ct);
            await scene.Chain.DiesAsync(doomed, Ct);
        }

        await using var service = await scene.StartServiceAsync(Ct);
        await scene.AreFinalAsync(1, Ct);

        await IsOpenOnceAsync(scene);
        Assert.Equal(1, await scene.Books.EventsAsync("movement.funding_prepared.v1", Ct));
    }

    [Theory]
    [MemberData(nameof(Returning))]
    public async Task Has_brought_the_coins_back_and_opened_another_after_the_next_start(string step)
    {
        await using var scene = await ChannelScene.StartAsync(Ct);
        await using (var doomed = await scene.StartServiceAsync(StopPoints.ChannelPrepared, Ct))
        {
            await scene.OpenAsync(PutIn, Ct);
            await scene.Chain.DiesAsync(doomed, Ct);
        }

        await scene.Node.AbandonAsync(await scene.Books.TextAsync(PreparedChannel, Ct), Ct);
        await using (var doomed = await scene.StartServiceAsync(step, Ct))
        {
            await scene.Chain.DiesAsync(doomed, Ct);
        }

        await using var service = await scene.StartServiceAsync(Ct);
        await scene.AreFinalAsync(1, Ct);

        await IsOpenOnceAsync(scene);
        Assert.Equal(1, await scene.Books.EventsAsync("movement.return_prepared.v1", Ct));
        Assert.Equal(1, await scene.Books.EventsAsync("movement.attempt_failed.v1", Ct));
        Assert.Equal(2, await scene.Books.EventsAsync("movement.funding_prepared.v1", Ct));
    }

    [Theory]
    [MemberData(nameof(Closing))]
    public async Task Has_closed_the_channel_once_after_the_next_start(string step)
    {
        await using var scene = await ChannelScene.StartAsync(Ct);
        await using (var doomed = await scene.StartServiceAsync(step, Ct))
        {
            await scene.OpenAsync(PutIn, Ct);
            await scene.AreFinalAsync(1, Ct);
            await scene.CloseAsync(Assert.Single(await scene.Node.FundedAsync(Ct)).ChannelId, Ct);
            await scene.Chain.DiesAsync(doomed, Ct);
        }

        await using var service = await scene.StartServiceAsync(Ct);
        await scene.AreFinalAsync(2, Ct);

        var channel = Assert.Single(await scene.Node.FundedAsync(Ct));
        Assert.Equal((HubChannelStage.Closed, true), (channel.Stage, channel.IsClosedByAgreement));
        Assert.Equal(0, await scene.HadAsync("HubChannels", Ct));
        Assert.Equal(0, await scene.HadAsync("HubKeptBack", Ct));
        Assert.Equal(0, await scene.HadAsync("HubCapital", Ct));
        Assert.Equal(1, await scene.Books.EventsAsync("movement.close_prepared.v1", Ct));
        Assert.Equal(1, await scene.Books.EventsAsync("movement.close_seen.v1", Ct));

        // The channel's own name is kept for good: nobody closes it again.
        await AreRightAsync(scene, reserved: 1);
    }

    private static async Task IsOpenOnceAsync(ChannelScene scene)
    {
        var channel = Assert.Single(await scene.Node.FundedAsync(Ct));
        Assert.Equal((HubChannelStage.Ready, (UInt128)(PutIn - KeptBack)), (channel.Stage, channel.LocalBalance));
        Assert.Equal(PutIn - KeptBack, await scene.HadAsync("HubChannels", Ct));
        Assert.Equal(KeptBack, await scene.HadAsync("HubKeptBack", Ct));
        Assert.Equal(1, await scene.Books.EventsAsync("movement.completed.v1", Ct));
        await AreRightAsync(scene, reserved: 0);
    }

    /// <summary>The books are even, and the wallet has what they say.</summary>
    private static async Task AreRightAsync(ChannelScene scene, int reserved)
    {
        Assert.Equal(Wallet + await scene.HadAsync("HubOnChain", Ct), (long)await scene.Chain.HeldAsync(Ct));
        Assert.Equal(0, await scene.HadAsync("InFlight", Ct));
        Assert.Equal(0, await scene.Books.TrialBalanceAsync(Ct));
        Assert.Equal(0, await scene.Books.UnbalancedEntriesAsync(Ct));
        Assert.Equal(0, await scene.Books.DeadLettersAsync(Ct));
        Assert.Equal(reserved, await scene.Books.NumberAsync("select count(*) from read_models.wallet_cells", Ct));
    }
}
