using FiberLink.Domain.Tips;
using FiberLink.Events.Tips;

namespace FiberLink.Service.CommandHandling;

/// <summary>A tip of this hub, whatever its community, at one version.</summary>
internal sealed record HubTip(string Tenant, Guid TipId, TipState State, long Version);

/// <summary>The tips of this hub for whoever pays one of them within it. The tips' own feature stands behind it.</summary>
internal interface IHubTips
{
    /// <summary>The tip whose invoice has a payment hash.</summary>
    /// <returns>Null when the hash is none of this hub's.</returns>
    Task<HubTip?> FindAsync(string paymentHash, CancellationToken ct);

    /// <summary>The tip's half of the change that pays it: its events, and what commits with them.</summary>
    /// <param name="tip">As it was decided on.</param>
    /// <param name="events">What was decided.</param>
    /// <param name="now">When.</param>
    /// <param name="correlationId">The request that set it off.</param>
    ChangePart HalfOf(HubTip tip, IReadOnlyList<TipEvent> events, DateTimeOffset now, string? correlationId);

    /// <summary>Tells operators what was committed.</summary>
    void Tell(HubTip tip, IReadOnlyList<TipEvent> events);
}
