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
    IReadOnlyList<DashboardWithdrawal> Withdrawals,
    IReadOnlyList<DashboardSettlement> Settlements,
    DashboardBoard PipelineBoard);

internal sealed record DashboardFilters(string WithdrawalState, string SettlementState);

internal sealed record DashboardApp(string AppId, string CreatedAt);

/// <param name="Id">The withdrawal.</param>
/// <param name="UserId">Whose.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Amount">What was asked for.</param>
/// <param name="State">In the words of the contract.</param>
/// <param name="DestinationKind">CKB_ADDRESS or PAYMENT_REQUEST.</param>
/// <param name="ToAddress">The address or the invoice.</param>
/// <param name="RetryCount">How many attempts have failed.</param>
/// <param name="CreatedAt">When it was asked for.</param>
/// <param name="UpdatedAt">When something happened to it last.</param>
/// <param name="CompletedAt">When the recipient had it.</param>
/// <param name="TxHash">The transaction's hash or the payment's, once the network was seen to have it.</param>
/// <param name="NextRetryAt">When the next attempt may be made.</param>
/// <param name="LastError">Why the last attempt, or all of it, came to nothing.</param>
/// <param name="LiquidityPendingReason">While the wallet does not cover it.</param>
/// <param name="LiquidityCheckedAt">While the wallet does not cover it: when something was found out about it last.</param>
internal sealed record DashboardWithdrawal(
    string Id,
    string UserId,
    string Asset,
    string Amount,
    string State,
    string DestinationKind,
    string ToAddress,
    int RetryCount,
    string CreatedAt,
    string UpdatedAt,
    string? CompletedAt,
    string? TxHash,
    string? NextRetryAt,
    string? LastError,
    string? LiquidityPendingReason,
    string? LiquidityCheckedAt);

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
