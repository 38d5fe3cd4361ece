using FiberLink.Domain.Withdrawals;
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

    private static string Queued(bool wasTried, bool awaitsLiquidity) =>
        awaitsLiquidity ? LiquidityPending : wasTried ? RetryPending : Pending;
}
