using FiberLink.Chain;
using FiberLink.HubNode;
using FiberLink.Service.Startup;

namespace FiberLink.Service.Wallet;

/// <summary>The chain that addresses are of.</summary>
internal static class WalletChain
{
    public static ChainParameters Of(ServiceSettings settings) =>
        settings.Network is FiberCurrency.Fibb ? ChainParameters.Mainnet : ChainParameters.Testnet;
}
