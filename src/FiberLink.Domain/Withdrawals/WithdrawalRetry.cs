namespace FiberLink.Domain.Withdrawals;

/// <summary>
/// Whether an operator may end the pause between two attempts. It is a release that ends nothing else: no hold of another operator's,
/// no approval that is still to come, no cooling-off of a new destination.
/// </summary>
public static class WithdrawalRetry
{
    /// <returns>Null when it may be released; where nothing keeps it waiting that is nothing new.</returns>
    public static WithdrawalRefusal? Objection(WithdrawalState state, DateTimeOffset now) =>
        state switch
        {
            WithdrawalState.Unknown => WithdrawalRefusal.WithdrawalIsUnknown,
            WithdrawalState.Queued { IsHeldBack: true } or WithdrawalState.Queued { NeedsApproval: true } => WithdrawalRefusal.IsNotReady,
            WithdrawalState.Queued { Attempts.IsEmpty: true, NotBefore: { } end } when end > now => WithdrawalRefusal.IsNotReady,
            WithdrawalState.Queued => null,
            WithdrawalState.UnderWay => WithdrawalRefusal.IsOnItsWay,
            _ => WithdrawalRefusal.IsOver,
        };
}
