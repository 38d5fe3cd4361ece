using FiberLink.Chain.Node;
using FiberLink.Chain.Signing.Remote;
using FiberLink.Crypto;
using FiberLink.Projections.WalletCells;
using FiberLink.Service.Startup;

namespace FiberLink.Service.Wallet;

/// <summary>What pays on chain.</summary>
internal static class WalletModule
{
    /// <summary>The wallet, with the chain's node and the signer where they are set up.</summary>
    public static IServiceCollection AddWallet(this IServiceCollection services, ServiceSettings settings)
    {
        services.AddSingleton<SpentCells>().AddSingleton(s => new HotWallet(
            s.GetService<ChainAccess>(), settings, s.GetRequiredService<WalletCellsQuery>(), s.GetRequiredService<TimeProvider>()));
        var payouts = settings.Payouts;
        return payouts is { CkbUrl: { } url, SignerSocket: { } socket, SignerPubkey: { } key }
            ? services
                .AddSingleton<ChainHttpClient>()
                .AddSingleton(s => new ChainAccess(
                    new JsonRpcCkbNode(
                        s.GetRequiredService<ChainHttpClient>(), new() { Endpoint = url }, s.GetRequiredService<TimeProvider>()),
                    new RemoteSigner(
                        new() { SocketPath = socket, PublicKey = PublicKey.Parse(key) },
                        WalletChain.Of(settings),
                        s.GetRequiredService<TimeProvider>())))
            : services;
    }
}
