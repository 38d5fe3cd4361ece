namespace FiberLink.Sandbox.Invoices;

/// <summary>What the book says to a request: the invoice as it is now, or why not.</summary>
internal abstract record BookAnswer
{
    private BookAnswer()
    {
    }

    public sealed record Done(SandboxInvoice Invoice) : BookAnswer;

    public sealed record Refused(string Reason) : BookAnswer;
}
