using System.Text.Json.Serialization;

namespace FiberLink.Service.Dashboards;

/// <summary>The answer of <c>dashboard.summary</c>. Amounts are decimal strings, times ISO 8601 in UTC.</summary>
internal sealed record DashboardSummary(
    string Balance,
    DashboardBalances Balances,
    DashboardStats Stats,
    IReadOnlyList<DashboardTip> Tips,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DashboardAdmin? Admin,
    string GeneratedAt);

/// <param name="Available">Everything the member has, what is locked included.</param>
/// <param name="Pending">Tips to the member that may still settle.</param>
/// <param name="Locked">What open withdrawals hold.</param>
/// <param name="Asset">Always CKB.</param>
internal sealed record DashboardBalances(string Available, string Pending, string Locked, string Asset);

internal sealed record DashboardStats(long PendingCount, long CompletedCount, long FailedCount);

internal sealed record DashboardTip(
    string Id,
    string Invoice,
    string PostId,
    string Amount,
    string Asset,
    string State,
    string Direction,
    string CounterpartyUserId,
    string? Message,
    string CreatedAt,
    string? SettledAt);

internal sealed record DashboardAdmin(
    DashboardFilters FiltersApplied,
    IReadOnlyList<DashboardApp> Apps,
    IReadOnlyList<object> Withdrawals,
    IReadOnlyList<DashboardSettlement> Settlements,
    DashboardBoard PipelineBoard);

internal sealed record DashboardFilters(string WithdrawalState, string SettlementState);

internal sealed record DashboardApp(string AppId, string CreatedAt);

internal sealed record DashboardSettlement(
    string Id,
    string Invoice,
    string FromUserId,
    string ToUserId,
    string State,
    int RetryCount,
    string CreatedAt,
    string? SettledAt,
    string? NextRetryAt,
    string? LastCheckedAt,
    string? LastError,
    string? FailureReason);

internal sealed record DashboardBoard(IReadOnlyList<DashboardStage> StageCounts, IReadOnlyList<DashboardInvoice> InvoiceRows);

internal sealed record DashboardStage(string Stage, long Count);

internal sealed record DashboardInvoice(
    string Invoice,
    string State,
    string Amount,
    string Asset,
    string FromUserId,
    string ToUserId,
    string CreatedAt,
    string TimelineHref);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DashboardSummary))]
internal sealed partial class DashboardJson : JsonSerializerContext;
