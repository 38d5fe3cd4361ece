using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Withdrawals;
using FiberLink.Projections.Withdrawals;

namespace FiberLink.Service.Rpc;

/// <summary>A withdrawal's state in the words of the published contract.</summary>
internal static class WithdrawalWire
{
    public const string LiquidityPending = "LIQUIDITY_PENDING";
    public const string Pending = "PENDING";
    public const string Processing = "PROCESSING";
    public const string RetryPending = "RETRY_PENDING";
    public const string Completed = "COMPLETED";
    public const string Failed = "FAILED";

    public const string CkbAddress = "CKB_ADDRESS";
    public const string PaymentRequest = "PAYMENT_REQUEST";

    public static IReadOnlyList<string> States { get; } = [LiquidityPending, Pending, Processing, RetryPending, Completed, Failed];

    public static string KindOf(DestinationKind kind) => kind is DestinationKind.CkbAddress ? CkbAddress : PaymentRequest;

    public static string StateOf(WithdrawalState.Known state) =>
        state switch
        {
            WithdrawalState.Queued s => Queued(!s.Attempts.IsEmpty, s.AwaitsLiquidity),
            WithdrawalState.UnderWay => Processing,
            WithdrawalState.Completed or WithdrawalState.PaidAfterFailure => Completed,
            _ => Failed,
        };

    public static string StateOf(WithdrawalRow row) =>
        row.Stage switch
        {
            WithdrawalStage.Queued => Queued(row.Attempt > 0, row.AwaitsLiquidity),
            WithdrawalStage.Prepared or WithdrawalStage.Sent or WithdrawalStage.InBlock => Processing,
            WithdrawalStage.Completed or WithdrawalStage.PaidAfterFailure => Completed,
            _ => Failed,
        };

    /// <summary>The withdrawals that are in a state, for the read model to choose; all of them for any other word.</summary>
    public static WithdrawalChoice ChoiceOf(string state) =>
        state switch
        {
            LiquidityPending => new([WithdrawalStage.Queued], AwaitsLiquidity: true, WasTried: null),
            Pending => new([WithdrawalStage.Queued], AwaitsLiquidity: false, WasTried: false),
            RetryPending => new([WithdrawalStage.Queued], AwaitsLiquidity: false, WasTried: true),
            Processing => new([WithdrawalStage.Prepared, WithdrawalStage.Sent, WithdrawalStage.InBlock], null, null),
            Completed => new([WithdrawalStage.Completed, WithdrawalStage.PaidAfterFailure], null, null),
            Failed => new([WithdrawalStage.Failed, WithdrawalStage.Cancelled, WithdrawalStage.Lost], null, null),
            _ => new([], null, null),
        };

    private static string Queued(bool wasTried, bool awaitsLiquidity) =>
        awaitsLiquidity ? LiquidityPending : wasTried ? RetryPending : Pending;
}
