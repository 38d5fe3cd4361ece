using FiberLink.Domain.Withdrawals;

namespace FiberLink.Domain.Tests.Withdrawals;

/// <summary>A state as text: two are the same when their texts are. Lists within a record are compared by identity otherwise.</summary>
internal static class StateText
{
    public static string Of(WithdrawalState state)
    {
        var attempts = state is WithdrawalState.Known known
            ? known.Attempts.Select(a => $"{a.Number} {a.Evidence} {a.Fee} [{string.Join(' ', a.Transaction?.Inputs ?? [])}]")
            : [];
        var paid = state is WithdrawalState.PaidAfterFailure late ? string.Join(' ', late.Paid) : "";
        return $"{state} {string.Join(", ", attempts)} {paid}";
    }
}
