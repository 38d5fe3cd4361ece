using FiberLink.Chain.Transactions;
using FiberLink.EndToEnd.Tests.Serving;
using FiberLink.HubNode;
using FiberLink.Service;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Startup;
using FiberLink.Service.Treasury.Administration;
using Microsoft.Extensions.DependencyInjection;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

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
        await using var chain = await ChainScene.StartAsync(Ct);
        await using var scene = await ServiceScene.StartAsync(chain.Endpoint, Ct);
        await using var node = new NodeHand(new(scene.Settings[Names.NodeUrl]));
        var settings = await SettingsAsync(chain, node);
        await using (var doomed = await scene.StartServiceAsync(Ct, [.. settings, (Names.StopAt, step)]))
        {
            await OpenAsync(scene, settings, await node.PeerAsync(Ct));
            await chain.DiesAsync(doomed, Ct);
        }

        await using var service = await scene.StartServiceAsync(Ct, settings);
        await AreFinalAsync(scene, chain, movements: 1);

        await IsOpenOnceAsync(scene, chain, node);
        Assert.Equal(1, await scene.Books.EventsAsync("movement.funding_prepared.v1", Ct));
    }

    [Theory]
    [MemberData(nameof(Returning))]
    public async Task Has_brought_the_coins_back_and_opened_another_after_the_next_start(string step)
    {
        await using var chain = await ChainScene.StartAsync(Ct);
        await using var scene = await ServiceScene.StartAsync(chain.Endpoint, Ct);
        await using var node = new NodeHand(new(scene.Settings[Names.NodeUrl]));
        var settings = await SettingsAsync(chain, node);
        await using (var doomed = await scene.StartServiceAsync(Ct, [.. settings, (Names.StopAt, StopPoints.ChannelPrepared)]))
        {
            await OpenAsync(scene, settings, await node.PeerAsync(Ct));
            await chain.DiesAsync(doomed, Ct);
        }

        await node.AbandonAsync(await scene.Books.TextAsync(PreparedChannel, Ct), Ct);
        await using (var doomed = await scene.StartServiceAsync(Ct, [.. settings, (Names.StopAt, step)]))
        {
            await chain.DiesAsync(doomed, Ct);
        }

        await using var service = await scene.StartServiceAsync(Ct, settings);
        await AreFinalAsync(scene, chain, movements: 1);

        await IsOpenOnceAsync(scene, chain, node);
        Assert.Equal(1, await scene.Books.EventsAsync("movement.return_prepared.v1", Ct));
        Assert.Equal(1, await scene.Books.EventsAsync("movement.attempt_failed.v1", Ct));
        Assert.Equal(2, await scene.Books.EventsAsync("movement.funding_prepared.v1", Ct));
    }

    [Theory]
    [MemberData(nameof(Closing))]
    public async Task Has_closed_the_channel_once_after_the_next_start(string step)
    {
        await using var chain = await ChainScene.StartAsync(Ct);
        await using var scene = await ServiceScene.StartAsync(chain.Endpoint, Ct);
        await using var node = new NodeHand(new(scene.Settings[Names.NodeUrl]));
        var settings = await SettingsAsync(chain, node);
        await using (var doomed = await scene.StartServiceAsync(Ct, [.. settings, (Names.StopAt, step)]))
        {
            await OpenAsync(scene, settings, await node.PeerAsync(Ct));
            await AreFinalAsync(scene, chain, movements: 1);
            await CloseAsync(scene, settings, Assert.Single(await node.FundedAsync(Ct)).ChannelId);
            await chain.DiesAsync(doomed, Ct);
        }

        await using var service = await scene.StartServiceAsync(Ct, settings);
        await AreFinalAsync(scene, chain, movements: 2);

        var channel = Assert.Single(await node.FundedAsync(Ct));
        Assert.Equal((HubChannelStage.Closed, true), (channel.Stage, channel.IsClosedByAgreement));
        Assert.Equal(0, await HadAsync(scene, "HubChannels"));
        Assert.Equal(0, await HadAsync(scene, "HubKeptBack"));
        Assert.Equal(0, await HadAsync(scene, "HubCapital"));
        Assert.Equal(1, await scene.Books.EventsAsync("movement.close_prepared.v1", Ct));
        Assert.Equal(1, await scene.Books.EventsAsync("movement.close_seen.v1", Ct));

        // The channel's own name is kept for good: nobody closes it again.
        await AreRightAsync(scene, chain, reserved: 1);
    }

    /// <summary>What counts is as deep as what is final, so that nobody has to wait for another look.</summary>
    private static async Task<(string Name, string Value)[]> SettingsAsync(ChainScene chain, NodeHand node) =>
    [
        .. chain.Settings,
        (Names.TreasuryPeers, await node.PeerAsync(Ct)),
        (Names.TreasuryDayMax, "CKB:500"),
        (Names.PayoutConfirmations, "24"),
        (Names.PayoutFinalDepth, "24"),
    ];

    private static Task OpenAsync(ServiceScene scene, (string Name, string Value)[] settings, string peer) =>
        AgreedAsync(scene, settings, operators => operators.RequestOpeningAsync(peer, (UInt128)PutIn, "ann", "a test", Ct));

    private static Task CloseAsync(ServiceScene scene, (string Name, string Value)[] settings, string channelId) =>
        AgreedAsync(scene, settings, operators => operators.RequestClosingAsync(channelId, "ann", "a test", Ct));

    private static async Task AgreedAsync(
        ServiceScene scene, (string Name, string Value)[] settings, Func<TreasuryAdministration, Task<TreasuryAnswer>> ask)
    {
        var shell = scene.Settings;
        foreach (var (name, value) in settings)
        {
            shell[name] = value;
        }

        await using var tools = ServiceHost.BuildTools(SettingsReader.Read(shell.GetValueOrDefault));
        var operators = tools.GetRequiredService<TreasuryAdministration>();
        var id = Assert.IsType<TreasuryAnswer.Done>(await ask(operators)).MovementId;
        Assert.IsType<TreasuryAnswer.Done>(await operators.ApproveAsync(id, "bob", "agreed", Ct));
    }

    private static Task AreFinalAsync(ServiceScene scene, ChainScene chain, int movements) => chain.MinedUntilAsync(
        "what was asked for is final",
        async () => await scene.Books.EventsAsync("movement.made_final.v1", Ct) == movements,
        Ct,
        blocks: 4);

    private static async Task IsOpenOnceAsync(ServiceScene scene, ChainScene chain, NodeHand node)
    {
        var channel = Assert.Single(await node.FundedAsync(Ct));
        Assert.Equal((HubChannelStage.Ready, (UInt128)(PutIn - KeptBack)), (channel.Stage, channel.LocalBalance));
        Assert.Equal(PutIn - KeptBack, await HadAsync(scene, "HubChannels"));
        Assert.Equal(KeptBack, await HadAsync(scene, "HubKeptBack"));
        Assert.Equal(1, await scene.Books.EventsAsync("movement.completed.v1", Ct));
        await AreRightAsync(scene, chain, reserved: 0);
    }

    /// <summary>The books are even, and the wallet has what they say.</summary>
    private static async Task AreRightAsync(ServiceScene scene, ChainScene chain, int reserved)
    {
        Assert.Equal(Wallet + await HadAsync(scene, "HubOnChain"), (long)await chain.HeldAsync(Ct));
        Assert.Equal(0, await HadAsync(scene, "InFlight"));
        Assert.Equal(0, await scene.Books.TrialBalanceAsync(Ct));
        Assert.Equal(0, await scene.Books.UnbalancedEntriesAsync(Ct));
        Assert.Equal(0, await scene.Books.DeadLettersAsync(Ct));
        Assert.Equal(reserved, await scene.Books.NumberAsync("select count(*) from read_models.wallet_cells", Ct));
    }

    private static Task<long> HadAsync(ServiceScene scene, string account) => scene.Books.NumberAsync(
        "select coalesce(-sum(units), 0) from read_models.account_balances where account = $1", Ct, account);
}
