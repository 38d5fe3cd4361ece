using FiberLink.HubNode.Invoices;

namespace FiberLink.HubNode.Tests.Invoices;

internal static class Invoices
{
    public static FiberInvoice Read(string text) => InvoiceCodec.Decode(text) switch
    {
        InvoiceReading.Decoded { Invoice: var invoice } => invoice,
        var refused => throw new Xunit.Sdk.XunitException($"{refused} for {text}"),
    };

    public static InvoiceRefusal Refusal(string text) => InvoiceCodec.Decode(text) switch
    {
        InvoiceReading.Refused { Reason: var reason, Detail.Length: > 10 } => reason,
        var reading => throw new Xunit.Sdk.XunitException($"{reading} for {text}"),
    };
}
