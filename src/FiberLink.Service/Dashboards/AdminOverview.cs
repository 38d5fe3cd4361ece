using System.Text.Json;
using FiberLink.Projections;
using FiberLink.Projections.Communities;
using FiberLink.Projections.TipActivity;
using FiberLink.Projections.Withdrawals;
using FiberLink.Service.Rpc;
using FiberLink.Service.Startup;

namespace FiberLink.Service.Dashboards;

/// <summary>What the forum's admins see of their own community, and of no other.</summary>
internal sealed class AdminOverview(
    CommunitiesQuery communities, TipActivityQuery activity, WithdrawalsQuery withdrawals, AssetSettings assets)
{
    private const int RowsMax = 40;

    public async Task<DashboardAdmin> ReadAsync(string app, DashboardParams request, CancellationToken ct)
    {
        var filters = new DashboardFilters(Filter(request.WithdrawalState), Filter(request.SettlementState));
        var community = await communities.FindAsync(app, ct);
        var stages = filters.SettlementState == DashboardParams.All ? null : TipWire.StagesOf(filters.SettlementState);
        var tips = await activity.OfCommunityAsync(app, new TipActivityFilter(stages, RowsMax), ct);
        var asked = await withdrawals.OfCommunityAsync(app, WithdrawalWire.ChoiceOf(filters.WithdrawalState), RowsMax, ct);
        var counts = await activity.CountByStageAsync(app, ct);
        return new(
            filters,
            community is null ? [] : [new(community.AppId, TipWire.Time(community.RegisteredAt))],
            [.. asked.Select(WithdrawalOf)],
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

    private DashboardWithdrawal WithdrawalOf(WithdrawalRow row)
    {
        var state = WithdrawalWire.StateOf(row);
        return new(
            row.WithdrawalId.ToString(),
            row.Member,
            row.Amount.Asset.Code,
            assets.Format(row.Amount),
            state,
            WithdrawalWire.KindOf(row.DestinationKind),
            row.Destination,
            row.Stage is WithdrawalStage.Queued or WithdrawalStage.Failed or WithdrawalStage.Cancelled
                ? row.Attempt
                : Math.Max(row.Attempt - 1, 0),
            TipWire.Time(row.RequestedAt),
            TipWire.Time(row.UpdatedAt),
            row.CompletedAt is { } at ? TipWire.Time(at) : null,
            IsWithTheNetwork(row.Stage) ? row.Evidence : null,
            state == WithdrawalWire.RetryPending && row.NotBefore is { } time ? TipWire.Time(time) : null,
            row.LastError,
            state == WithdrawalWire.LiquidityPending ? "hot wallet underfunded" : null,
            state == WithdrawalWire.LiquidityPending ? TipWire.Time(row.UpdatedAt) : null);
    }

    // Of what was prepared the network need not have heard, and what failed or is lost is evidence of nothing.
    private static bool IsWithTheNetwork(WithdrawalStage stage) =>
        stage is WithdrawalStage.Sent or WithdrawalStage.InBlock or WithdrawalStage.Completed or WithdrawalStage.PaidAfterFailure;

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
