using FiberLink.EndToEnd.Tests.Serving;
using FiberLink.Service;
using FiberLink.Service.Startup;
using FiberLink.Service.Treasury.Administration;
using Microsoft.Extensions.DependencyInjection;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.EndToEnd.Tests.Crashes;

/// <summary>A service that may move its coins into channels with one peer, and the operators who ask for it.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
internal sealed class ChannelScene : IAsyncDisposable
{
    private readonly ServiceScene _service;
    private readonly (string Name, string Value)[] _settings;
    private readonly string _peer;

    private ChannelScene(ChainScene chain, ServiceScene service, NodeHand node, string peer)
    {
        (Chain, _service, Node, _peer) = (chain, service, node, peer);

        // What counts is as deep as what is final, so that nobody has to wait for another look.
        _settings =
        [
            .. chain.Settings,
            (Names.TreasuryPeers, peer),
            (Names.TreasuryDayMax, "CKB:500"),
            (Names.PayoutConfirmations, "24"),
            (Names.PayoutFinalDepth, "24"),
        ];
    }

    public ChainScene Chain { get; }

    public NodeHand Node { get; }

    public Books Books => _service.Books;

    public static async Task<ChannelScene> StartAsync(CancellationToken ct)
    {
        var chain = await ChainScene.StartAsync(ct);
        var service = await ServiceScene.StartAsync(chain.Endpoint, ct);
        var node = new NodeHand(new(service.Settings[Names.NodeUrl]));
        return new(chain, service, node, await node.PeerAsync(ct));
    }

    public Task<RunningService> StartServiceAsync(CancellationToken ct) => _service.StartServiceAsync(ct, _settings);

    /// <summary>Starts one that kills itself at a step.</summary>
    public Task<RunningService> StartServiceAsync(string step, CancellationToken ct) =>
        _service.StartServiceAsync(ct, [.. _settings, (Names.StopAt, step)]);

    public Task OpenAsync(long shannon, CancellationToken ct) =>
        AgreedAsync(operators => operators.RequestOpeningAsync(_peer, (UInt128)shannon, "ann", "a test", ct), ct);

    public Task CloseAsync(string channelId, CancellationToken ct) =>
        AgreedAsync(operators => operators.RequestClosingAsync(channelId, "ann", "a test", ct), ct);

    /// <summary>Blocks come until so many movements are final.</summary>
    public Task AreFinalAsync(int movements, CancellationToken ct) => Chain.MinedUntilAsync(
        "what was asked for is final",
        async () => await Books.EventsAsync("movement.made_final.v1", ct) == movements,
        ct,
        blocks: 4);

    /// <returns>What the hub has in one of its accounts, in shannon.</returns>
    public Task<long> HadAsync(string account, CancellationToken ct) => Books.NumberAsync(
        "select coalesce(-sum(units), 0) from read_models.account_balances where account = $1", ct, account);

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await _service.DisposeAsync();
        await Chain.DisposeAsync();
    }

    private async Task AgreedAsync(Func<TreasuryAdministration, Task<TreasuryAnswer>> ask, CancellationToken ct)
    {
        var shell = _service.Settings;
        foreach (var (name, value) in _settings)
        {
            shell[name] = value;
        }

        await using var tools = ServiceHost.BuildTools(SettingsReader.Read(shell.GetValueOrDefault));
        var operators = tools.GetRequiredService<TreasuryAdministration>();
        var id = Assert.IsType<TreasuryAnswer.Done>(await ask(operators)).MovementId;
        Assert.IsType<TreasuryAnswer.Done>(await operators.ApproveAsync(id, "bob", "agreed", ct));
    }
}
