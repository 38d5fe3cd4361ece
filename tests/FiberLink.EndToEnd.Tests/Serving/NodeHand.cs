using FiberLink.HubNode;
using FiberLink.Sandbox;

namespace FiberLink.EndToEnd.Tests.Serving;

/// <summary>Asks a node in the test's own name, as an operator does with a tool of the node's.</summary>
internal sealed class NodeHand : IAsyncDisposable
{
    private readonly HttpClient _http = new();
    private readonly JsonRpcHubNode _node;

    public NodeHand(Uri endpoint) => _node = new(_http, new() { Endpoint = endpoint }, TimeProvider.System);

    /// <summary>The public key of a peer that every sandbox node has.</summary>
    public static async Task<string> PeerOfSandboxAsync(CancellationToken ct)
    {
        await using var node = await SandboxNode.StartAsync(new() { Listen = new("http://127.0.0.1:0") }, TimeProvider.System, ct);
        await using var hand = new NodeHand(node.Endpoint);
        return await hand.PeerAsync(ct);
    }

    /// <summary>The public key of its first peer.</summary>
    public async Task<string> PeerAsync(CancellationToken ct) =>
        Assert.IsType<NodeAnswer<IReadOnlyList<HubPeer>>.Ok>(await _node.ListPeersAsync(ct)).Value[0].Peer;

    /// <summary>Every channel into which coins of a wallet were put, closed ones too.</summary>
    public async Task<IReadOnlyList<HubChannel>> FundedAsync(CancellationToken ct) =>
    [
        .. Assert.IsType<NodeAnswer<IReadOnlyList<HubChannel>>.Ok>(await _node.ListChannelsAsync(withClosed: true, ct)).Value
            .Where(c => c.FundingTransaction is not null && c.RemoteBalance == 0),
    ];

    /// <summary>Has it let an opening go.</summary>
    public async Task AbandonAsync(string channelId, CancellationToken ct) =>
        Assert.IsType<NodeAnswer<string>.Ok>(await _node.AbandonChannelAsync(channelId, ct));

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        _http.Dispose();
    }
}
