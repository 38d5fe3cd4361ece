using System.Text.Json;
using FiberLink.Domain.Money;
using FiberLink.Events.Money;
using FiberLink.Projections.AccountBalances;
using FiberLink.Projections.TipActivity;
using FiberLink.Service.Rpc;
using FiberLink.Service.Secrets;
using FiberLink.Service.Startup;

namespace FiberLink.Service.Dashboards;

/// <summary><c>dashboard.summary</c>: a member's balances, counts and newest tips; and, for the forum's admins, the community's.</summary>
internal sealed class GetDashboardSummary(
    AccountBalancesQuery balances,
    TipActivityQuery activity,
    AdminOverview admin,
    MemberTexts texts,
    AssetSettings assets,
    TimeProvider time)
{
    private const int LimitDefault = 20;

    private readonly DashboardValidator _validator = new();

    // Each open dashboard polls for its own member.
    public RpcMethod Method => new(
        "dashboard.summary",
        IsRead: true,
        p => ParamRules.Subject(p, "userId"),
        HandleAsync);

    private async Task<RpcResult> HandleAsync(RpcCall call, CancellationToken ct)
    {
        var request = DashboardParams.Of(call.Params);
        if (ParamRules.Check(_validator, call.Params, request) is { } issues)
        {
            return RpcResult.Invalid(issues);
        }

        var member = request.UserId.GetString()!;
        var limit = (int?)ParamRules.Whole(request.Limit) ?? LimitDefault;
        var counts = await activity.CountAsync(call.App, member, ct);
        var tips = await activity.OfMemberAsync(call.App, member, limit, ct);
        var messages = await texts.OpenAsync([.. tips.Select(t => t.Message)], ct);
        var owned = await BalancesAsync(call.App, member, counts, ct);
        var summary = new DashboardSummary(
            owned.Available,
            owned,
            new(counts.Sum(c => c.Pending), counts.Sum(c => c.Completed), counts.Sum(c => c.Failed)),
            [.. tips.Select((tip, i) => TipOf(tip, member, messages[i]))],
            request.IncludeAdmin.ValueKind is JsonValueKind.True ? await admin.ReadAsync(call.App, request, ct) : null,
            TipWire.Time(time.GetUtcNow()));
        return RpcResult.Json(summary, DashboardJson.Default.DashboardSummary);
    }

    // The contract's balances are in CKB alone; other assets are never mixed in.
    private async Task<DashboardBalances> BalancesAsync(
        string app, string member, IReadOnlyList<MemberTipCounts> counts, CancellationToken ct)
    {
        var all = await balances.OfMemberAsync(app, member, ct);
        Int128 Of(Account account) => all.Where(b => b.Account == account && b.Asset == Asset.Ckb).Select(b => b.Units).SingleOrDefault();
        var held = Of(Account.MemberHeld);
        var pending = counts.Where(c => c.Asset == Asset.Ckb).Select(c => c.IncomingUnits).SingleOrDefault();
        return new(
            assets.Format(Asset.Ckb, Of(Account.MemberAvailable) + held),
            AmountText.Format(pending, AssetDefinition.Ckb.Decimals),
            assets.Format(Asset.Ckb, held),
            Asset.Ckb.Code);
    }

    private DashboardTip TipOf(TipActivityRow tip, string member, string? message) =>
        new(
            tip.TipId.ToString(),
            tip.Invoice,
            tip.PostId,
            assets.Format(tip.Amount),
            tip.Amount.Asset.Code,
            TipWire.StateOf(tip.Stage),
            tip.To == member ? "IN" : "OUT",
            tip.To == member ? tip.From : tip.To,
            message,
            TipWire.Time(tip.RequestedAt),
            tip.SettledAt is { } at ? TipWire.Time(at) : null);
}
