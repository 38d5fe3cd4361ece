using FiberLink.Chain.Transactions;

namespace FiberLink.Chain.Transfers;

/// <summary>What is wrong with an order whatever cells there are.</summary>
internal static class OrderCheck
{
    public static TransferPlan.Refused? Refusal(TransferOrder order, ChainParameters chain)
    {
        if (order.Payments.IsEmpty || order.InputsMax < 1)
        {
            return Bad("There is nobody to pay, or no cell may be spent.");
        }

        if (!chain.Sighash.IsCodeOf(order.Wallet) || order.Wallet.Args.Length != ChainParameters.KeyHashLength)
        {
            return Bad("The wallet's lock isn't the usual one of one key.");
        }

        foreach (var (index, payment) in order.Payments.Index())
        {
            if (Refusal(payment, index, chain) is { } refused)
            {
                return refused;
            }
        }

        return order.Payments.GroupBy(p => p.Udt).Any(Overflows) ? Bad("The payments together are more than there can be.") : null;
    }

    private static TransferPlan.Refused? Refusal(Payment payment, int index, ChainParameters chain)
    {
        if (payment.Amount == 0)
        {
            return Bad($"Payment {index} is of nothing.");
        }

        if (payment.Udt is { } udt)
        {
            return chain.TokenCodes.Any(c => c.IsCodeOf(udt)) ? null : Bad($"Payment {index} is of a token whose code is unknown.");
        }

        if (payment.Amount > ulong.MaxValue)
        {
            return Bad($"Payment {index} is of more coins than there can be.");
        }

        var least = CellOutput.OccupiedShannon(payment.Recipient, type: null, dataLength: 0);
        return payment.Amount < least
            ? new(TransferRefusal.BelowMinimum, $"Payment {index} is of {payment.Amount} shannon; its cell takes up {least}.")
            : null;
    }

    private static bool Overflows(IEnumerable<Payment> payments)
    {
        UInt128 sum = 0;
        foreach (var payment in payments)
        {
            if (UInt128.MaxValue - sum < payment.Amount)
            {
                return true;
            }

            sum += payment.Amount;
        }

        return false;
    }

    private static TransferPlan.Refused Bad(string detail) => new(TransferRefusal.BadOrder, detail);
}
