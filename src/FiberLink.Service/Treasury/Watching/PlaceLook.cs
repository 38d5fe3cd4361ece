using FiberLink.Events.Money;
using FiberLink.Events.Treasury;

namespace FiberLink.Service.Treasury.Watching;

/// <summary>What was seen of one asset at one place, in smallest units.</summary>
/// <param name="Place">Where.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Total">All that is ours.</param>
/// <param name="Usable">What can pay at once: free cells, or what open channels can send.</param>
/// <param name="Pending">What is set aside: cells that transactions spend, or what payments under way hold.</param>
/// <param name="Receivable">What open channels can receive.</param>
/// <param name="SeenAt">When.</param>
internal sealed record PlaceLook(
    HubPlace Place, Asset Asset, UInt128 Total, UInt128 Usable, UInt128 Pending, UInt128 Receivable, DateTimeOffset SeenAt);

/// <summary>An alarm that stands.</summary>
/// <param name="Kind">What.</param>
/// <param name="Place">Where.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Units">By how much.</param>
/// <param name="Since">When it was noticed first.</param>
/// <param name="IsTold">Whether it was logged: it has to last for a while.</param>
internal sealed record StandingAlarm(
    Domain.Treasury.TreasuryAlarmKind Kind, HubPlace Place, Asset Asset, Int128 Units, DateTimeOffset Since, bool IsTold);
