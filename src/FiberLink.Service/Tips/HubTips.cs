using FiberLink.Events.Tips;
using FiberLink.EventStore;
using FiberLink.Projections.TipStatus;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Messages;

namespace FiberLink.Service.Tips;

/// <inheritdoc />
internal sealed class HubTips(TipStatusQuery byHash, TipCommands tips, Ids ids) : IHubTips
{
    /// <inheritdoc />
    public async Task<HubTip?> FindAsync(string paymentHash, CancellationToken ct)
    {
        if (await byHash.FindByPaymentHashAsync(paymentHash, ct) is not var (tenant, tipId))
        {
            return null;
        }

        var stored = await tips.LoadWithVersionAsync(tenant, tipId, ct);
        return new(tenant, tipId, stored.State, stored.Version);
    }

    /// <inheritdoc />
    public ChangePart HalfOf(HubTip tip, IReadOnlyList<TipEvent> events, DateTimeOffset now, string? correlationId) =>
        new(
            new(TipCommands.StreamOf(tip.Tenant, tip.TipId), ExpectedVersion.Exactly(tip.Version), ids.Of(events)),
            TipCommands.Attach(
                tip.Tenant, tip.State, tip.TipId, events, [CancelInvoice.For(tip.Tenant, tip.TipId, now, correlationId)]));

    /// <inheritdoc />
    public void Tell(HubTip tip, IReadOnlyList<TipEvent> events)
    {
        foreach (var @event in events)
        {
            tips.Tell(tip.Tenant, @event);
        }
    }
}
