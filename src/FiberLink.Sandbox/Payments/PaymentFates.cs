namespace FiberLink.Sandbox.Payments;

/// <summary>What becomes of payments: what their payees say, then what was ordered for the next ones, then what is natural.</summary>
internal sealed class PaymentFates(Payees payees)
{
    // What a payee says who doesn't know the hash, who gets less than asked for, and who has the payment already.
    private const string UnknownToPayee = "IncorrectOrUnknownPaymentDetails";
    private const string TooLittle = "FinalIncorrectTlcAmount";
    private const string HeldAlready = "HoldTlcTimeout";

    private (PaymentFate Fate, int Left) _next = (PaymentFate.Success, 0);

    public void Decide(PaymentFate fate, int count) => _next = (fate, count);

    /// <param name="order">The payment.</param>
    /// <param name="isTaken">The payee has been paid by an earlier attempt that was reported as failed.</param>
    public PaymentFate Take(PaymentOrder order, bool isTaken)
    {
        var invoice = payees.Find(order.Hash);
        if (isTaken || (invoice is not null && order.Amount < invoice.Amount))
        {
            return new(PaymentEnding.Fails, isTaken ? HeldAlready : TooLittle);
        }

        if (invoice is { Fate.Ending: not PaymentEnding.Succeeds })
        {
            return invoice.Fate;
        }

        if (_next.Left > 0)
        {
            _next = _next with { Left = _next.Left - 1 };
            return _next.Fate;
        }

        return invoice is null && order is { Invoice: null, Preimage: null }
            ? new(PaymentEnding.Fails, UnknownToPayee)
            : PaymentFate.Success;
    }
}
