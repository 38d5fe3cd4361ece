using FiberLink.HubNode.Invoices;

namespace FiberLink.HubNode.JsonRpc;

/// <summary>
/// What can be said against an invoice before a node has to look at it. A node of version 0.8 is brought down by a text that isn't
/// what it seems, so none is shown to it that cannot be read here.
/// </summary>
internal static class InvoiceForm
{
    /// <summary>Null if there is nothing against it.</summary>
    public static string? Objection(string invoice) =>
        InvoiceCodec.Decode(invoice) is Invoices.InvoiceReading.Refused refused ? refused.Detail : null;
}
