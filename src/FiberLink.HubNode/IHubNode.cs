namespace FiberLink.HubNode;

/// <summary>
/// What we ask of the hub node. Whatever the node does is answered as a value; only the caller's own cancellation throws
/// <see cref="OperationCanceledException"/>. No call is repeated behind the caller's back.
/// </summary>
public interface IHubNode
{
    /// <summary>Who the node is and on which chain.</summary>
    Task<NodeAnswer<NodeInfo>> GetInfoAsync(CancellationToken ct);

    /// <summary>
    /// Makes an invoice. Safe to repeat: the caller brings the preimage, so the hash is known. If the node says that the invoice exists
    /// already, the existing one is fetched by its hash and answered, whatever its terms: compare them.
    /// </summary>
    Task<NodeAnswer<HubInvoice>> CreateInvoiceAsync(NewInvoice request, CancellationToken ct);

    /// <summary>The invoice with this hash and its status, or <see cref="NodeFailure.InvoiceNotFound"/>.</summary>
    Task<NodeAnswer<HubInvoice>> FindInvoiceAsync(PaymentHash hash, CancellationToken ct);

    /// <summary>
    /// What an invoice says; its status is null. Meant for invoices that our own node has made: a node of version 0.8 can be brought down
    /// by parsing a crafted text, and only its outer form (prefix, length, checksum) is checked here first.
    /// </summary>
    Task<NodeAnswer<HubInvoice>> ParseInvoiceAsync(string invoice, CancellationToken ct);

    /// <summary>
    /// Cancels. Works on open, expired and received invoices; <see cref="NodeFailure.InvoiceAlreadyPaid"/> and
    /// <see cref="NodeFailure.InvoiceAlreadyCancelled"/> say why it didn't. A cancelled invoice may still become paid: keep watching.
    /// </summary>
    Task<NodeAnswer<HubInvoice>> CancelInvoiceAsync(PaymentHash hash, CancellationToken ct);
}
