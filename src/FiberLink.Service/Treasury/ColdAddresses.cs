using FiberLink.Chain;
using FiberLink.Chain.Addresses;
using FiberLink.Chain.Transactions;
using FiberLink.Domain.Money;
using FiberLink.Service.Startup;
using FiberLink.Service.Wallet;

namespace FiberLink.Service.Treasury;

/// <summary>The addresses that the hot wallet may be swept to. A list in the settings: who can write events cannot add to it.</summary>
internal sealed class ColdAddresses(ServiceSettings settings)
{
    private readonly ChainParameters _chain = WalletChain.Of(settings);

    /// <summary>An address written in full, whichever way it came; null when it is none of this chain.</summary>
    public string? InFull(string address) => LockOf(address) is { } owner ? AddressCodec.Write(owner, _chain) : null;

    /// <summary>Null when it is no address of this chain.</summary>
    public Script? LockOf(string address) => AddressCodec.Read(address, _chain) is AddressReading.Read { Lock: var owner } ? owner : null;

    public bool IsAllowed(string address) =>
        LockOf(address) is { } owner && settings.Treasury.ColdAddresses.Any(cold => LockOf(cold) == owner);

    /// <summary>Whether a token has cells on this chain.</summary>
    /// <param name="token">As it is set up; null where it is not.</param>
    public bool CanHold(TokenScript? token) => TokenTypes.KnownOn(_chain, token) is not null;

    /// <summary>The least that a cell there can hold, in shannon.</summary>
    public static UInt128 MinimumOf(Script owner) => CellOutput.OccupiedShannon(owner, type: null, dataLength: 0);
}
