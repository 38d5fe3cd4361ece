namespace FiberLink.Service.Wallet;

/// <summary>Is told after each look at the wallet what of it is free.</summary>
internal interface IWalletListener
{
    /// <param name="free">Shannon in plain cells that nothing is going to spend.</param>
    /// <param name="ct">The loop's.</param>
    Task LookedAsync(UInt128 free, CancellationToken ct);
}
