using FiberLink.HubNode;

namespace FiberLink.Service.Startup;

/// <summary>The connections to the chain's node; calls have deadlines of their own.</summary>
#pragma warning disable CA2000 // The client disposes it.
internal sealed class ChainHttpClient : HttpClient
{
    public ChainHttpClient()
        : base(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) =>
        Timeout = System.Threading.Timeout.InfiniteTimeSpan;
}
#pragma warning restore CA2000

/// <summary>The connections to the node. Made anew every few minutes, so that a name that points elsewhere is noticed.</summary>
#pragma warning disable CA2000 // The client disposes it.
internal sealed class NodeHttpClient() : HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
#pragma warning restore CA2000
{
    /// <summary>How the node is spoken to.</summary>
    public static HubNodeOptions Options(ServiceSettings settings) =>
        new()
        {
            Endpoint = settings.NodeUrl,
            CallTimeout = settings.NodeTimeout,
            BearerToken = settings.NodeToken,
            BearerTokenFile = settings.NodeTokenFile,
            ExpectedPubkey = settings.NodePubkey,
        };
}
