using FiberLink.Events.Money;
using FiberLink.HubNode;
using FiberLink.Sandbox;
using FiberLink.Service.Startup;
using FiberLink.Service.Tests.Scene;
using FiberLink.Service.Treasury.Administration;
using FiberLink.Testing;

namespace FiberLink.Service.Tests.Treasury;

/// <summary>A treasury whose node has one peer, with which channels may be opened.</summary>
internal sealed class ChannelScene : IAsyncDisposable
{
    public const ulong Ckb = PaidChain.Ckb;

    /// <summary>What the node keeps back of each side of a channel.</summary>
    public const long KeptBack = 99 * (long)Ckb;

    private readonly HttpClient _http = new();
    private readonly JsonRpcHubNode _hub;

    private ChannelScene(TreasuryScene treasury, string peer)
    {
        (Treasury, Peer) = (treasury, peer);
        _hub = new(_http, new() { Endpoint = treasury.Service.Node.Endpoint }, TimeProvider.System);
    }

    public TreasuryScene Treasury { get; }

    public RunningService Service => Treasury.Service;

    public PaidChain Chain => Treasury.Chain;

    /// <summary>The one that is on the list.</summary>
    public string Peer { get; }

    public static async Task<ChannelScene> StartAsync(
        Func<ServiceSettings, ServiceSettings>? change = null, bool countsSteps = false, Func<Uri, Uri>? nodeUrl = null)
    {
        var peer = await PeerAsync();
        return new(
            await TreasuryScene.StartAsync(
                s => (change ?? (same => same))(s with { Treasury = s.Treasury with { Peers = [peer] } }), countsSteps, nodeUrl),
            peer);
    }

    /// <summary>What the node says, whatever stands between it and the service.</summary>
    public async Task<IReadOnlyList<HubChannel>> ChannelsAsync() =>
        Assert.IsType<NodeAnswer<IReadOnlyList<HubChannel>>.Ok>(await _hub.ListChannelsAsync(withClosed: true, Ct)).Value;

    /// <summary>ann asks for it.</summary>
    public async Task<Guid> AskAsync(ulong ckb) => Assert.IsType<TreasuryAnswer.Done>(
        await Treasury.Operators.RequestOpeningAsync(Peer, ckb * Ckb, "ann", "members wait", Ct)).MovementId;

    /// <summary>ann asks for it, and bob agrees.</summary>
    public async Task<Guid> OpenAsync(ulong ckb) => await AgreedAsync(await AskAsync(ckb));

    /// <summary>ann asks for it, and bob agrees.</summary>
    public async Task<Guid> CloseAsync(string channelId) => await AgreedAsync(Assert.IsType<TreasuryAnswer.Done>(
        await Treasury.Operators.RequestClosingAsync(channelId, "ann", "not needed", Ct)).MovementId);

    /// <summary>Blocks come, and time passes, until a movement has a stage.</summary>
    public Task ReachesAsync(Guid id, string stage, double secondsEach = 0.5) => Eventually.HoldsAsync(
        $"movement {id} is {stage}",
        async () =>
        {
            try
            {
                await Chain.Control.MineAsync(1, Ct);
            }
            catch (HttpRequestException)
            {
            }

            Service.Clock.Move(TimeSpan.FromSeconds(secondsEach));
            return await Treasury.StageOfAsync(id) == stage;
        },
        Ct);

    /// <summary>A message about a movement waits with these words.</summary>
    public Task WaitsAsync(string why) => Treasury.WaitsAsync(why);

    /// <summary>The channel is open, the books say so, and what is in the wallet is what the books say less what was put in.</summary>
    public async Task IsOpenOnceAsync(long ckb)
    {
        var channel = Assert.Single(await ChannelsAsync(), c => c.FundingTransaction is not null && c.RemoteBalance == 0);
        Assert.Equal((UInt128)(ckb * (long)Ckb) - (UInt128)KeptBack, channel.LocalBalance);
        var fees = -await Treasury.BalanceAsync(Account.NetworkFees);
        Assert.Equal(-((ckb * (long)Ckb) - KeptBack), await Treasury.BalanceAsync(Account.HubChannels));
        Assert.Equal(-KeptBack, await Treasury.BalanceAsync(Account.HubKeptBack));
        Assert.Equal((ckb * (long)Ckb) + fees, await Treasury.BalanceAsync(Account.HubOnChain));
        Assert.Equal(0, await Treasury.BalanceAsync(Account.InFlight));
        Assert.Equal(1, await Treasury.EventsAsync("movement.completed.v1"));
        Assert.InRange(fees, 1, 2 * (long)Service.Settings.Payouts.FeeMax);
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        _http.Dispose();
        await Treasury.DisposeAsync();
    }

    private async Task<Guid> AgreedAsync(Guid id)
    {
        Assert.Equal(new TreasuryAnswer.Done(id, true), await Treasury.Operators.ApproveAsync(id, "bob", "fine", Ct));
        return id;
    }

    // Every sandbox node has the same peers.
    private static async Task<string> PeerAsync()
    {
        await using var node = await SandboxNode.StartAsync(new() { Listen = new("http://127.0.0.1:0") }, TimeProvider.System, Ct);
        using var http = new HttpClient();
        await using var hub = new JsonRpcHubNode(http, new() { Endpoint = node.Endpoint }, TimeProvider.System);
        return Assert.IsType<NodeAnswer<IReadOnlyList<HubPeer>>.Ok>(await hub.ListPeersAsync(Ct)).Value[0].Peer;
    }
}
