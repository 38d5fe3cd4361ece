using System.Text.Json;
using FiberLink.Projections;
using FiberLink.Projections.Communities;
using FiberLink.Projections.TipActivity;
using FiberLink.Service.Rpc;
using FiberLink.Service.Startup;

namespace FiberLink.Service.Dashboards;

/// <summary>What the forum's admins see of their own community, and of no other.</summary>
internal sealed class AdminOverview(CommunitiesQuery communities, TipActivityQuery activity, AssetSettings assets)
{
    private const int RowsMax = 40;

    public async Task<DashboardAdmin> ReadAsync(string app, DashboardParams request, CancellationToken ct)
    {
        var filters = new DashboardFilters(Filter(request.WithdrawalState), Filter(request.SettlementState));
        var community = await communities.FindAsync(app, ct);
        var stages = filters.SettlementState == DashboardParams.All ? null : TipWire.StagesOf(filters.SettlementState);
        var tips = await activity.OfCommunityAsync(app, new TipActivityFilter(stages, RowsMax), ct);
        var counts = await activity.CountByStageAsync(app, ct);
        return new(
            filters,
            community is null ? [] : [new(community.AppId, TipWire.Time(community.RegisteredAt))],
            [],
            [.. tips.Select(SettlementOf)],
            new(
                [.. TipWire.States.Select(state => new DashboardStage(
                    state, counts.Where(c => TipWire.StateOf(c.Key) == state).Sum(c => c.Value)))],
                [.. tips.Select(InvoiceOf)]));
    }

    private static string Filter(JsonElement value) => RpcEnvelope.Text(value) ?? DashboardParams.All;

    private static DashboardSettlement SettlementOf(TipActivityRow tip) =>
        new(
            tip.TipId.ToString(),
            tip.Invoice,
            tip.From,
            tip.To,
            TipWire.StateOf(tip.Stage),
            0,
            TipWire.Time(tip.RequestedAt),
            tip.SettledAt is { } at ? TipWire.Time(at) : null,
            null,
            null,
            null,
            tip.Stage is TipStage.Expired or TipStage.Cancelled ? "FAILED_UPSTREAM_REPORTED" : null);

    private DashboardInvoice InvoiceOf(TipActivityRow tip) =>
        new(
            tip.Invoice,
            TipWire.StateOf(tip.Stage),
            assets.Format(tip.Amount),
            tip.Amount.Asset.Code,
            tip.From,
            tip.To,
            TipWire.Time(tip.RequestedAt),
            $"/fiber-link/timeline/{Uri.EscapeDataString(tip.Invoice)}");
}
