using FiberLink.Events.Money;
using FiberLink.Events.Treasury;

namespace FiberLink.Service.Wallet;

/// <summary>Looks at once at what the hub has, and compares it with the books and with what is under way.</summary>
internal interface IInventory
{
    /// <summary>Every place and asset that could be looked at.</summary>
    Task<IReadOnlyList<InventoryLine>> LookAsync(CancellationToken ct);
}

/// <summary>What there is of one asset at one place, in smallest units.</summary>
/// <param name="Place">Where.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Books">What the books say is there.</param>
/// <param name="Seen">What was seen there; null when nobody could look.</param>
/// <param name="Unexplained">
/// How much more was seen than is explained, below zero when some is missing; null when it cannot be told.
/// </param>
/// <param name="Since">Since when a service has noticed a difference there; null when none has.</param>
internal sealed record InventoryLine(
    HubPlace Place, Asset Asset, Int128 Books, UInt128? Seen, Int128? Unexplained, DateTimeOffset? Since);
