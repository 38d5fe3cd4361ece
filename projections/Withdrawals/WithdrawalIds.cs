using System.Diagnostics;
using FiberLink.Events.Withdrawals;

namespace FiberLink.Projections.Withdrawals;

/// <summary>Which withdrawal an event is about.</summary>
internal static class WithdrawalIds
{
    public static Guid Of(WithdrawalEvent @event) =>
        @event switch
        {
            WithdrawalEvent.Requested e => e.WithdrawalId,
            WithdrawalEvent.Approved e => e.WithdrawalId,
            WithdrawalEvent.HeldBack e => e.WithdrawalId,
            WithdrawalEvent.Released e => e.WithdrawalId,
            WithdrawalEvent.LiquidityAwaited e => e.WithdrawalId,
            WithdrawalEvent.LiquidityCovered e => e.WithdrawalId,
            WithdrawalEvent.TransactionPrepared e => e.WithdrawalId,
            WithdrawalEvent.PaymentPrepared e => e.WithdrawalId,
            WithdrawalEvent.Sent e => e.WithdrawalId,
            WithdrawalEvent.IncludedInBlock e => e.WithdrawalId,
            WithdrawalEvent.TakenBack e => e.WithdrawalId,
            WithdrawalEvent.AttemptFailed e => e.WithdrawalId,
            WithdrawalEvent.Completed e => e.WithdrawalId,
            WithdrawalEvent.Transferred e => e.WithdrawalId,
            WithdrawalEvent.UsdQuoted e => e.WithdrawalId,
            WithdrawalEvent.MadeFinal e => e.WithdrawalId,
            WithdrawalEvent.Failed e => e.WithdrawalId,
            WithdrawalEvent.Cancelled e => e.WithdrawalId,
            WithdrawalEvent.Lost e => e.WithdrawalId,
            WithdrawalEvent.PaidAfterFailure e => e.WithdrawalId,
            _ => throw new UnreachableException($"{@event.GetType().Name} is about no withdrawal."),
        };
}
