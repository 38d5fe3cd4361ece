namespace FiberLink.Sandbox.Payments;

/// <summary>What the book says to a request about a payment: the payment as it is now, or why not.</summary>
internal abstract record PaymentAnswer
{
    private PaymentAnswer()
    {
    }

    public sealed record Done(SandboxPayment Payment) : PaymentAnswer;

    public sealed record Refused(string Reason) : PaymentAnswer;
}
