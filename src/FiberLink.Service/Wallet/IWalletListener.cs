using FiberLink.Events.Money;

namespace FiberLink.Service.Wallet;

/// <summary>Is told after each look at the wallet what of it is free.</summary>
internal interface IWalletListener
{
    /// <param name="free">Of each asset, what nothing is going to spend: shannon in plain cells, and smallest units of tokens.</param>
    /// <param name="ct">The loop's.</param>
    Task LookedAsync(IReadOnlyDictionary<Asset, UInt128> free, CancellationToken ct);
}
