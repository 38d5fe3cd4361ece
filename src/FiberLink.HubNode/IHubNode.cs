namespace FiberLink.HubNode;

/// <summary>
/// What we ask of the hub node. Whatever the node does is answered as a value; only the caller's own cancellation throws
/// <see cref="OperationCanceledException"/>. After an outage, calls that are safe to repeat are repeated within their time; a payment is
/// never sent twice.
/// </summary>
public interface IHubNode : INodeInvoices, INodePayments, INodeChannels, INodeFunding
{
    /// <summary>Whether calls go to the node, or fail at once because it has not answered lately.</summary>
    NodeCircuitState Circuit { get; }

    /// <summary>Who the node is and on which chain. Also asked of a node that has not answered lately: this is what finds out.</summary>
    Task<NodeAnswer<NodeInfo>> GetInfoAsync(CancellationToken ct);
}

/// <summary>Money that comes in.</summary>
public interface INodeInvoices
{
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

    /// <summary>
    /// Releases the preimage of an invoice that is held (<see cref="HubInvoiceStatus.Received"/>), and answers its hash. That says that
    /// settling has begun: the money is ours when the invoice is <see cref="HubInvoiceStatus.Paid"/>, and not before.
    /// </summary>
    Task<NodeAnswer<PaymentHash>> SettleInvoiceAsync(PaymentHash hash, Preimage preimage, CancellationToken ct);
}

/// <summary>Money that goes out.</summary>
public interface INodePayments
{
    /// <summary>
    /// Sends a payment, once. Persist the intent and the hash first. If the node refuses or does not answer, it is asked for the payment,
    /// and what it has decides. Payments to the node's own invoices are refused by it. A caller who cancels knows nothing: find it.
    /// </summary>
    Task<PaymentOutcome> SendPaymentAsync(PaymentRequest request, CancellationToken ct);

    /// <summary>
    /// The payment with this hash, or <see cref="NodeFailure.PaymentNotFound"/>, which soon after a call without an answer is no proof:
    /// the call may still wait inside the node.
    /// </summary>
    Task<NodeAnswer<HubPayment>> FindPaymentAsync(PaymentHash hash, CancellationToken ct);

    /// <summary>One page of payments.</summary>
    /// <param name="status">Only those; null for all.</param>
    /// <param name="after">The last page's <see cref="PaymentPage.Next"/>; null begins.</param>
    /// <param name="limit">1 to 100.</param>
    /// <param name="ct">The caller's.</param>
    Task<NodeAnswer<PaymentPage>> ListPaymentsAsync(HubPaymentStatus? status, PaymentHash? after, int limit, CancellationToken ct);
}

/// <summary>What the node can send and receive with.</summary>
public interface INodeChannels
{
    /// <summary>The node's channels.</summary>
    /// <param name="withClosed">Those that are closed too.</param>
    /// <param name="ct">The caller's.</param>
    Task<NodeAnswer<IReadOnlyList<HubChannel>>> ListChannelsAsync(bool withClosed, CancellationToken ct);

    /// <summary>The peers it is connected with.</summary>
    Task<NodeAnswer<IReadOnlyList<HubPeer>>> ListPeersAsync(CancellationToken ct);
}
