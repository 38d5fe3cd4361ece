namespace FiberLink.HubNode;

/// <summary>
/// What came of asking the node to send a payment. A refusal by the node does not mean that nothing was sent, and a lost answer says
/// nothing at all: so after either the node is asked for the payment, and what it has decides. The caller does the same: as long as the
/// outcome is not final, it asks for the payment again, and never sends it anew.
/// </summary>
public abstract record PaymentOutcome
{
    private PaymentOutcome()
    {
    }

    /// <summary>The node has the payment; its status says the rest.</summary>
    /// <param name="Payment">As of now.</param>
    public sealed record Known(HubPayment Payment) : PaymentOutcome;

    /// <summary>It is certain that the node has seen nothing of it. It may be sent again.</summary>
    public sealed record NotSent(NodeFailure Failure, string Detail) : PaymentOutcome;

    /// <summary>
    /// The node found the request wrong in itself, and has no payment of this hash. It may be given up after the node has been asked
    /// once more, minutes later.
    /// </summary>
    public sealed record Refused(PaymentFailure Failure) : PaymentOutcome;

    /// <summary>Nobody knows. The payment may be under way; that the node doesn't find it yet is no proof that it isn't.</summary>
    /// <param name="Detail">For people and logs.</param>
    public sealed record Unknown(string Detail) : PaymentOutcome;
}
